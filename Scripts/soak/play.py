"""Two devices, a server, and the five things that are done to them at the n-th system call."""

from ledger import Trouble
from tracing import require_strace
from world import World


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


def some(points, soak):
    """All points, or in a short round a random one."""
    return points if soak.is_full or not points else [soak.chance.choice(points)]


def walk(name, points, soak, dies):
    """Tells how often `dies(call, n)` was true: at every point, or in a short round at random ones until six times.

    Threads, caches and what there is to sync differ from run to run, so that some points are not reached; a walk that
    hits little shows little.
    """
    enough = max(1, len(points) / 2 if soak.is_full else min(6, len(points) / 2))
    order = points if soak.is_full else soak.chance.sample(points, len(points))
    deaths = tries = 0
    for call, n in order:
        deaths += dies(call, n)
        tries += 1
        if deaths >= enough and not soak.is_full:
            break
    if deaths < enough:
        raise Trouble(f"{name}: only {deaths} deaths at {tries} points")
    return f"{name} {deaths} deaths at {tries} points"


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
