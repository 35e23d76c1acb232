"""Death and errors at the n-th system call, for every n, of the device's commands and of the server.

Random moments find little: nearly all time passes where nothing is at stake. So this walks. A first run is counted;
then the run is repeated, and strace ends it, or fails it, at the first call, the second, and so on. strace counts
for each thread and each kind of call, and so does the walk. The loader's calls, before a command first names its
folder, are not ours and are left out.
"""

import collections
import contextlib
import re
import shutil
import signal
import subprocess
import tempfile

from ledger import Skipped, Trouble
from world import World, end_with_parent

# A death matters only between two calls that change something: what was only read or opened looks the same after it.
FATAL_CALLS = (
    "mkdir write writev pwrite64 pwritev fsync fdatasync ftruncate rename unlink chmod fchmod connect sendto sendmsg "
    "shutdown bind listen"
).split()
# Where a disk can fail, and on which files: those of the folder, or all. Disks do not fail the sockets and the counters
# that wake a thread, and NIO traps where those do.
ERRORS = [
    ("EIO", "openat read pread64 write pwrite64 fsync fdatasync ftruncate unlink".split(), True),
    ("EIO", "fsync rename mkdir".split(), False),
    ("ENOSPC", "openat write pwrite64 fdatasync ftruncate".split(), True),
    ("EMFILE", "openat socket accept4".split(), False),
]
DEATH_OF_A_COMMAND = {-signal.SIGKILL, 128 + signal.SIGKILL}


def require_strace():
    if not shutil.which("strace"):
        raise Skipped("strace is not installed (Debian: strace)")
    run = subprocess.run(strace(trace(["write"])) + ["true"], capture_output=True, text=True, timeout=60)
    if run.returncode:
        raise Skipped(f"strace may not look at processes here: {run.stderr.strip()}")


def trace(calls, files=(), output="/dev/null"):
    """Traces these calls; where files are named, only calls on these files."""
    return ["-f", "-o", str(output), "-e", f"trace={','.join(calls)}", *(f"-P{file}" for file in files)]


def inject(call, what, when, files=()):
    return trace([call], files) + ["-e", f"inject={call}:{what}:when={when}"]


def strace(arguments):
    return ["strace", "-qq", *arguments]


def files_below(folder):
    """The folder, what is in it, and SQLite's companions of its databases."""
    files = {folder, *folder.rglob("*")}
    for file in list(files):
        if file.suffix == ".sqlite":
            files |= {file.with_name(file.name + ending) for ending in ("-wal", "-shm")}
    return sorted(file for file in files if file.name != "control")


class Count:
    """How often each kind of call occurs, counted as strace counts: the first of ours, and the last."""

    LINE = re.compile(r"^(\d+) +(\w+)\(")

    def __init__(self, trace, folder=None):
        seen, self.first, self.last = {}, collections.defaultdict(lambda: 1), {}
        is_ours = folder is None
        for line in trace.splitlines():
            match = self.LINE.match(line)
            if not match:
                continue
            is_ours = is_ours or folder in line
            thread, call = match.groups()
            number = seen[thread, call] = seen.get((thread, call), 0) + 1
            if is_ours:
                self.last[call] = max(self.last.get(call, number), number)
            else:
                self.first[call] = number + 1

    def points(self, calls, soak, most):
        """(call, n) for each n in which `call` is ours; in a short round a random choice of `most`, in order."""
        every = [(call, n) for call in calls if call in self.last for n in range(self.first[call], self.last[call] + 1)]
        if soak.is_full or len(every) <= most:
            return every
        return sorted(soak.chance.sample(every, most))


def count_command(device, calls, command, files=()):
    """Runs `command(prefix)` under strace and counts."""
    with tempfile.NamedTemporaryFile("r", prefix="webinar-trace.") as file:
        command(strace(trace(calls, files, file.name))).ok()
        return Count(file.read(), None if files else str(device.home))


@contextlib.contextmanager
def attached(server, arguments):
    """strace on a running server for as long as the body takes; counted from here on."""
    tracer = subprocess.Popen(
        ["strace", *arguments, "-p", str(server.process.pid)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=end_with_parent,
    )
    try:
        line = tracer.stderr.readline().decode()
        if "attached" not in line:
            raise Skipped(f"strace cannot attach to a process here: {line.strip()}")
        yield
    finally:
        tracer.terminate()
        tracer.communicate(timeout=60)


class Play:
    """Two devices and a server, and the five things that are done to them."""

    def __init__(self, world):
        self.world, self.ledger = world, world.ledger
        self.phone, self.desk = world.devices

    def note(self):
        """Some live note of the phone: its id, and its name in the ledger."""
        ids = self.phone.identifiers()
        note, word = self.world.soak.chance.choice(self.ledger.live())
        return ids[word], note

    def prepare(self, name):
        """What has to be there before; returns the command that is then run under strace."""
        if name == "add":
            return lambda prefix=(): self.phone.add(self.ledger, prefix)
        if name in ("edit", "delete"):
            id, note = self.note()
            change = self.phone.edit if name == "edit" else self.phone.remove
            return lambda prefix=(): change(self.ledger, id, note, prefix)
        author = self.phone if name == "push" else self.desk
        for _ in range(2):
            author.add(self.ledger).ok()
        if name == "pull":
            self.desk.sync().ok()
        return lambda prefix=(): self.phone.sync(prefix=prefix)

    def look(self, name):
        """What can be seen at once on the device that was hit: all but what a pull may not have brought yet."""
        self.phone.doctor()
        if name != "pull":
            self.ledger.check(self.phone.export(), "phone")

    def refill(self):
        if len(self.ledger.live()) < 5:
            self.phone.fill(self.ledger, 20)


def with_play(soak, body):
    require_strace()
    with World(soak, "phone", "desk") as world:
        world.begin()
        play = Play(world)
        play.phone.fill(world.ledger, 20)
        result = body(play)
        world.settle()
        return result


def device_dies_at_any_call(soak):
    """A device that dies at any system call keeps all of a command or nothing of it, and goes on by itself"""

    def body(play):
        counts = []
        for name in ("add", "edit", "delete", "push", "pull"):
            # A folder is first named where a file in it is opened.
            count = count_command(play.phone, ["openat", *FATAL_CALLS], play.prepare(name))
            points = count.points(FATAL_CALLS, soak, 6)
            deaths = 0
            for call, n in points:
                play.refill()
                command = play.prepare(name)
                run = command(strace(inject(call, "signal=KILL", n)))
                deaths += run.status in DEATH_OF_A_COMMAND
                if run.status not in DEATH_OF_A_COMMAND | {0}:
                    raise Trouble(f"{name}, killed at {call} {n}: {run}")
                play.look(name)
                if name in ("push", "pull") or soak.is_full:
                    play.world.settle()
            play.world.settle()
            counts.append(expect_hits(name, deaths, len(points), "deaths"))
        return ", ".join(counts)

    return with_play(soak, body)


def expect_hits(name, hits, tries, what):
    """A walk that hits little shows little. Threads differ from run to run, so that some points are not reached."""
    if hits * 2 < tries:
        raise Trouble(f"{name}: only {hits} {what} at {tries} points")
    return f"{name} {hits} {what} at {tries} points"


def device_meets_errors_at_any_call(soak):
    """A device whose disk fails (EIO), is full (ENOSPC) or whose files run out (EMFILE) refuses cleanly and loses nothing"""

    def body(play):
        counts = []
        for name in ("add", "edit", "delete", "push", "pull"):
            refusals = tries = 0
            for error, calls, in_folder in ERRORS:
                files = files_below(play.phone.home) if in_folder else ()
                count = count_command(play.phone, calls, play.prepare(name), files)
                for call, n in count.points(calls, soak, 1):
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


def expect_clean(run, where, call, lasting):
    """Where nothing can be written for good, not even the message can: then the status alone has to do."""
    try:
        if call in ("write", "writev") and lasting:
            if not 1 <= run.status <= 125:
                raise Trouble(f"not a clean status: {run}")
        else:
            run.failed_cleanly()
    except Trouble as trouble:
        raise Trouble(f"{where}: {trouble}") from None


def server_dies_at_any_call(soak):
    """A server that dies at any system call of a push or pull starts again by itself and has lost nothing"""

    def body(play):
        server, counts = play.world.server, []
        for name in ("push", "pull"):
            points = count_attached(play, name, FATAL_CALLS).points(FATAL_CALLS, soak, 6)
            deaths = 0
            for call, n in points:
                command = play.prepare(name)
                with attached(server, inject(call, "signal=KILL", n)):
                    run = command()
                if run.status not in (0, 75):
                    raise Trouble(f"{name}, server killed at {call} {n}: {run}")
                if not server.is_alive:
                    deaths += 1
                    server.ended()
                    server.start()
                if run.status == 0:
                    # Before the phone comes again: what it was told is there is on the server.
                    play.desk.sync().ok()
                    play.ledger.check(play.desk.export(), "desk")
                play.world.settle()
            counts.append(expect_hits(name, deaths, len(points), "deaths"))
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
        deaths = 0
        with World(soak) as world, tempfile.NamedTemporaryFile("r", prefix="webinar-trace.") as file:
            server = world.server
            if name == "later start":
                server.start()
                server.kill()
            server.start(strace(trace(["openat", *FATAL_CALLS], output=file.name)))
            server.kill()
            points = Count(file.read(), str(server.data)).points(FATAL_CALLS, soak, 8)
            for call, n in points:
                if name == "first start":
                    shutil.rmtree(server.data)
                server.launch(strace(inject(call, "signal=KILL", n)))
                if server.is_up():
                    server.kill()
                else:
                    deaths += 1
                server.start()
                server.kill()
            counts.append(expect_hits(name, deaths, len(points), "deaths"))
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
                for call, n in count.points(calls, soak, 1):
                    for lasting in ("", "+"):
                        command = play.prepare(name)
                        with attached(server, inject(call, f"error={error}", f"{n}{lasting}", files)):
                            run = command()
                        tries += 1
                        if run.status != 0:
                            refusals += 1
                            expect_clean(run, f"{name}, server with {error} at {call} {n}{lasting}", call, "")
                        if not server.is_alive:
                            restarts += 1
                            server.ended()
                            server.start()
                        if run.status == 0:
                            play.desk.sync().ok()
                            play.ledger.check(play.desk.export(), "desk")
                        play.world.settle()
            counts.append(f"{name} {refusals} refusals in {tries} errors, {restarts} restarts")
        return ", ".join(counts)

    return with_play(soak, body)


CHECKS = [
    device_dies_at_any_call, device_meets_errors_at_any_call, server_dies_at_any_call, server_dies_while_it_starts,
    server_meets_errors_at_any_call,
]
