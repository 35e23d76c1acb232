"""A device's folder is copied or put back, and both lives of it go on."""

import shutil

from world import World


def both_copies_keep_their_notes(soak):
    """Both copies of a device's folder keep all their notes, each once, with no question asked"""
    rounds = soak.amount(4, 100)
    with World(soak, "phone", "desk") as world:
        world.begin()
        world.has_copies = True
        chance, ledger = soak.chance, world.ledger
        for number in range(rounds):
            original = chance.choice(world.devices)
            original.fill(ledger, chance.randint(0, 3) or 1)
            if chance.random() < 0.5:
                original.sync().ok()
            if chance.random() < 0.5:
                original.fill(ledger, 2)
            copy = world.device(f"copy {number}")
            shutil.copytree(original.home, copy.home)
            if chance.random() < 0.3:
                # As copied by a tool that knows only of the notebook.
                (copy.home / "install").unlink()
            for _ in range(chance.randint(1, 4)):
                device = chance.choice([original, copy])
                device.add(ledger).ok()
                if chance.random() < 0.3:
                    device.sync().ok()
            original.add(ledger).ok()
            copy.add(ledger).ok()
            world.settle()
            world.devices = world.devices[-3:]
    return f"{rounds} copies"


def a_device_put_back_goes_on(soak):
    """A device that is put back to an older copy of its folder gets back what it had synced, and goes on"""
    rounds = soak.amount(3, 100)
    with World(soak, "phone", "desk") as world:
        phone, desk = world.begin().devices
        world.has_copies = True
        backup = world.folder / "backup"
        for _ in range(rounds):
            phone.fill(world.ledger, 2)
            if soak.chance.random() < 0.5:
                phone.sync().ok()
            shutil.copytree(phone.home, backup)
            phone.fill(world.ledger, soak.chance.randint(1, 5))
            phone.sync().ok()
            shutil.rmtree(phone.home)
            backup.rename(phone.home)
            phone.add(world.ledger).ok()
            desk.add(world.ledger).ok()
            world.settle()
    return f"{rounds} times put back"


CHECKS = [both_copies_keep_their_notes, a_device_put_back_goes_on]
