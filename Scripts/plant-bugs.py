#!/usr/bin/env python3
"""Plants bugs in the sync engine, one at a time, in a copy of the package, and shows that each is caught: by the
simulator, or by a test where no history shows it.

    Scripts/plant-bugs.py                  all, up to 10,000 histories each
    Scripts/plant-bugs.py epoch hash       those whose name has one of the words in it
    Scripts/plant-bugs.py --table          rows as docs/testing.md has them, with the law as the simulator says it

Ends with 1 if a bug survives, cannot be planted or does not build, or if fault is found with no bug planted.
"""

import argparse
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

SESSION = "Sources/SyncClient/SyncSession.swift"
ACCEPTED = "Sources/SyncClient/SyncSession+accepted.swift"
FORKS = "Sources/SyncClient/SyncSession+forks.swift"
HANDLER = "Sources/SyncServer/ExchangeHandler.swift"
ADMISSION = "Sources/Models/Sync/Admission.swift"
HISTORY = "Sources/Store/RecordHistory.swift"
WRITER = "Sources/Store/StoreWriter.swift"
PEER = "Sources/Store/Peer.swift"
REWRITING = "Sources/Store/StoreWriter+rewriting.swift"
REISSUE = "Sources/Store/Reissue.swift"
APPLIER = "Sources/Store/Applier.swift"
OUTGOING = "Sources/Store/Outgoing.swift"
LOG = "Sources/Store/ChangeLog.swift"
TABLE = "Sources/Store/StateTable.swift"
REGISTER = "Sources/Models/Merge/Register.swift"
STATE = "Sources/Models/Merge/RecordState.swift"
PURGING = "Sources/Models/Merge/RecordState+purging.swift"
WRITING = "Sources/Models/Merge/RecordState+writing.swift"
REVIVING = "Sources/Store/StoreWriter+reviving.swift"
TEXTS = "Sources/Store/TextTable.swift"
UNPURGED = "Sources/Store/UnpurgedText.swift"

# What it is called, where, what stands there, what shall stand there.
BUGS = [
    ("the server's cursor runs ahead of what it sent", HANDLER,
     "next: try cursor(at: through),", "next: try cursor(at: end),"),
    ("the client stores the cursor before the changes", SESSION,
     "        let step: Step\n        do {",
     "        if answer.outcome == .accepted {\n            try store.write { writer in\n"
     "                var early = try writer.reader.peer() ?? Peer()\n                early.cursor = answer.next\n"
     "                try writer.setPeer(early)\n            }\n        }\n"
     "        let step: Step\n        do {"),
    ("a known number with another hash passes for known", ADMISSION,
     "guard try knownHash(sequence) == candidates[overlap - 1].hash else {",
     "guard try knownHash(sequence) != nil else {"),
    ("known changes are taken in once more", ADMISSION,
     "?? .accept(from: overlap)", "?? .accept(from: 0)"),
    ("a gap in a run is not noticed", ADMISSION,
     "guard firstSequence <= head.sequence + 1 else { return .sendFrom(head.sequence + 1) }",
     "guard firstSequence <= head.sequence + 1 else { return .accept(from: 0) }"),
    ("a forked head is not noticed", HANDLER,
     "if let fork = try fork(of: request.heads) { return try refusal(fork, request) }", ""),
    ("the epoch and the hash at the cursor are ignored", HANDLER,
     "return try cursor.epoch == reader.notebook().epoch && reader.logHash(at: cursor.version) == cursor.hash",
     "return try cursor.epoch == cursor.epoch && reader.logHash(at: cursor.version) != nil"),
    ("history lost leaves the old cursor", SESSION,
     "            peer.cursor = answer.next\n            try writer.setPeer(peer)\n            try acknowledge",
     "            peer.synced = 0\n            try writer.setPeer(peer)\n            try acknowledge"),
    ("a device believes that all it sent arrived", ACCEPTED,
     "        comparesAll = comparesAll ||",
     "        for log in try writer.reader.outgoing() { try writer.acknowledge(log.head.replica, through: log.head.sequence) }\n"
     "        comparesAll = comparesAll ||"),
    ("others' changes are not brought back", ACCEPTED,
     "if !request.known.isEmpty { try carry(answer, writer) }", ""),
    ("what is known is left out, and one more", LOG,
     "if sequence <= knownThrough[replica] ?? 0 {", "if sequence <= (knownThrough[replica].map { $0 + 1 } ?? 0) {"),
    ("a fork loses the first change after it", REWRITING,
     "let sequence = isForked && !goesOn ? sequence :", "let sequence = isForked && !goesOn ? min(sequence + 1, own.head.sequence) :"),
    ("a copy keeps its replica after a fork", REISSUE,
     "(change.replica, change.sequence) = (name, previous.sequence + 1)",
     "change.sequence = previous.sequence + 1"),
    ("copies give what they issue again names of their own", REWRITING,
     "try isFree($0, arrived) ? $0 : surroundings.newReplicaID()",
     "try isFree($0, arrived) ? surroundings.newReplicaID() : $0"),
    ("a server forgets what it refused", HANDLER,
     "let refused = try isTimeless ? [:] : writer.reader.refusals(of: run.replica)",
     "let refused: [ContentHash: UInt64] = [:]"),
    ("references keep the names of before a fork", REISSUE,
     "edit.parents = edit.parents.map { ids[$0] ?? $0 }.sorted()", "edit.parents.sort()"),
    ("an edit does not wait for its parents", APPLIER,
     "for parent in edit.parents where try !isApplied(parent) { return true }",
     "for parent in edit.parents where try !isApplied(parent) { _ = parent }"),
    ("who waits is never let in", APPLIER, "if hasWaiting { try admitWaiting() }", ""),
    ("what arrives late comes back", REGISTER, "guard let content, !awaited.contains(stamp) else", "guard let content else"),
    ("what is replaced stays", REGISTER,
     "                heads.remove(at: known)\n", "                _ = known\n"),
    ("a digest keeps what a record was", TABLE,
     "for source in [old?.bytes, new.bytes]", "for source in [new.bytes]"),
    ("what was loaded of a log that is gone stays", SESSION,
     "try writer.dropLoading()\n            var peer", "var peer"),
    ("a load ends where the log is by then", HANDLER,
     "next: next.isAtEnd ? position.log : request.cursor",
     "next: next.isAtEnd ? try cursor(at: reader.logEnd().version) : request.cursor"),
    ("the place in a load is forgotten", "Sources/Store/StoreWriter+loading.swift",
     "DO UPDATE SET loaded = excluded.loaded", "DO NOTHING"),
    ("a purge takes out what its author had not seen", PURGING,
     "contains { $0.replica == stamp.replica && stamp.time <= $0.time }", "contains { $0.replica == stamp.replica }"),
    ("nobody writes again what a purge missed", REVIVING,
     "try attempt { isWritten = try revive(", "if record.bits.low == 1 { isWritten = try revive("),
    ("a delete counts for nothing", STATE,
     "deletes.write(seen, at: stamp, replacing: [], hasArrived: hasArrived)", "_ = seen"),
    ("a delete that is issued again names what it saw by the old names", REISSUE,
     "case .delete(let seen): .delete(seen: renamed(seen, of: change.record))", "case .delete(let seen): .delete(seen: seen)"),
    ("a tag that was taken away comes back", STATE,
     "write(element, false, in: field, replacing: replaces)",
     "write(element, false, in: field, replacing: replaces.filter { _ in false })"),
]

# A test shows each of these. No history of the first 10,000 does, or none was played: they are second lines behind others
# of the engine, or need what is rare. Last stands the test that does.
HELD_BY_TESTS = [
    ("what is written again stands before what was set in its place", REGISTER,
     "isRestated(other) == isRestated(stamp) ? other < stamp : isRestated(other)", "other < stamp",
     "what is written again after a purge stands behind what somebody had put in its place"),
    ("what was written under an earlier number is left to who goes on with it", FORKS,
     "guard isForked || !log.goesOn else", "guard isForked || log.isCurrent else",
     "what a device has unsent reaches the server though an unnoticed copy goes on under its number"),
    ("who read another life of the log shows nothing", WRITER,
     '        try db.run("UPDATE notebook SET put_back = 1")\n        guard try reader.notebook().epoch == epoch else { return }\n',
     '        guard try reader.notebook().epoch == epoch else { return }\n        try db.run("UPDATE notebook SET put_back = 1")\n',
     "who read another life of the log shows as well that it was put back"),
    ("who has nothing else of a record writes it again for good", REVIVING,
     "isAllThereIs ? .salvage(seen: $0.seen) : .revive(seen: $0.seen)", ".revive(seen: $0.seen)",
     "the typed words that others wrote again give way to the whole once its author comes"),
    ("who has no value of a record any more writes it again", HISTORY,
     "changes.contains(where: { now.isPurged($0) && $0.folded == nil && $0.isContent })",
     "!changes.contains(where: { $0.folded != nil && !$0.textEdits.isEmpty })",
     "who has no value of a purged session any more leaves it to who has"),
    ("what a former server has counts as unsent", PEER,
     "SET given = max(given, acknowledged), acknowledged = 0", "SET acknowledged = 0",
     "what a former server has stays as it is, although the next one's clock is behind"),
    ("what is issued again has two contents under one name", REISSUE,
     "of: group.map(\\.hash), after: names.last", "of: log.prefix(1).map(\\.hash), after: names.last",
     "copies of a copy that a server which was put back never saw together end up level"),
    ("proofs are not kept", SESSION,
     "for proof in answer.proofs { try writer.keep(proof) }", "",
     "an older proof that comes late leaves the newer one where it is"),
    ("what waits for a yes is passed over", SESSION,
     "        peer.heldCount = count\n", "        peer.heldCount = count\n        peer.cursor = answer.next\n",
     "what another deleted by the score waits on the server, and what is written here goes there"),
    ("what the server acknowledges is not compared", ACCEPTED,
     "            if isOurs {\n", "            if isOurs || head.sequence > 0 {\n",
     "what stands under our numbers with another hash acknowledges nothing"),
    ("later changes overtake one that waits", APPLIER,
     "if hasWaiting, try waitsBehind(change) { return true }", "_ = hasWaiting",
     "what waits holds back only its own replica's changes to its own record"),
    ("an older proof takes the place of a newer one", OUTGOING,
     "DELETE FROM proofs WHERE replica = ? AND NOT is_point AND sequence < ?",
     "DELETE FROM proofs WHERE replica = ? AND NOT is_point AND sequence <> ?",
     "an older proof that comes late leaves the newer one where it is"),
    ("what is written again replaces what was set apart from it", WRITING,
     "return .set(entry.field, value, replaces: [])", "return other.setting(entry.field, to: value)",
     "what was written apart from a purged value is kept as a conflict with it"),
    ("salvaged words count as written again where the whole stands", HISTORY,
     "let writers = lacksRevival ? revivals + salvages : revivals", "let writers = revivals + salvages",
     "salvaged words go only where they stand already"),
    ("what the program writes again brings a record back", REVIVING,
     "if history.isDeletedButForRevival(state) {", "if history.isDeletedButForRevival(state), id.bits.low == 1 {",
     "who deletes a record knowing all that people did to it has the last word"),
    ("what is built upon a purged revival counts as the whole", HISTORY,
     "void.contains($0.id) && !$0.textEdits.isEmpty }", "void.contains($0.id) && $0.textEdits.count > 9 }",
     "what was written again and purged once more is written again whole"),
    ("what is written again goes behind the text", REVIVING,
     "let retold = isAllThereIs ? nil : try", "let retold = !isAllThereIs ? nil : try",
     "what a person did to a note stands as they left it, though it was purged and written again meanwhile"),
    ("a text is merged upon what the disk made of it", TEXTS,
     "guard let stored, hash(of: text) != stored.hash", "guard let stored, hash(of: text) == stored.hash + [0]",
     "an edit of a text that the disk kept as another builds upon what was typed"),
    ("what builds upon another's change under an own number is taken in", SESSION,
     "if try beginSearch(answer, request, writer) {", "if request.heads.isEmpty, try beginSearch(answer, request, writer) {",
     "nothing is taken in that builds upon what a copy wrote under numbers that are to be sent"),
    ("what stands under the numbers of what is stamped again is not read", SESSION,
     "if answer.accepted.contains(where: { own.contains($0.replica) }) {",
     "if answer.accepted.contains(where: { own.contains($0.replica) && $0.sequence == 0 }) {",
     "what went on under the number of a change that lay ahead is read, whatever is sent"),
    ("what can get no other stamp is judged by the clock for ever", SESSION,
     "if try !writer.restamp(now: milliseconds) {", "if try !writer.restamp(now: milliseconds), search != nil {",
     "a server that lost its key and its time takes again what it had"),
    ("a refused change is forked where another stands in its place", HANDLER,
     "if let milliseconds = missing.lazy.compactMap({ refused[$0] }).first {",
     "if let milliseconds = missing.lazy.compactMap({ refused[$0] }).first, milliseconds == 1 {",
     "what two copies have behind a change that another took the number of is stamped alike"),
    ("copies share the names of the first few changes only", REISSUE,
     "names.count < Limits.singlyNamedCount", "names.count < 16",
     "who deletes what a copy has to send as well has the last word"),
    ("a record is written again before what is done to it was sent", SESSION,
     "reviveReturned(isAllSent: isAllSent)", "reviveReturned(isAllSent: isAllSent || true)",
     "what a device has yet to send of a purged record stands once, whoever wrote it again"),
    ("words salvaged inside the text stay when the whole comes", UNPURGED,
     "if isSalvage { salvagesInside", "if isSalvage, text.spans.isEmpty { salvagesInside",
     "words that were salvaged beside what somebody typed give way to the whole, too"),
]


# As `make simulate` builds it: ten times as fast as a debug build.
RELEASE = ["-c", "release", "--static-swift-stdlib", "--disable-local-rpath", "--product", "simulate"]
TESTS = ["--product", "webinarPackageTests"]

# A copy of the package that stays, so that what others wrote is built once.
COPY = ROOT / ".build/planted"
PROGRAM = COPY / ".build/release/simulate"
SOUND = COPY / "sound"


def copy_package():
    COPY.mkdir(parents=True, exist_ok=True)
    for name in ["Package.swift", "Package.resolved", "Sources", "Tests"]:
        path, place = ROOT / name, COPY / name
        if path.is_dir():
            shutil.rmtree(place, ignore_errors=True)
            shutil.copytree(path, place)
        elif path.exists():
            shutil.copy2(path, place)


def build(*what):
    """None, or what is wrong."""
    result = subprocess.run(["swift", "build", *what], cwd=COPY, capture_output=True, text=True)
    return None if result.returncode == 0 else result.stdout[-2000:]


def simulate(program, histories, seed=1):
    """Where the simulator found fault: the seed and the law; None if it did not."""
    process = subprocess.Popen(
        [program, "--histories", str(histories), "--seed", str(seed), "--whole"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={"SWIFT_BACKTRACE": "enable=no"},
        start_new_session=True,
    )
    try:
        text, _ = process.communicate(timeout=3600)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return "?", "it hangs"
    if process.returncode == 0:
        return None
    found = re.search(r"^seed (\d+): (.*)", text, re.MULTILINE)
    return (found.group(1), found.group(2)) if found else ("?", text.strip().split("\n")[-1])


def failing(tests):
    """The names of those tests that fail."""
    names = "|".join(re.escape(name) for name in tests)
    result = subprocess.run(
        ["swift", "test", "--skip-build", "--filter", names], cwd=COPY, capture_output=True, text=True,
        env={**os.environ, "SWIFT_BACKTRACE": "enable=no"},
    )
    failed = [name for name in tests if re.search(f"✘ Test .*{re.escape(name)}", result.stdout)]
    if result.returncode != 0 and not failed:
        sys.exit(f"the tests did not run:\n{result.stdout[-2000:]}{result.stderr[-2000:]}")
    return failed


def plant(bug, look):
    """What `look` finds with the bug planted, and what kept the bug from being planted."""
    _, path, before, after, *_ = bug
    file = COPY / path
    text = file.read_text()
    if text.count(before) != 1:
        return None, "CANNOT PLANT  "
    file.write_text(text.replace(before, after))
    try:
        trouble = build(*(TESTS if is_held(bug) else RELEASE))
        if trouble:
            error = next((line for line in trouble.split("\n") if "error:" in line), trouble)
            return None, f"DOES NOT BUILD ({error}) "
        return look(), None
    finally:
        file.write_text(text)


def is_held(bug):
    return len(bug) == 5


def play(bug, choice):
    """Plants one bug; returns whether it was caught, and what to print."""
    name, place = bug[0], bug[1].split("/", 1)[1]
    if is_held(bug):
        found, trouble = plant(bug, lambda: failing([bug[4]]))
        row, line = f"| {name} | `{place}` | `{bug[4]}` |", f"caught        {name}: {bug[4]}"
    else:
        found, trouble = plant(bug, lambda: simulate(PROGRAM, choice.histories))
        seed, law = found or ("?", "")
        row, line = f"| {name} | `{place}` | {seed} | {law[:80]} |", f"caught        {name}: seed {seed}: {law[:100]}"
        if found and seed != "?" and simulate(SOUND, 1, seed):
            return False, f"FAILS ANYHOW  {name}: seed {seed} fails with no bug planted, too"
    if not found:
        return False, f"{trouble or 'SURVIVED      '}{name}"
    return True, row if choice.table else line


def check_sound(chosen):
    """Ends this if fault is found with no bug planted."""
    held = sorted({bug[4] for bug in chosen if is_held(bug)})
    trouble = build(*RELEASE) or (build(*TESTS) if held else None)
    if trouble:
        sys.exit(f"does not build with no bug planted:\n{trouble}")
    shutil.copy(PROGRAM, SOUND)
    fault = simulate(SOUND, 200) or (failing(held) if held else None)
    if fault:
        sys.exit(f"fault is found with no bug planted: {fault}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--histories", type=int, default=10_000)
    parser.add_argument("--table", action="store_true")
    choice = parser.parse_args()

    chosen = [bug for bug in BUGS + HELD_BY_TESTS if not choice.words or any(word in bug[0] for word in choice.words)]
    copy_package()
    check_sound(chosen)
    survivors = 0
    for bug in chosen:
        is_caught, line = play(bug, choice)
        print(line, flush=True)
        survivors += not is_caught
    sys.exit(1 if survivors else 0)


if __name__ == "__main__":
    main()
