"""A new device on a link like 3G at its worst: 150 ms each way, 1 Mbit/s, one packet of a hundred lost, cut again and
again."""

import time

from ledger import Skipped, Trouble
from proxy import Link, Proxy
from world import World

NOTE_COUNT = 10_000
CUT_BYTES = 20_000
PATIENCE_SECONDS = 3600
PAGE_BYTES = 1500


def new_device(world, name):
    """A device that is linked and has never synced: it loads the notebook page by page."""
    device = world.device(name)
    world.server.link(device)
    return device


def loaded(device):
    """How many changes of the server it has: those of whole pages, or all up to its cursor where it does not load."""
    status = device.run("status", "--json").json()
    return status["cursor"] if status["loaded"] is None else status["loaded"]


class CleanLoad:
    """What the server says over the same proxy to another new device, on a link that is not cut."""

    def __init__(self, device, proxy):
        proxy.begin(Link())
        device.sync("--connect", proxy.address).ok()
        self.bytes, count = proxy.down, loaded(device)
        self.of_a_change = self.bytes / count
        proxy.begin(Link())
        device.sync("--connect", proxy.address).ok()
        self.of_no_news = proxy.down

    def enough(self, count, pages):
        """The most bytes that so many new changes need in one sync, in so many pages.

        The first part is a handshake and an answer with no news. The changes take what they took on the clean link, in
        large pages. A small page has a head of its own and deflates from nothing: 1,000 bytes more were measured for
        those of 16 KiB and of 64 KiB, which are 4,600 and 15,500 on the link. So a sync is over this if one page comes
        twice, or came whole and was not kept. What was cut off in the middle of a page is not counted: it has to come
        again.
        """
        return round(self.of_no_news + self.of_a_change * count + PAGE_BYTES * pages)


class CutLoad:
    """A load that is cut off again and again."""

    def __init__(self, device, proxy, clean):
        self.device, self.proxy, self.clean = device, proxy, clean
        self.syncs = self.carried = self.finished = self.cut_off = self.enough = self.loaded = 0

    def sync(self, link):
        """One sync; whether it ended before it was cut off. No byte of a page that had come whole may come again."""
        self.proxy.begin(link)
        run = self.device.sync("--connect", self.proxy.address)
        if run.status not in (0, 75):
            raise Trouble(str(run))
        # What the server said after the device last spoke is a page that was cut off, unless it was the last. The first
        # answer is the handshake's.
        whole = run.status == 0
        finished = self.proxy.down if whole else self.proxy.answered
        pages = max(0, self.proxy.answers - 1 + whole)
        before, self.loaded = self.loaded, loaded(self.device)
        if self.loaded < before:
            raise Trouble(f"{before} changes were loaded, and then {self.loaded}")
        enough = self.clean.enough(self.loaded - before, pages)
        if finished > enough:
            raise Trouble(f"{self.loaded - before} new changes took {finished} bytes of whole answers, not {enough}")
        self.syncs += 1
        self.carried += self.proxy.carried
        self.finished += finished
        self.cut_off += self.proxy.down - finished
        self.enough += enough
        return whole


def new_device_completes_on_a_bad_link(soak):
    """A new device gets 10,000 notes over 150 ms each way, 1 Mbit/s, 1 % loss, cut each 20 KB, and no page twice"""
    if not soak.is_full:
        raise Skipped("takes many minutes; part of the full round")
    with World(soak, "desk") as world:
        desk = world.begin().devices[0]
        desk.fill(world.ledger, NOTE_COUNT, length=200)
        desk.sync().ok()
        with Proxy(world.server.port) as proxy:
            clean = CleanLoad(new_device(world, "tablet"), proxy)
            load = CutLoad(new_device(world, "phone"), proxy, clean)
            began = time.monotonic()
            while not load.sync(Link(
                cut_at=CUT_BYTES, delay_seconds=0.15, bytes_per_second=125_000, loss=0.01, seed=soak.chance.random(),
            )):
                if time.monotonic() - began > PATIENCE_SECONDS:
                    raise Trouble(f"{load.loaded} changes after {load.syncs} syncs and {load.carried} bytes")
            took = time.monotonic() - began
        world.settle()
    return (
        f"complete after {load.syncs} syncs, {load.carried} bytes and {took:.0f} seconds; from the server "
        f"{load.finished} bytes of whole answers (of at most {load.enough}; a clean link carries {clean.bytes}) and "
        f"{load.cut_off} of pages that were cut off"
    )


CHECKS = [new_device_completes_on_a_bad_link]
