"""A server is put back to yesterday's data, and its devices fill it again."""

import shutil

from ledger import Trouble
from world import World

NOT_PERMITTED = 77


class Backup:
    """The server's folder as it is now, copied as an owner is told to: while the server is stopped."""

    def __init__(self, world):
        self.server, self.copy = world.server, world.folder / "backup"
        self.server.stop()
        shutil.rmtree(self.copy, ignore_errors=True)
        shutil.copytree(self.server.data, self.copy)
        self.server.start()

    def put_back(self):
        self.server.stop()
        shutil.rmtree(self.server.data)
        shutil.copytree(self.copy, self.server.data)
        self.server.start()


def work(world, device):
    """Writes, and edits or deletes what it shows as it is by now: then a note has one last word, whoever had it."""
    ledger, chance = world.ledger, world.soak.chance
    device.fill(ledger, chance.randint(1, 3))
    shown = device.identifiers()
    known = [(note, shown[word]) for note, word in ledger.live() if word in shown]
    for note, id in chance.sample(known, min(chance.randint(0, 3), len(known))):
        change = device.remove if chance.random() < 0.3 else device.edit
        change(ledger, id, note).ok()


def day(world, devices):
    """All write, and most sync, in any order."""
    for device in world.any_order(devices):
        work(world, device)
        if world.soak.chance.random() < 0.7:
            device.sync().ok()


def link_again(world, device):
    """A server that knows a device no more says so, and the device keeps all it has. Its owner links it again."""
    before = device.export()
    run = device.sync().failed_cleanly()
    if run.status != NOT_PERMITTED or "webinar device link" not in run.errors:
        raise Trouble(f"{device.name}: the server should not know it: {run}")
    if device.export() != before:
        raise Trouble(f"{device.name}: shows something else since the server refused it")
    world.server.link(device)


def put_back_and_filled(world, new, told):
    """A backup; what devices do since, a new one among them; the put-back, and what is done until all are equal."""
    chance = world.soak.chance

    def falls(what, share=0.5):
        did = chance.random() < share
        told[what] = told.get(what, 0) + did
        return did

    here = world.any_order(world.devices[:-1])
    day(world, here)
    backup = Backup(world)
    away = here.pop() if falls("with a device away", 0.4) else None
    if away and chance.random() < 0.5:
        away.sync().ok()
    day(world, here)
    world.server.link(new)
    for _ in range(2):
        # So it is ahead of the backup, with notes of its own.
        new.sync().ok()
        work(world, new)
    new.sync().ok()
    if falls("with the new notes read by others"):
        here[0].sync().ok()
    if chance.random() < 0.5:
        work(world, new)
    backup.put_back()
    put_backs = 1 + falls("twice in a row")
    if put_backs == 2:
        if chance.random() < 0.5:
            link_again(world, new)
            day(world, [*here, new])
        else:
            day(world, here)
        backup.put_back()
    if falls("linked again after the others had synced"):
        for device in here:
            device.sync().ok()
    link_again(world, new)
    if away:
        for device in [*here, new]:
            device.sync().ok()
        work(world, away)
    world.settle(world.any_order(world.devices), put_backs=put_backs)
    chance.choice(world.devices).run("verify").ok()


def a_server_put_back_is_filled_again(soak):
    """A server that is put back to yesterday's data is filled again by its devices, also by one linked since"""
    rounds, told = soak.amount(2, 100), {}
    with World(soak, "phone", "desk") as world:
        world.begin()
        for number in range(rounds):
            put_back_and_filled(world, world.device(f"new {number}"), told)
            world.devices = world.devices[-3:]
    return f"{rounds} times put back, of these " + ", ".join(f"{count} {what}" for what, count in told.items())


CHECKS = [a_server_put_back_is_filled_again]
