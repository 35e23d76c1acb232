#!/usr/bin/env python3
"""Text merging against Yrs (pycrdt), Loro and Automerge, as a Markdown table for docs/benchmarks.md.

    Benchmarks/text-merging/run.sh > table.md

Times are the best processor time of several runs, so that other work on the machine disturbs little. The peers are
called from Python, which costs some microseconds for each call and nothing to speak of for a whole history. Traces are
made ASCII first, because the libraries count characters in different units.
"""
import gzip, json, pathlib, random, statistics, subprocess, sys, time, zlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRACES = ROOT / "Tests" / "EgWalkerTests" / "Traces"
BENCH = ROOT / "Benchmarks" / ".build" / "release" / "text-bench"


def ascii_only(text):
    return text if text.isascii() else "".join(c if c.isascii() else "_" for c in text)


def trace(path):
    data = json.loads(gzip.decompress((TRACES / f"{path}.json.gz").read_bytes()))
    for transaction in data["txns"]:
        transaction["patches"] = [(p[0], p[1], ascii_only(p[2])) for p in transaction["patches"]]
    data["endContent"] = ascii_only(data["endContent"])
    return data


def best(work, budget=1.0, least=3):
    """The best processor time in milliseconds. `work` may return a function to be timed, so that it can set up."""
    result, end, runs = float("inf"), time.time() + budget, 0
    while runs < least or (time.time() < end and runs < 300):
        timed = work()
        start = time.process_time()
        timed()
        result = min(result, (time.process_time() - start) * 1e3)
        runs += 1
        if result > 10_000:
            break
    return result


class Yrs:
    name = "Yrs"

    def __init__(self, agent, blob=None):
        import pycrdt
        self.doc = pycrdt.Doc(client_id=agent)
        self.body = self.doc.get("text", type=pycrdt.Text)
        if blob:
            self.doc.apply_update(blob)

    def edit(self, patches):
        # A transaction for each: in one large one its blocks cannot join.
        for position, deleted, inserted in patches:
            if deleted:
                del self.body[position:position + deleted]
            if inserted:
                self.body.insert(position, inserted)

    def version(self): return self.doc.get_state()
    def since(self, version): return self.doc.get_update(version)
    def whole(self): return self.doc.get_update()
    def merge(self, blob): self.doc.apply_update(blob)
    def text(self): return str(self.body)


class Loro:
    name = "Loro"

    def __init__(self, agent, blob=None):
        import loro
        self.loro = loro
        self.doc = loro.LoroDoc()
        self.doc.peer_id = agent
        self.body = self.doc.get_text("text")
        if blob:
            self.doc.import_(blob)

    def edit(self, patches):
        for position, deleted, inserted in patches:
            if deleted:
                self.body.delete(position, deleted)
            if inserted:
                self.body.insert(position, inserted)
        self.doc.commit()

    def version(self): return self.doc.oplog_vv
    def since(self, version): return self.doc.export(self.loro.ExportMode.Updates(version))
    def whole(self): return self.since(self.loro.VersionVector())
    def merge(self, blob): self.doc.import_(blob)
    def text(self): return self.body.to_string()


class Automerge:
    name = "Automerge"

    def __init__(self, agent, blob=None):
        import automerge.core as core
        self.core = core
        if blob is None:
            seed = core.Document(bytes(16))
            with seed.transaction() as transaction:
                transaction.put_object(core.ROOT, "text", core.ObjType.Text)
            blob = seed.save()
        self.doc = core.Document.load(blob)
        self.doc.set_actor(b"\1" + agent.to_bytes(15, "big"))
        self.body = self.doc.get(core.ROOT, "text")[1]

    def edit(self, patches):
        with self.doc.transaction() as transaction:
            for position, deleted, inserted in patches:
                for _ in range(deleted):
                    transaction.delete(self.body, position)
                for offset, character in enumerate(inserted):
                    transaction.insert(self.body, position + offset, self.core.ScalarType.Str, character)

    def version(self): return None
    def since(self, version): return self.doc
    def whole(self): return self.doc.save()
    def merge(self, other): self.doc.merge(other)
    def text(self): return self.doc.text(self.body)


PEERS = [Yrs, Loro, Automerge]


def saves(base, edits, seed):
    """Word-level edits at a wandering place, as text-bench makes them; one splice for each."""
    chance, text, result = random.Random(seed), base, []
    place = chance.randrange(len(text))
    for number in range(edits):
        at = min(len(text) - 1, max(0, place + chance.randint(-200, 200))) if chance.random() < 0.5 \
            else chance.randrange(len(text))
        start = text.rfind(" ", 0, at) + 1
        kind = chance.random()
        word = f"word{seed}x{number}"
        if kind < 0.6:
            patch = (start, 0, " ".join([word] * chance.randint(1, 6)) + " ")
        elif kind < 0.8:
            end = text.find(" ", start) + 1
            patch = (start, max(0, end - start), "")
        else:
            end = text.find(" ", start)
            patch = (start, max(0, end - start), word)
        position, deleted, inserted = patch
        if deleted == 0 and not inserted:
            continue
        text = text[:position] + inserted + text[position + deleted:]
        place = position + len(inserted)
        result.append(patch)
    return result


def exchange(peer, base, edits, seed):
    first = peer(1)
    first.edit([(0, 0, base)])
    blob = first.whole()
    patches = [saves(base, edits, seed * 2 + side) for side in (0, 1)]

    def set_up():
        sides = [peer(11, blob), peer(12, blob)]
        for side, own in zip(sides, patches):
            for patch in own:
                side.edit([patch])
        one, other = sides
        seen = one.version(), other.version()

        def timed():
            to_other, to_one = one.since(seen[1]), other.since(seen[0])
            one.merge(to_one)
            other.merge(to_other)
            texts = one.text(), other.text()
            assert texts[0] == texts[1]
        return timed
    return best(set_up)


def whole_history(peer, patches, end):
    document = peer(1)
    document.edit(patches)
    blob = document.whole()
    assert document.text() == end

    def timed():
        assert peer(2, blob).text() == end
    return best(lambda: timed), len(blob), len(zlib.compress(blob, 9))


def runs(data):
    """Transactions of one author in a row, with no branch between, as one."""
    joined, of = [], []
    for index, transaction in enumerate(data["txns"]):
        if index and transaction["parents"] == [index - 1] and data["txns"][index - 1]["agent"] == transaction["agent"] \
                and data["txns"][index - 1]["numChildren"] == 1:
            joined[-1][2].extend(transaction["patches"])
        else:
            joined.append((sorted({of[p] for p in transaction["parents"]}), transaction["agent"],
                           list(transaction["patches"])))
        of.append(len(joined) - 1)
    return joined


def messages(peer, data):
    """Plays the authors, and gives one message for each of their runs."""
    authors, has, made = {}, {}, []
    history = runs(data)

    for parents, agent, patches in history:
        if agent not in authors:
            authors[agent], has[agent] = peer(agent + 1), set()
        todo, missing = list(parents), set()
        while todo:
            current = todo.pop()
            if current not in has[agent] and current not in missing:
                missing.add(current)
                todo.extend(history[current][0])
        for number in sorted(missing):
            authors[agent].merge(made[number])
        has[agent] |= missing
        version = authors[agent].version()
        authors[agent].edit(patches)
        made.append(authors[agent].since(version))
        has[agent].add(len(made) - 1)
    return made


def ours():
    lines = subprocess.run([BENCH], capture_output=True, text=True, check=True).stdout.splitlines()
    return {row["what"]: row for row in map(json.loads, lines)}


def main():
    base = trace("sequential/seph-blog1")["endContent"][:20_000]
    table, own = {}, ours()

    def put(row, peer, value):
        table.setdefault(row, {})[peer] = value
        print(f"{row}: {peer} {value:.3f}", file=sys.stderr)

    for edits in (5, 200):
        for peer in PEERS:
            values = [exchange(peer, base, edits, seed) for seed in range(3)]
            put(f"note {edits}+{edits} exchange", peer.name, statistics.median(values))
    for name in ("automerge-paper", "seph-blog1", "friendsforever_flat"):
        data = trace(f"sequential/{name}")
        patches = [patch for transaction in data["txns"] for patch in transaction["patches"]]
        for peer in PEERS:
            value, size, packed = whole_history(peer, patches, data["endContent"])
            put(f"{name}: decode, replay, text", peer.name, value)
            put(f"{name}: file", peer.name, min(size, packed) / 1000)
    for name in ("friendsforever", "node_nodecc"):
        data = trace(f"concurrent/{name}")
        for peer in PEERS[:2]:
            made = messages(peer, data)
            final = peer(900)
            for message in made:
                final.merge(message)
            blob = final.whole()
            put(f"{name}: decode, merge, text", peer.name, best(lambda: lambda: peer(901, blob).text()))
            put(f"{name}: file", peer.name, min(len(blob), len(zlib.compress(blob, 9))) / 1000)
            if name == "friendsforever":
                def stream():
                    document = peer(902)
                    for message in made:
                        document.merge(message)
                    document.text()
                put(f"{name} as 3727 messages", peer.name, best(lambda: stream))

    print("| what | unit | EgWalker | Yrs | Loro | Automerge | ours / best peer |\n|---|---|--:|--:|--:|--:|--:|")
    for what, row in own.items():
        peers = table.get(what, {})
        cells = [f"{peers[p.name]:.3g}" if p.name in peers else "–" for p in PEERS]
        ratio = f"{row['value'] / min(peers.values()):.2f}" if peers else "–"
        print(f"| {what} | {row['unit']} | {row['value']:.3g} | " + " | ".join(cells) + f" | {ratio} |")


if __name__ == "__main__":
    main()
