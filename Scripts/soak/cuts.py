"""Links that are cut, stall, crawl, repeat and garble, between a device and the server."""

import shutil

from ledger import Trouble
from proxy import Link, Proxy
from world import World

STEP_BYTES = 1000
NOTE_COUNT = 2000


class Folders:
    """Folders as they are now, to be put back as often as needed."""

    def __init__(self, world, *folders):
        self.copies = [(folder, world.folder / f"{folder.name}.kept") for folder in folders]
        for folder, copy in self.copies:
            shutil.copytree(folder, copy)

    def put_back(self):
        for folder, copy in self.copies:
            shutil.rmtree(folder)
            shutil.copytree(copy, folder)


def positions(soak, total):
    """Every thousandth byte; in a short round a few of them."""
    every = range(STEP_BYTES, total, STEP_BYTES)
    return every if soak.is_full else sorted(soak.chance.sample(every, min(4, len(every))))


def cut_sync(device, proxy, position, chance):
    """A sync that is cut at a byte, then one that is not; returns whether the cut struck."""
    proxy.begin(Link(cut_at=position, cuts_with_reset=chance.random() < 0.5))
    run = device.sync("--connect", proxy.address)
    if run.status not in (0, 75):
        raise Trouble(f"cut at byte {position}: {run}")
    answer = device.sync().json()
    if not answer["level"] or answer["server_restored"] or answer["new_replica"]:
        raise Trouble(f"cut at byte {position}: the next sync did not settle it: {answer}")
    return run.status == 75


def push_cut_at_any_byte(soak):
    """A push of 2,000 notes that is cut at any thousandth byte is settled by the next sync"""
    with World(soak, "phone", "desk") as world:
        phone, desk = world.begin().devices
        phone.fill(world.ledger, NOTE_COUNT, length=200)
        world.server.stop()
        folders = Folders(world, phone.home, desk.home, world.server.data)
        world.server.start()
        whole = phone.sync().json()
        total = whole["bytes_up"] + whole["bytes_down"]
        struck = 0
        cuts = positions(soak, total)
        for position in cuts:
            world.server.kill()
            folders.put_back()
            world.server.start()
            with Proxy(world.server.port) as proxy:
                struck += cut_sync(phone, proxy, position, soak.chance)
            desk.sync().ok()
            world.compare([desk, phone])
        world.settle()
        expect_struck(struck, len(cuts))
        return f"{struck} of {len(cuts)} cuts struck a push of {total} bytes"


def pull_cut_at_any_byte(soak):
    """A pull of 2,000 notes that is cut at any thousandth byte is settled by the next sync"""
    with World(soak, "phone", "desk") as world:
        phone, desk = world.begin().devices
        phone.fill(world.ledger, NOTE_COUNT, length=200)
        phone.sync().ok()
        folders = Folders(world, desk.home)
        whole = desk.sync().json()
        total = whole["bytes_up"] + whole["bytes_down"]
        wanted = phone.export()
        struck = 0
        cuts = positions(soak, total)
        with Proxy(world.server.port) as proxy:
            for position in cuts:
                folders.put_back()
                struck += cut_sync(desk, proxy, position, soak.chance)
                if desk.export() != wanted:
                    raise Trouble(f"cut at byte {position}: the desk holds other bytes than the phone")
        world.settle()
        expect_struck(struck, len(cuts))
        return f"{struck} of {len(cuts)} cuts struck a pull of {total} bytes"


def expect_struck(struck, tries):
    if struck * 2 < tries:
        raise Trouble(f"only {struck} of {tries} cuts struck: this shows little")


def any_link(chance, stalls):
    """Some bad link, by name. A stall costs the half minute after which a device gives up."""
    position = int(chance.expovariate(1 / 4000))
    kinds = {
        "cut": Link(cut_at=position),
        "reset": Link(cut_at=position, cuts_with_reset=True),
        "short stall": Link(stall_at=position, stall_seconds=chance.uniform(0, 2)),
        "crawl": Link(bytes_per_second=chance.uniform(20_000, 200_000), delay_seconds=0.05),
        "losses": Link(delay_seconds=0.05, loss=0.05, seed=chance.random()),
        "repeat": Link(repeat_at=position),
        "flip": Link(flip_at=position),
    }
    if stalls:
        kinds["stall"] = Link(stall_at=position, stall_seconds=40)
    name = chance.choice(list(kinds))
    return name, kinds[name]


def bad_links_lose_nothing(soak):
    """Through links that cut, stall, crawl, repeat and garble, two devices end equal, with nothing lost or doubled"""
    rounds = soak.amount(16, 1000)
    counts, failures = {}, 0
    with World(soak, "phone", "desk") as world:
        world.begin()
        with Proxy(world.server.port) as proxy:
            for number in range(rounds):
                device = soak.chance.choice(world.devices)
                device.fill(world.ledger, soak.chance.randint(1, 40), length=100)
                name, link = any_link(soak.chance, soak.is_full and number % 20 == 0)
                counts[name] = counts.get(name, 0) + 1
                proxy.begin(link)
                # A garbled handshake may look like no secure connection (69).
                allowed = (0, 69, 75) if name in ("repeat", "flip") else (0, 75)
                run = device.sync("--connect", proxy.address)
                if run.status not in allowed:
                    raise Trouble(f"link {number} ({name}, {link}): {run}")
                failures += run.status != 0
                if number % 8 == 7:
                    world.settle()
        world.settle()
        if not failures:
            raise Trouble("no sync was disturbed: this shows nothing")
    return f"{rounds} syncs, {failures} broke off: " + ", ".join(f"{count} {name}" for name, count in counts.items())


CHECKS = [push_cut_at_any_byte, pull_cut_at_any_byte, bad_links_lose_nothing]
