"""kill -9 at random moments, of two devices at work and of the server under them."""

import random
import threading
import time

from ledger import Trouble
from world import World

KILLED = -9


class Worker(threading.Thread):
    """A device that saves and syncs without pause, and is killed again and again."""

    def __init__(self, world, device, chance, kills, lasts):
        super().__init__(daemon=True)
        self.world, self.device, self.chance, self.kills, self.lasts = world, device, chance, kills, lasts
        self.own, self.ids = [], {}
        self.killed = self.acknowledged = 0
        self.trouble = None

    def run(self):
        try:
            # Bounded, should kills keep coming too late.
            for _ in range(self.kills * 100):
                if self.killed >= self.kills and not self.lasts():
                    return
                self.step()
        except Exception as trouble:
            self.trouble = trouble

    def step(self):
        ledger, draw = self.world.ledger, self.chance.random()
        # A note that was killed on the way may be there or not; only what is certain is touched again.
        self.own = [note for note in self.own if len(ledger.notes[note]) == 1]
        known = [(note, self.ids[note]) for note in self.own if note in self.ids]
        if draw < 0.35:
            status = self.kill_or_run("sync", patience=0.4).status
            if status not in (0, 75, KILLED):
                raise Trouble(f"{self.device.name}: sync ended with {status}")
        elif draw < 0.55 and known:
            note, id = self.chance.choice(known)
            word = ledger.word()
            run = self.kill_or_run("note", "edit", id, f"Heard {word} here.")
            self.count(run)
            ledger.wrote(run.status, note, word)
        elif draw < 0.6 and len(known) > 3:
            note, id = self.chance.choice(known)
            run = self.kill_or_run("note", "rm", id)
            self.count(run)
            (ledger.removed if run.status == 0 else ledger.tried_to_remove)(note)
            self.own.remove(note)
        else:
            word = ledger.word()
            run = self.kill_or_run("note", "add", f"Heard {word} here.", "--json")
            self.count(run)
            ledger.wrote(run.status, word, word)
            if run.status == 0:
                self.own.append(word)
                self.ids[word] = run.json()["id"]

    def count(self, run):
        self.acknowledged += run.status == 0
        if run.status not in (0, KILLED):
            raise Trouble(f"{self.device.name}: {run}")

    def kill_or_run(self, *words, patience=0.12):
        process = self.device.start(*words)
        if self.killed < self.kills and self.chance.random() < 0.4:
            time.sleep(self.chance.uniform(0, patience))
            process.kill()
        run = self.device.finish(process, words)
        self.killed += run.status == KILLED
        return run


def kills_under_load_lose_nothing(soak):
    """Devices and a server that are killed at random under load start again by themselves, lose nothing, double nothing"""
    total = soak.amount(20, 1000)
    burst = soak.amount(10, 50)
    clients = servers = acknowledged = 0
    with World(soak, "phone", "desk") as world:
        world.begin()
        while clients < total or servers < total:
            killed = []
            lasts = lambda: len(killed) < burst
            workers = [
                Worker(world, device, random.Random(f"{soak.seed} {device.name} {servers}"), burst // 2, lasts)
                for device in world.devices
            ]
            for worker in workers:
                worker.start()
            while lasts() and any(worker.is_alive() for worker in workers):
                time.sleep(soak.chance.uniform(0, 0.5))
                world.server.kill()
                killed.append(None)
                world.server.start()
            for worker in workers:
                worker.join(600)
                if worker.trouble:
                    raise worker.trouble
            clients += sum(worker.killed for worker in workers)
            servers += len(killed)
            acknowledged += sum(worker.acknowledged for worker in workers)
            world.settle()
    return f"{clients} kills of devices, {servers} of the server, {acknowledged} acknowledged saves"


CHECKS = [kills_under_load_lose_nothing]
