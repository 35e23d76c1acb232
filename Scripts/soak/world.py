"""A server, devices and a ledger, as processes and folders: what every subject is played with."""

import collections
import contextlib
import ctypes
import json
import os
import pathlib
import random
import select
import shutil
import signal
import subprocess
import tempfile
import time

from ledger import Ledger, Trouble, identifiers

PATIENCE_SECONDS = 300
TRAPS = {-number for number in (signal.SIGILL, signal.SIGTRAP, signal.SIGABRT, signal.SIGBUS, signal.SIGSEGV)}
TRAPS |= {128 - number for number in TRAPS}


def end_with_parent():
    """A soak that is interrupted leaves no process behind."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Run:
    """What a command did."""

    def __init__(self, words, status, output, errors):
        self.words, self.status, self.output, self.errors = words, status, output, errors

    def __str__(self):
        return f"`{' '.join(self.words)}` ended with {self.status}: {self.errors.strip()[-400:]}"

    def ok(self):
        if self.status != 0:
            raise Trouble(str(self))
        return self

    def failed_cleanly(self):
        """A status of our own and a line that says what happened. Before its first instruction the loader speaks."""
        if self.status == 127 and "error while loading shared libraries" in self.errors:
            return self
        if not 1 <= self.status <= 125 or "error: " not in self.errors:
            raise Trouble(f"not a clean failure: {self}")
        if self.status == 70:
            raise Trouble(f"reported as a bug of ours: {self}")
        return self

    def json(self):
        return json.loads(self.ok().output)


class Device:
    def __init__(self, soak, name, home):
        self.soak, self.name, self.home = soak, name, pathlib.Path(home)
        self.prefix = []

    def start(self, *words, prefix=(), stdin=subprocess.DEVNULL):
        environment = self.soak.environment | {"WEBINAR_HOME": str(self.home)}
        return subprocess.Popen(
            [*prefix, *self.prefix, self.soak.client, *words],
            env=environment, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True, preexec_fn=end_with_parent,
        )

    def finish(self, process, words, input=None, patience=PATIENCE_SECONDS):
        """Waits for its end. No command may trap."""
        try:
            output, errors = process.communicate(input, timeout=patience)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise Trouble(f"{self.name}: `{' '.join(words)}` hung for {patience} seconds") from None
        run = Run(words, process.returncode, output.decode(), errors.decode(errors="replace"))
        if run.status in TRAPS:
            raise Trouble(f"{self.name} trapped: {run}")
        return run

    def run(self, *words, prefix=(), input=None, patience=PATIENCE_SECONDS):
        stdin = subprocess.DEVNULL if input is None else subprocess.PIPE
        return self.finish(self.start(*words, prefix=prefix, stdin=stdin), words, input, patience)

    def export(self):
        return self.run("export", "--jsonl").ok().output

    def fill(self, ledger, count, length=0):
        """Saves many notes at once; `length` characters of other words in each."""
        lines, words = [], []
        for _ in range(count):
            word = ledger.word()
            words.append(word)
            lines.append(json.dumps({"type": "note", "text": f"Heard {word} {self.soak.chatter(length)}".strip()}))
        run = self.run("import", "--jsonl", "-", input="\n".join(lines).encode()).ok()
        for word in words:
            ledger.saved(word, word)
        return run

    def add(self, ledger, prefix=()):
        word = ledger.word()
        run = self.run("note", "add", f"Heard {word} here.", prefix=prefix)
        ledger.wrote(run.status, word, word)
        return run

    def edit(self, ledger, id, note, prefix=()):
        word = ledger.word()
        run = self.run("note", "edit", id, f"Heard {word} here.", prefix=prefix)
        ledger.wrote(run.status, note, word)
        return run

    def remove(self, ledger, id, note, prefix=()):
        run = self.run("note", "rm", id, prefix=prefix)
        (ledger.removed if run.status == 0 else ledger.tried_to_remove)(note)
        return run

    def sync(self, *words, prefix=(), patience=PATIENCE_SECONDS):
        return self.run("sync", "--json", *words, prefix=prefix, patience=patience)

    def doctor(self):
        run = self.run("doctor", patience=4 * PATIENCE_SECONDS)
        if run.status != 0:
            raise Trouble(f"{self.name}: {run}\n{run.output}")

    def identifiers(self):
        return identifiers(self.export())


class Server:
    def __init__(self, soak, folder):
        self.soak, self.data = soak, pathlib.Path(folder)
        self.log_file = pathlib.Path(f"{folder}.log")
        self.address = "127.0.0.1:0"
        self.process = None

    def launch(self, prefix=()):
        """Begins to start, and does not wait. Every start after the first is on the same port."""
        log = open(self.log_file, "ab")
        self.process = subprocess.Popen(
            [*prefix, self.soak.server, "serve", "--data", str(self.data), "--listen", self.address],
            env=self.soak.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
            start_new_session=True, preexec_fn=end_with_parent,
        )
        log.close()

    def is_up(self, patience=60):
        """Waits until it takes connections; False if it ended before."""
        text, deadline = b"", time.monotonic() + patience
        while b"listening on " not in text or not text.endswith(b"\n"):
            if not select.select([self.process.stdout], [], [], max(0, deadline - time.monotonic()))[0]:
                raise Trouble(f"the server does not listen after {patience} seconds: {text.decode()}")
            piece = os.read(self.process.stdout.fileno(), 4096)
            if not piece:
                self.ended()
                return False
            text += piece
        self.address = text.decode().rsplit("listening on ", 1)[1].split()[0]
        return True

    def start(self, prefix=()):
        self.launch(prefix)
        if not self.is_up():
            raise Trouble(f"the server does not start again by itself: {self.log()}")

    def ended(self):
        """Waits for its end, and holds that it was no trap."""
        status = self.process.wait(PATIENCE_SECONDS)
        self.process.stdout.close()
        self.process = None
        if status in TRAPS:
            raise Trouble(f"the server trapped ({status}): {self.log()}")
        return status

    def kill(self):
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.ended()

    def stop(self):
        self.process.terminate()
        self.ended()

    @property
    def is_alive(self):
        return self.process is not None and self.process.poll() is None

    @property
    def port(self):
        return int(self.address.rsplit(":", 1)[1])

    def log(self):
        return self.log_file.read_text(errors="replace")[-600:]

    def link(self, device):
        words = [self.soak.server, "link", "--data", str(self.data), "--link-only"]
        run = subprocess.run(words, env=self.soak.environment, capture_output=True, timeout=PATIENCE_SECONDS)
        Run(words, run.returncode, "", run.stderr.decode()).ok()
        device.run("device", "link", "-", "--name", device.name, input=run.stdout).ok()


class World:
    """A folder with a server and devices, gone at the end."""

    def __init__(self, soak, *names, parent=None):
        self.soak = soak
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="webinar-soak.", dir=parent))
        self.ledger = Ledger(soak.plant)
        self.server = Server(soak, self.folder / "server")
        self.devices = []
        self.has_copies = False
        for name in names:
            self.device(name)

    def device(self, name, home=None):
        device = Device(self.soak, name, home or self.folder / name)
        self.devices.append(device)
        return device

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.server.kill()
        if kind is None or not self.soak.keeps:
            shutil.rmtree(self.folder, ignore_errors=True)
        else:
            print(f"     what is left: {self.folder}")

    def begin(self):
        """Starts the server, links every device and syncs it."""
        self.server.start()
        for device in self.devices:
            self.server.link(device)
            device.sync().ok()
        return self

    def any_order(self, devices):
        return self.soak.chance.sample(devices, len(devices))

    def settle(self, devices=None, put_backs=0):
        """With all faults over: two syncs each and nothing done by hand, and all are equal, whole and level.

        Of a server that was put back, no device says so more often than that was done.
        """
        devices = devices or self.devices
        said = collections.Counter()
        for _ in range(2):
            answers = [device.sync().json() for device in devices]
            for device, answer in zip(devices, answers):
                said[device] += answer["server_restored"]
                if said[device] > put_backs:
                    raise Trouble(f"{device.name}: the server's log went back behind what it had acknowledged")
                if answer["new_replica"] and not self.has_copies:
                    raise Trouble(f"{device.name}: its log went back behind what it had acknowledged")
        self.compare(devices)
        for device, answer in zip(devices, answers):
            if not answer["level"]:
                raise Trouble(f"{device.name}: the server holds another state")
            waiting = device.run("status", "--json").json()["unsent"]
            if waiting:
                raise Trouble(f"{device.name}: {waiting} changes stay unsent")

    def compare(self, devices=None):
        """That devices hold the same bytes, what the ledger says, and sound files."""
        devices = devices or self.devices
        exports = []
        for device in devices:
            device.doctor()
            exports.append(device.export())
            self.ledger.check(exports[-1], device.name)
            if exports[-1] != exports[0]:
                raise Trouble(f"{device.name} and {devices[0].name} export different bytes")


class Soak:
    """How this round is played: the commands, the chance, the length."""

    VOCABULARY = (
        "retention review slide latency budget deadline owner question chart offline conflict device example number "
        "highlight action speaker audience 讲者 复习 同步 冲突 下一步 离线 设备 预算"
    ).split()

    def __init__(self, folder, seed, is_full, plant=None, keeps=False):
        self.client, self.server = (str(pathlib.Path(folder, name).resolve()) for name in ("webinar", "webinar-server"))
        self.seed, self.is_full, self.plant, self.keeps = seed, is_full, plant, keeps
        self.chance = random.Random(seed)
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8", "TZ": "UTC",
            # A trap must show as its signal, and not wait for a backtrace.
            "SWIFT_BACKTRACE": "enable=no",
        }

    def amount(self, short, full):
        return full if self.is_full else short

    def chatter(self, length):
        words = []
        while sum(map(len, words)) + len(words) < length:
            words.append(self.chance.choice(self.VOCABULARY))
        return " ".join(words)
