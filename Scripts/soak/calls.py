"""Death and errors at the n-th system call, for every n, of the commands of a device.

Random moments find little: nearly all time passes where nothing is at stake. So this walks. A first run is counted;
then the run is repeated, and strace ends it, or fails it, at the first call, the second, and so on.
"""

import signal

from ledger import Trouble
from play import expect_clean, some, walk, with_play
from tracing import ERRORS, FATAL_CALLS, count_command, files_below, inject, strace

DEATH_OF_A_COMMAND = {-signal.SIGKILL, 128 + signal.SIGKILL}


def device_dies_at_any_call(soak):
    """A device that dies at any system call keeps all of a command or nothing of it, and goes on by itself"""

    def body(play):
        counts = []
        for name in ("add", "edit", "delete", "push", "pull"):
            # The first of its kind carries along what the one before left to sync, and writes more than those after it.
            play.prepare(name)().ok()
            # A folder is first named where a file in it is opened.
            count = count_command(play.phone, ["openat", *FATAL_CALLS], play.prepare(name))

            def dies(call, n):
                play.refill()
                command = play.prepare(name)
                run = command(strace(inject(call, "signal=KILL", n)))
                if run.status not in DEATH_OF_A_COMMAND | {0}:
                    raise Trouble(f"{name}, killed at {call} {n}: {run}")
                play.look(name)
                if name in ("push", "pull") or soak.is_full:
                    play.world.settle()
                return run.status in DEATH_OF_A_COMMAND

            counts.append(walk(name, count.points(FATAL_CALLS), soak, dies))
            play.world.settle()
        return ", ".join(counts)

    return with_play(soak, body)


def device_meets_errors_at_any_call(soak):
    """A device whose disk fails (EIO), is full (ENOSPC) or whose files run out (EMFILE) refuses cleanly and loses nothing"""

    def body(play):
        counts = []
        for name in ("add", "edit", "delete", "push", "pull"):
            refusals = tries = 0
            for error, calls, in_folder in ERRORS:
                files = files_below(play.phone.home) if in_folder else ()
                count = count_command(play.phone, calls, play.prepare(name), files)
                for call, n in some(count.points(calls), soak):
                    for lasting in ("", "+"):
                        play.refill()
                        fault = inject(call, f"error={error}", f"{n}{lasting}", files)
                        run = play.prepare(name)(strace(fault))
                        tries += 1
                        if run.status != 0:
                            refusals += 1
                            expect_clean(run, f"{name}, {error} at {call} {n}{lasting}", call, lasting)
                        play.look(name)
                        if name == "pull" or soak.is_full:
                            play.world.settle()
            play.world.settle()
            counts.append(f"{name} {refusals} refusals in {tries} errors")
            if refusals == 0:
                raise Trouble(f"{name}: none of {tries} errors was noticed")
        return ", ".join(counts)

    return with_play(soak, body)


CHECKS = [device_dies_at_any_call, device_meets_errors_at_any_call]
