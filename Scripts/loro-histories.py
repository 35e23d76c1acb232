#!/usr/bin/env python3
"""Random histories of a text that several peers write at a time, played through Loro, one JSON object to a line.

    loro-histories.py COUNT [FIRST_SEED] > histories.jsonl

    seed       the history comes back with COUNT 1 and this FIRST_SEED
    changes    parents first: [agent, sequence, [[agent, sequence] of each parent], [[position, deleted, inserted], ...]]
    texts      [[[agent, sequence] of each head], the text that Loro shows at that version]

The agent of a change is its peer in Loro, and the sequence the peer's counter, so that both break ties alike. Positions
are Unicode scalars.
"""
import json
import random
import sys

import loro

ALPHABET = ["a", "b", "c", "d", " ", "\n", "é", "e\u0301", "中", "文", "\U0001D69D", "👍🏽", "👨‍👩‍👧", "🇩🇪"]


class Writer:
    def __init__(self, agent):
        self.agent, self.known, self.heads, self.sequence = agent, {}, set(), 0
        self.document = loro.LoroDoc()
        self.document.peer_id = agent
        self.text = self.document.get_text("text")

    def edit(self, chance):
        length, spans, first = self.text.len_unicode, [], self.sequence
        for _ in range(chance.randint(1, 3)):
            # Most at few places, so that insertions made apart meet.
            at = chance.choice([0, length, length // 2, chance.randint(0, length)])
            deleted = min(length - at, chance.randint(1, 3)) if chance.random() < 0.4 else 0
            inserted = "" if deleted and chance.random() < 0.5 else \
                "".join(chance.choice(ALPHABET) for _ in range(chance.randint(1, 3)))
            if deleted:
                self.text.delete(at, deleted)
            if inserted:
                self.text.insert(at, inserted)
            length += len(inserted) - deleted
            self.sequence += len(inserted) + deleted
            spans.append([at, deleted, inserted])
        self.document.commit()
        name = (self.agent, first)
        self.known[name] = [self.agent, first, sorted(self.heads), spans]
        self.heads = {name}

    def take(self, other):
        self.document.import_(other.document.export(loro.ExportMode.Updates(self.document.oplog_vv)))
        new = [name for name in other.known if name not in self.known]
        for name in new:
            self.known[name] = other.known[name]
        heads = self.heads | other.heads
        past = {tuple(parent) for name in self.known for parent in self.known[name][2]}
        self.heads = {name for name in heads if name not in past}

    def state(self):
        return [sorted(self.heads), self.text.to_string()]


def history(seed):
    chance = random.Random(seed)
    agents = chance.sample(range(1, 10), chance.randint(2, 5))
    writers = [Writer(agent) for agent in agents]
    texts = []
    for _ in range(chance.randint(6, 24)):
        one = chance.choice(writers)
        if chance.random() < 0.65:
            one.edit(chance)
        else:
            one.take(chance.choice(writers))
            texts.append(one.state())
    first = writers[0]
    for other in writers[1:]:
        first.take(other)
    texts.append(first.state())
    # A change's parents are known before it, wherever it was taken over.
    return {"seed": seed, "changes": list(first.known.values()), "texts": texts}


def main():
    count, first = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    for seed in range(first, first + count):
        print(json.dumps(history(seed), ensure_ascii=False))


if __name__ == "__main__":
    main()
