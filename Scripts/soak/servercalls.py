"""Death and errors at the n-th system call, for every n, of the server: while it serves, and while it starts."""

import shutil
import tempfile

from ledger import Trouble
from play import expect_clean, some, walk, with_play
from tracing import ERRORS, FATAL_CALLS, Count, attached, files_below, inject, require_strace, strace, trace
from world import World


def goes_on(play, server, run):
    """Starts the server again if it ended, and looks at everything; whether it had ended."""
    ended = not server.is_alive
    if ended:
        server.ended()
        server.start()
    if run.status == 0:
        # Before the phone comes again: what it was told is there is on the server.
        play.desk.sync().ok()
        play.ledger.check(play.desk.export(), "desk")
    play.world.settle()
    return ended


def server_dies_at_any_call(soak):
    """A server that dies at any system call of a push or pull starts again by itself and has lost nothing"""

    def body(play):
        server, counts = play.world.server, []
        for name in ("push", "pull"):

            def dies(call, n):
                command = play.prepare(name)
                with attached(server, inject(call, "signal=KILL", n)):
                    run = command()
                if run.status not in (0, 75):
                    raise Trouble(f"{name}, server killed at {call} {n}: {run}")
                return goes_on(play, server, run)

            points = count_attached(play, name, FATAL_CALLS).points(FATAL_CALLS)
            counts.append(walk(name, points, soak, dies))
        return ", ".join(counts)

    return with_play(soak, body)


def count_attached(play, name, calls, files=()):
    command = play.prepare(name)
    with tempfile.NamedTemporaryFile("r", prefix="webinar-trace.") as file:
        with attached(play.world.server, trace(calls, files, file.name)):
            command().ok()
        return Count(file.read())


def server_dies_while_it_starts(soak):
    """A server that dies at any system call of its first start or of a later one starts the next time"""
    require_strace()
    counts = []
    for name in ("first start", "later start"):
        with World(soak) as world, tempfile.NamedTemporaryFile("r", prefix="webinar-trace.") as file:
            server = world.server
            if name == "later start":
                server.start()
                server.kill()
            server.start(strace(trace(["openat", *FATAL_CALLS], output=file.name)))
            server.kill()

            def dies(call, n):
                if name == "first start":
                    shutil.rmtree(server.data)
                server.launch(strace(inject(call, "signal=KILL", n)))
                is_up = server.is_up()
                if is_up:
                    server.kill()
                server.start()
                server.kill()
                return not is_up

            points = Count(file.read(), str(server.data)).points(FATAL_CALLS)
            counts.append(walk(name, points, soak, dies))
    return ", ".join(counts)


def server_meets_errors_at_any_call(soak):
    """A server whose disk fails, is full or whose files run out refuses cleanly, loses nothing, and goes on afterwards"""

    def body(play):
        server, counts = play.world.server, []
        for name in ("push", "pull"):
            refusals = tries = restarts = 0
            for error, calls, in_folder in ERRORS:
                files = files_below(server.data) if in_folder else ()
                count = count_attached(play, name, calls, files)
                for call, n in some(count.points(calls), soak):
                    # strace that lets go in the middle of a failed call leaves it failed in another way, and a server
                    # that may never accept is always in the middle of one.
                    for lasting in ("",) if call == "accept4" else ("", "+"):
                        command = play.prepare(name)
                        with attached(server, inject(call, f"error={error}", f"{n}{lasting}", files)):
                            run = command()
                        tries += 1
                        if run.status != 0:
                            refusals += 1
                            expect_clean(run, f"{name}, server with {error} at {call} {n}{lasting}", call, "")
                        restarts += goes_on(play, server, run)
            counts.append(f"{name} {refusals} refusals in {tries} errors, {restarts} restarts")
        return ", ".join(counts)

    return with_play(soak, body)


CHECKS = [server_dies_at_any_call, server_dies_while_it_starts, server_meets_errors_at_any_call]
