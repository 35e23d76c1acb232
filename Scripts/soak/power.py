"""Power cuts: the file systems under the server and under a device drop what was not synced to the disk.

Each lies on an ext4 of its own in a file. `xfs_io -x -c shutdown` ends that file system at once, as a cut would: every
write that no fsync has waited for is gone. Then it is mounted again, and life goes on.

A cut stops everything in one moment. So the processes on that disk are stopped before it goes, and killed after: the
fdatasync that is under way when ext4 shuts down returns 0 now and then, although what it was to write is gone (Linux
6.18), and a process that lives on would acknowledge that.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import time

from ledger import Skipped, Trouble
from world import World


class Disk:
    """An ext4 file system in a file, whose power can be cut."""

    def __init__(self, folder, name, megabytes=128):
        self.image, self.folder = pathlib.Path(folder, f"{name}.image"), pathlib.Path(folder, f"{name}.disk")
        self.folder.mkdir()
        with open(self.image, "wb") as image:
            image.truncate(megabytes << 20)
        self.command("mkfs.ext4", "-q", "-F", str(self.image))
        self.mount()

    def command(self, *words):
        run = subprocess.run(words, capture_output=True, text=True, timeout=60)
        if run.returncode:
            raise Skipped(f"`{' '.join(words)}` does not work here: {run.stderr.strip()}")

    def mount(self):
        self.command("mount", "-o", "loop", str(self.image), str(self.folder))

    def cut(self):
        self.command("xfs_io", "-x", "-c", "shutdown", str(self.folder))

    def unmount(self):
        self.command("umount", str(self.folder))

    def come_back(self):
        self.unmount()
        self.mount()

    def remove(self):
        subprocess.run(["umount", "-l", str(self.folder)], capture_output=True)
        self.image.unlink()


def require_disks():
    if os.geteuid() != 0:
        raise Skipped("needs root, to mount file systems")
    for command, package in (("xfs_io", "xfsprogs"), ("mkfs.ext4", "e2fsprogs")):
        if not shutil.which(command):
            raise Skipped(f"{command} is not installed (Debian: {package})")


class PowerPlay:
    """The phone and the server each on a disk of its own; the desk on a safe one."""

    def __init__(self, world):
        self.world, self.ledger, self.chance = world, world.ledger, world.soak.chance
        self.phone_disk, self.server_disk = Disk(world.folder, "phone"), Disk(world.folder, "server")
        self.phone = world.device("phone", self.phone_disk.folder / "home")
        self.desk = world.device("desk")
        world.server.data = self.server_disk.folder / "data"

    def type(self):
        for _ in range(self.chance.randint(1, 3)):
            self.phone.add(self.ledger).ok()
        if self.chance.random() < 0.3:
            ids, (note, word) = self.phone.identifiers(), self.chance.choice(self.ledger.live())
            change = self.phone.remove if self.chance.random() < 0.3 else self.phone.edit
            change(self.ledger, ids[word], note).ok()

    def cut(self, disks):
        """Cuts at rest, right behind an acknowledgement, or in the middle of a save and of a sync."""
        moment = self.chance.choice(["behind a save", "behind a sync", "in a save", "in a sync"])
        running, word = None, None
        if moment == "behind a sync":
            self.phone.sync().ok()
        if moment == "in a save":
            word = self.ledger.word()
            running = self.phone.start("note", "add", f"Heard {word} here.")
        if moment == "in a sync":
            running = self.phone.start("sync")
        if running:
            time.sleep(self.chance.uniform(0, 0.15))
        on_disk = {self.server_disk: self.world.server.process, self.phone_disk: running}
        self.end([on_disk[disk] for disk in disks if on_disk[disk]], disks)
        if running:
            run = self.phone.finish(running, [moment])
            if word:
                self.ledger.wrote(run.status, word, word)
            if run.status not in (0, -signal.SIGKILL):
                run.failed_cleanly()
        return moment

    def end(self, processes, disks):
        for process in processes:
            process.send_signal(signal.SIGSTOP)
        for disk in disks:
            disk.cut()
        for process in processes:
            process.kill()
        if self.world.server.process in processes:
            self.world.server.ended()

    def come_back(self, disks):
        for disk in disks:
            disk.come_back()
        if self.server_disk in disks:
            self.restart()

    def restart(self):
        """Now and then the power goes again while the server recovers."""
        server = self.world.server
        if self.chance.random() < 0.25:
            server.launch()
            time.sleep(self.chance.uniform(0, 0.3))
            self.end([server.process], [self.server_disk])
            self.server_disk.come_back()
        server.start()

    def look(self, disks, moment):
        if self.phone_disk in disks:
            self.phone.doctor()
            self.ledger.check(self.phone.export(), "phone after the cut")
        if moment == "behind a sync":
            # The phone does not come first, so that what the server lost would be missed here.
            self.desk.sync().ok()
            self.ledger.check(self.desk.export(), "desk after the cut")


def power_cuts_lose_nothing(soak):
    """What a device or the server has acknowledged is there after a power cut, exactly once, on every device"""
    require_disks()
    rounds = soak.amount(10, 500)
    counts = {"phone": 0, "server": 0, "both": 0}
    with World(soak) as world:
        play = PowerPlay(world)
        try:
            world.begin()
            for number in range(rounds):
                name = soak.chance.choice(list(counts))
                counts[name] += 1
                disks = [disk for disk in (play.phone_disk, play.server_disk) if name in (disk.image.stem, "both")]
                play.type()
                moment = play.cut(disks)
                try:
                    play.come_back(disks)
                    play.look(disks, moment)
                    world.settle()
                except Trouble as trouble:
                    raise Trouble(f"cut {number} of the {name} {moment}: {trouble}") from None
        finally:
            world.server.kill()
            play.phone_disk.remove()
            play.server_disk.remove()
    return f"{rounds} cuts ({', '.join(f'{count} of {name}' for name, count in counts.items())})"


CHECKS = [power_cuts_lose_nothing]
