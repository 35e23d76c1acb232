"""What strace does here: it counts the system calls of a command or of the server, and ends or fails one of them.

strace counts for each thread and each kind of call, and so do we. The loader's calls, before a command first names its
folder, are not ours and are left out.
"""

import collections
import contextlib
import re
import shutil
import subprocess
import tempfile

from ledger import Skipped
from world import end_with_parent

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

    def points(self, calls):
        """(call, n) for each n in which `call` is ours."""
        return [(call, n) for call in calls if call in self.last for n in range(self.first[call], self.last[call] + 1)]


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
        try:
            tracer.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            # Now and then it waits for good for a thread of the process that it has killed.
            tracer.kill()
            tracer.communicate()
