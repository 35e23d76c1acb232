"""Full disks: a device and a server on a file system of a few hundred kilobytes."""

import contextlib
import os
import subprocess

from ledger import Skipped, Trouble
from world import World

NOTE_LENGTH = 4000
MOST_NOTES = 1000
SMALL_KILOBYTES, LARGE_KILOBYTES = 768, 32768


def mount_command(*words):
    run = subprocess.run(words, capture_output=True, text=True, timeout=60)
    if run.returncode:
        raise Skipped(f"`{' '.join(words)}` does not work here: {run.stderr.strip()}")


@contextlib.contextmanager
def small_disk(folder, name):
    """A file system in memory with little room, and a way to make it larger."""
    if os.geteuid() != 0:
        raise Skipped("needs root, to mount file systems")
    place = folder / f"{name}.disk"
    place.mkdir()
    mount_command("mount", "-t", "tmpfs", "-o", f"size={SMALL_KILOBYTES}k", "soak", str(place))
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], capture_output=True)


def resize(place, kilobytes):
    mount_command("mount", "-o", f"remount,size={kilobytes}k", str(place))


def used_kilobytes(place):
    info = os.statvfs(place)
    return (info.f_blocks - info.f_bfree) * info.f_frsize // 1024


def expect_full(run):
    """74 and a message that names the disk."""
    run.failed_cleanly()
    if run.status != 74:
        raise Trouble(f"a full disk should be 74: {run}")


def add_until_full(device, ledger):
    """Long notes until one is refused; returns how many were kept."""
    for count in range(MOST_NOTES):
        word = ledger.word()
        run = device.run("note", "add", f"Heard {word} {device.soak.chatter(NOTE_LENGTH)}")
        ledger.wrote(run.status, word, word)
        if run.status != 0:
            expect_full(run)
            return count
    raise Trouble("the disk never became full: this shows nothing")


def full_device_goes_on_with_room(soak):
    """A device with a full disk refuses saves and pulls cleanly, still shows everything, and goes on once there is room"""
    rounds = soak.amount(1, 25)
    kept = 0
    for _ in range(rounds):
        with World(soak, "desk") as world, small_disk(world.folder, "phone") as place:
            desk, phone = world.devices[0], world.device("phone", place / "home")
            world.begin()
            kept += add_until_full(phone, world.ledger)
            phone.doctor()
            world.ledger.check(phone.export(), "phone, full")
            for _ in range(3):
                expect_full_or_saved(phone, world.ledger)
            # Notes from elsewhere do not fit either.
            desk.fill(world.ledger, 500, length=1000)
            desk.sync().ok()
            expect_full(phone.sync())
            phone.doctor()
            resize(place, LARGE_KILOBYTES)
            phone.add(world.ledger).ok()
            world.settle()
    return f"{rounds} rounds, {kept} notes kept until a disk was full"


def expect_full_or_saved(device, ledger):
    """A short note may still find room."""
    run = device.add(ledger)
    if run.status != 0:
        expect_full(run)


def full_server_goes_on_with_room(soak):
    """A server with a full disk refuses pushes cleanly, keeps what it acknowledged, and goes on without a restart"""
    rounds = soak.amount(1, 25)
    pushes = refused_starts = 0
    for _ in range(rounds):
        with World(soak, "phone", "desk") as world, small_disk(world.folder, "server") as place:
            world.server.data = place / "data"
            phone, desk = world.begin().devices
            pushes += push_until_full(phone, world.ledger)
            # Full is no reason not to answer those who read.
            desk.sync()
            refused_starts += restart_full(world.server)
            resize(place, LARGE_KILOBYTES)
            if not world.server.is_alive:
                world.server.start()
            world.settle()
    return f"{rounds} rounds, {pushes} pushes until a disk was full, {refused_starts} starts refused meanwhile"


def push_until_full(device, ledger):
    for count in range(MOST_NOTES):
        device.fill(ledger, 5, length=NOTE_LENGTH)
        run = device.sync()
        if run.status != 0:
            run.failed_cleanly()
            if run.status != 75:
                raise Trouble(f"a full server should be 75: {run}")
            return count
    raise Trouble("the disk never became full: this shows nothing")


def restart_full(server):
    """Kills the server and starts it with no room: it may start, or refuse with 74."""
    server.kill()
    server.launch()
    if server.process.stdout.readline():
        return False
    status = server.ended()
    if status != 74:
        raise Trouble(f"a start on a full disk ended with {status}: {server.log()}")
    return True


CHECKS = [full_device_goes_on_with_room, full_server_goes_on_with_room]
