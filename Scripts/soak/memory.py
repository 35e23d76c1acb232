"""The server with little memory."""

import contextlib
import os
import pathlib
import threading

from ledger import Trouble
from world import World

CAP_BYTES = 128 << 20
ADDRESS_SPACE_BYTES = 2 << 30


class MemoryGroup:
    """A control group whose processes share a cap on memory, file cache included, and cannot swap beyond it."""

    # Where each version has them: what is set to the cap, what to nothing, and what tells of deaths.
    VERSIONS = [
        ("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.swappiness", "memory.oom_control"),
        ("/sys/fs/cgroup", "memory.max", "memory.swap.max", "memory.events"),
    ]

    def __init__(self, cap, root, limit, swap, deaths):
        self.folder = pathlib.Path(root, f"webinar-soak-{os.getpid()}")
        self.told = self.folder / deaths
        self.folder.mkdir()
        try:
            for name, value in ((limit, cap), (swap, 0)):
                # Only what is there: elsewhere a folder of that name is no control group.
                with open(self.folder / name, "r+") as file:
                    file.write(str(value))
                if (self.folder / name).read_text().strip() != str(value):
                    raise OSError("the cap does not hold")
        except OSError:
            self.remove()
            raise

    @classmethod
    def made(cls, cap):
        """None where there is no such controller, or no right to it."""
        for version in cls.VERSIONS:
            with contextlib.suppress(OSError):
                return cls(cap, *version)
        return None

    @property
    def prefix(self):
        """Runs a command inside."""
        return ["sh", "-c", f'echo $$ >{self.folder}/cgroup.procs && exec "$@"', "capped"]

    @property
    def deaths(self):
        for line in self.told.read_text().splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
        return 0

    def remove(self):
        self.folder.rmdir()


def peak_kilobytes(process):
    for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise Trouble("the server is gone")


def server_lives_in_little_memory(soak):
    """A server with 128 MiB takes in and gives out notes of several devices at once, and is not killed"""
    count, devices = soak.amount(2000, 20_000), soak.amount(3, 8)
    group = MemoryGroup.made(CAP_BYTES)
    prefix = group.prefix if group else ["prlimit", f"--as={ADDRESS_SPACE_BYTES}"]
    with World(soak, *(f"device {number}" for number in range(devices))) as world:
        try:
            world.server.start(prefix)
            for device in world.devices:
                world.server.link(device)
                device.fill(world.ledger, count, length=300)
            for _ in range(2):
                sync_at_once(world.devices)
            peak = peak_kilobytes(world.server.process)
            if group and group.deaths:
                raise Trouble(f"the kernel killed it {group.deaths} times")
            world.settle()
        finally:
            world.server.kill()
            if group:
                group.remove()
    how = "a cap of 128 MiB" if group else "no memory control group here: a cap of 2 GiB on addresses instead"
    return f"{devices} devices with {count} notes each; {how}; at most {peak // 1024} MiB in use"


def sync_at_once(devices):
    runs = {}

    def sync(device):
        try:
            runs[device.name] = device.sync(patience=1800)
        except Trouble as trouble:
            runs[device.name] = trouble

    threads = [threading.Thread(target=sync, args=(device,)) for device in devices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for run in runs.values():
        if isinstance(run, Trouble):
            raise run
        run.ok()


CHECKS = [server_lives_in_little_memory]
