"""Devices whose clocks are wrong: a day behind, an hour ahead, in the year 2050."""

import glob
import os
import shutil

from ledger import Skipped, Trouble
from world import World

CLOCKS = {"behind": "-24h", "ahead": "+1h", "future": "@2050-01-01 00:00:00", "right": "+0"}


def require_faketime():
    """faketime names what it shares by its process id. Where one was killed, a later one of that id would fail."""
    if not shutil.which("faketime"):
        raise Skipped("faketime is not installed (Debian: faketime)")
    for path in glob.glob("/dev/shm/*faketime_s*_*"):
        if not os.path.exists(f"/proc/{path.rsplit('_', 1)[1]}"):
            os.unlink(path)


def at(clock):
    return ["faketime", "-f", clock]


def set_clock(device, clock):
    device.prefix = at(clock)


def with_clocks(soak, body, server_clock="+0"):
    require_faketime()
    with World(soak, *CLOCKS) as world:
        world.server.start(at(server_clock))
        for device in world.devices:
            set_clock(device, CLOCKS[device.name])
            world.server.link(device)
            device.sync().ok()
        future = next(device for device in world.devices if device.name == "future")
        future.add(world.ledger).ok()
        created = future.export()
        if "2050-01-01" not in created:
            raise Trouble("faketime does not reach the command: this shows nothing")
        return body(world, {device.name: device for device in world.devices})


def all_clocks_sync(soak):
    """Devices a day behind, an hour ahead and in the year 2050 all sync, and none is refused"""
    rounds = soak.amount(1, 100)

    def body(world, devices):
        for _ in range(rounds):
            for device in devices.values():
                device.add(world.ledger).ok()
                if soak.chance.random() < 0.7:
                    ids, (note, word) = device.identifiers(), soak.chance.choice(world.ledger.live())
                    if word in ids:
                        device.edit(world.ledger, ids[word], note).ok()
                # Others edit the same note only once they have seen this.
                device.sync().ok()
                for other in devices.values():
                    other.sync().ok()
            world.settle()
        return f"{rounds} rounds of {len(devices)} devices"

    with_clocks(soak, body)
    with_clocks(soak, body, server_clock="-240h")
    return with_clocks(soak, body, server_clock="@2060-01-01 00:00:00") + ", three times: a server that is right, " \
        "ten days behind, in 2060"


def title(device, id):
    return device.run("session", "show", id, "--json").json()["title"]


def expect_title(world, id, wanted):
    world.settle()
    for device in world.devices:
        if title(device, id) != wanted:
            raise Trouble(f"{device.name} shows {title(device, id)!r} and not {wanted!r}")


def order_of_one_device_holds(soak):
    """What one device did last counts last, although its clock jumps about"""
    rounds = soak.amount(2, 100)

    def body(world, devices):
        device = devices["right"]
        id = device.run("session", "add", "begun", "--json").json()["id"]
        for number in range(rounds):
            last = None
            for step in range(4):
                set_clock(device, soak.chance.choice(list(CLOCKS.values())))
                last = f"title {number}.{step}"
                device.run("session", "set", id, "title", last).ok()
                if soak.chance.random() < 0.3:
                    device.sync().ok()
            set_clock(device, CLOCKS["right"])
            expect_title(world, id, last)
            conflicts = device.run("conflict", "list", "--json").json()
            if conflicts:
                raise Trouble(f"one device is in conflict with itself: {conflicts}")
        return f"{rounds} rounds of 4 settings"

    return with_clocks(soak, body)


def the_future_does_not_win_for_ever(soak):
    """What a device in 2050 wrote gives way to what others write later, whether or not they had seen it"""
    rounds = soak.amount(2, 100)

    def body(world, devices):
        future, right = devices["future"], devices["right"]
        id = right.run("session", "add", "begun", "--json").json()["id"]
        world.settle()
        for number in range(rounds):
            future.run("session", "set", id, "title", f"future {number}").ok()
            world.settle()
            right.run("session", "set", id, "title", f"seen {number}").ok()
            expect_title(world, id, f"seen {number}")

            # Apart: the one from 2050 is first to write and first at the server; the other is later, and counts.
            future.run("session", "set", id, "title", f"apart {number}").ok()
            future.sync().ok()
            right.run("session", "set", id, "title", f"later {number}").ok()
            expect_title(world, id, f"later {number}")
            right.run("conflict", "resolve", id, "--field", "title", "--value", f"later {number}").ok()
            world.settle()
        return f"{rounds} rounds, both ways"

    return with_clocks(soak, body)


CHECKS = [all_clocks_sync, order_of_one_device_holds, the_future_does_not_win_for_ever]
