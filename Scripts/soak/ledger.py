"""What was typed, and what must come of it.

Each note holds one word of its own, so that a note that is lost, doubled, half saved or invented shows in an export.
An acknowledged command leaves a note one way to be; one that was killed or refused leaves it two, and the first look
at the device decides which: all of the command, or nothing of it.
"""

import collections
import itertools
import json
import re

WORD = re.compile(r"\bw\d{7}x\b")


class Trouble(Exception):
    """A promise was broken."""


class Skipped(Exception):
    """A check that cannot be made here, with the reason."""


class Ledger:
    def __init__(self, plant=None):
        self.notes = {}  # The word a note began with -> the words it may hold; None: it may be missing.
        self.counter = itertools.count(1)  # Devices that play at once take words from it.
        self.plant = plant

    def word(self):
        return f"w{next(self.counter):07}x"

    def saved(self, note, word):
        """The command that wrote `word` ended with 0."""
        self.notes[note] = {word}

    def tried(self, note, word):
        """The command that was to write `word` ended otherwise."""
        self.notes[note] = self.notes.get(note, {None}) | {word}

    def removed(self, note):
        self.notes[note] = {None}

    def tried_to_remove(self, note):
        self.notes[note] = self.notes[note] | {None}

    def wrote(self, status, note, word):
        (self.saved if status == 0 else self.tried)(note, word)

    def check(self, export, who):
        """Holds an export against what was typed. What it shows of open questions is final from then on."""
        there = collections.Counter(WORD.findall(export))
        if self.plant == "lost":
            there.pop(max(there, default=None), None)
        if self.plant == "doubled":
            there.update(list(there)[:1])
        for note, allowed in self.notes.items():
            found = [word for word in allowed if word and there[word]]
            if len(found) > 1 or (not found and None not in allowed):
                raise Trouble(f"{who}: note {note} should hold one of {allowed} and holds {found}")
            self.notes[note] = set(found) or {None}
        doubled = [word for word, count in there.items() if count > 1]
        if doubled:
            raise Trouble(f"{who}: {len(doubled)} notes are there more than once, for example {doubled[0]}")
        invented = set(there) - {word for words in self.notes.values() for word in words}
        if invented:
            raise Trouble(f"{who}: {sorted(invented)[:3]} should not be there")

    def live(self):
        """Notes that are there for certain: (note, word)."""
        return [(note, word) for note, words in self.notes.items() for word in words if words == {word} and word]


def identifiers(export):
    """The ids of the notes in an export, by the word that they hold."""
    ids = {}
    for line in export.splitlines():
        record = json.loads(line)
        for word in WORD.findall(record.get("text", "")):
            ids[word] = record["id"]
    return ids
