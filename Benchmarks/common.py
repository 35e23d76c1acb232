"""What the benchmarks share: where the commands are, timing of whole processes, a server, sample notes."""

import json
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(os.environ.get("WEBINAR_BIN", ROOT / ".build/release")).resolve()
WEBINAR = str(BIN / "webinar")
SERVER = str(BIN / "webinar-server")

ENGLISH = (
    "the speaker said that chat apps keep growing in China and move into other Asian countries fast so a company needs "
    "an account a spokesperson and patience because e-commerce search engines and QR codes bring users who widen their "
    "network with groups and sponsored events while rumours that go viral can end in an arrest"
).split()
CHINESE = "微博是小博客微信在中国领先并且很快扩展到亚洲其他国家二维码在营销中有用创建群组赞助活动可以扩大人脉网络谣言传播会被逮捕社交媒体趋势"


def words(chance, count):
    """Text of `count` characters, a quarter of its words Chinese."""
    found = []
    while sum(map(len, found)) + len(found) < count:
        if chance.random() < 0.25:
            found.append("".join(chance.choices(CHINESE, k=chance.randint(3, 10))))
        else:
            found.append(chance.choice(ENGLISH))
    return " ".join(found)[:count].strip()


def note_text(number):
    """A title of 60 characters, then three paragraphs of 100: the same for everybody, no two alike."""
    chance = random.Random(number)
    title = f"{number:07d} " + words(chance, 52)
    return "\n\n".join([title] + [words(chance, 99) for _ in range(3)])


def write_notes(path, count, first=0):
    with open(path, "w") as file:
        for number in range(first, first + count):
            file.write(json.dumps({"type": "note", "text": note_text(number)}, ensure_ascii=False) + "\n")


def environment(home):
    return {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "WEBINAR_HOME": str(home), "NO_COLOR": "1", "TERM": "dumb"}


def webinar(home, *arguments, **options):
    """Runs `webinar`; returns what it printed."""
    run = subprocess.run([WEBINAR, *arguments], env=environment(home), stdout=subprocess.PIPE, check=True, **options)
    return run.stdout.decode()


def timed(arguments, env=None, expected=0):
    """Milliseconds from the start of a process to its end. Its output goes nowhere."""
    quiet = [(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)]
    began = time.perf_counter()
    pid = os.posix_spawn(arguments[0], arguments, env or os.environ, file_actions=quiet)
    _, status = os.waitpid(pid, 0)
    took = (time.perf_counter() - began) * 1000
    code = os.waitstatus_to_exitcode(status)
    if code != expected:
        sys.exit(f"{' '.join(arguments)} ended with {code}")
    return took


def interleaved(repetitions, *runs):
    """Medians in ms of several ways to spend time, one after the other in turn, so that a drift hits all alike."""
    for run in runs:
        run()
    times = [[] for _ in runs]
    for _ in range(repetitions):
        for taken, run in zip(times, runs):
            taken.append(run())
    return times


def summary(times):
    quartiles = statistics.quantiles(times, n=4)
    return f"{statistics.median(times):7.2f} ms   (quartiles {quartiles[0]:.2f} to {quartiles[2]:.2f}, best {min(times):.2f})"


class Folder:
    """A temporary folder that goes at the end. BENCH_TMP says on which disk."""

    def __enter__(self):
        self.path = Path(tempfile.mkdtemp(prefix="webinar-bench.", dir=os.environ.get("BENCH_TMP")))
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


class Server:
    """A real server on a free port of 127.0.0.1, stopped at the end."""

    def __init__(self, folder):
        self.data = folder / "server"
        self.ready = folder / "address"
        self.log = open(folder / "server.log", "w")

    def __enter__(self):
        self.process = subprocess.Popen(
            [SERVER, "serve", "--data", str(self.data), "--listen", "127.0.0.1:0", "--ready-file", str(self.ready)],
            stdout=self.log,
            stderr=self.log,
        )
        deadline = time.monotonic() + 30
        while not self.ready.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"the server did not start, see {self.log.name}")
            time.sleep(0.02)
        self.address = self.ready.read_text().strip()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def link(self, home, name):
        command = [SERVER, "link", "--data", str(self.data), "--link-only"]
        link = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.decode().strip()
        webinar(home, "device", "link", link, "--name", name)

    def memory(self):
        """Resident megabytes now, and the most so far."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        values = dict(line.split(":", 1) for line in status.splitlines())
        return tuple(int(values[key].split()[0]) / 1024 for key in ("VmRSS", "VmHWM"))


def heading(title):
    print(f"\n## {title}\n", flush=True)


def machine():
    processor = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            processor = line.split(":", 1)[1].strip()
            break
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 1e6
    print(f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores ({processor}), {memory:.0f} GB, {platform.release()}")
    print(f"load before: {os.getloadavg()[0]:.2f}; {webinar('/nonexistent', '--version').strip()}")
