"""A new device on a link like 3G at its worst: 150 ms each way, 1 Mbit/s, one packet of a hundred lost, cut again and
again."""

import time

from ledger import Skipped, Trouble
from proxy import Link, Proxy
from world import World

NOTE_COUNT = 10_000
CUT_BYTES = 20_000
PATIENCE_SECONDS = 3600


def new_device_completes_on_a_bad_link(soak):
    """A new device gets 10,000 notes over 150 ms each way, 1 Mbit/s and 1 % loss, although each 20 KB cut it off"""
    if not soak.is_full:
        raise Skipped("takes many minutes; part of the full round")
    with World(soak, "desk", "phone") as world:
        desk, phone = world.begin().devices
        desk.fill(world.ledger, NOTE_COUNT, length=200)
        desk.sync().ok()
        began, syncs, carried, loaded = time.monotonic(), 0, 0, 0
        with Proxy(world.server.port) as proxy:
            while True:
                proxy.begin(Link(
                    cut_at=CUT_BYTES, delay_seconds=0.15, bytes_per_second=125_000, loss=0.01,
                    seed=soak.chance.random(),
                ))
                run = phone.sync("--connect", proxy.address)
                syncs, carried = syncs + 1, carried + proxy.carried
                if run.status == 0:
                    break
                if run.status != 75:
                    raise Trouble(str(run))
                # What is there stays, and is asked for no more: each page goes on behind the last.
                now = phone.run("status", "--json").json()["loaded"]
                if now is None:
                    continue
                if now < loaded:
                    raise Trouble(f"{loaded} changes were loaded, and then {now}")
                loaded = now
                if time.monotonic() - began > PATIENCE_SECONDS:
                    cursor = phone.run("status", "--json").json()["cursor"]
                    raise Trouble(f"not complete after {syncs} syncs and {carried} bytes; cursor {cursor}")
        took = time.monotonic() - began
        world.settle()
    return f"complete after {syncs} syncs, {carried} bytes and {took:.0f} seconds"


CHECKS = [new_device_completes_on_a_bad_link]
