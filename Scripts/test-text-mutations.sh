#!/usr/bin/env bash
# Plants the well-known mistakes of event-graph merging in Sources/EgWalker, one at a time, in a copy of the package,
# and shows that the tests catch each. See docs/testing-text.md.
#
#     Scripts/test-text-mutations.sh            all
#     Scripts/test-text-mutations.sh 'gone|10'  those whose name has "gone" or "10" in it
#
# A test run ends with the first part that catches the mutation, so most take the time of a build, half a minute on a
# quiet machine. Ends with 1 if the tests fail without a mutation, or one survives or cannot be planted.
set -euo pipefail

only=${1:-}
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
"$(dirname "$0")/text-package.sh" "$copy"

survivors=0
planted=0

# A planted mistake may trap, and must not wait for its backtrace.
export SWIFT_BACKTRACE=enable=no

# A mistake may also never end. Processor time is limited and not the time of day, or a busy machine would count as a
# test that failed.
run_part() {
    (
        ulimit -t 240
        EGWALKER_FUZZ=$1 swift test --skip-build --filter "$2" > test.log 2>&1
    ) || { echo "$2" > part.log; return 1; }
}

run_tests() {
    (
        cd "$copy"
        swift build --build-tests > build.log 2>&1 || exit 99
        run_part 0 'RepairTests|CausalGraphTests|TextDocumentTests' && run_part 1000 FuzzTests \
            && run_part 0 ConformanceTests
    )
}

# name, file, what stands there, what shall stand there
mutate() {
    local name=$1 file="$copy/Sources/EgWalker/$2" before=$3 after=$4
    [[ $name =~ $only ]] || return 0
    planted=$((planted + 1))
    cp "$file" "$copy/original"
    if ! BEFORE=$before AFTER=$after perl -0pi -e \
        'BEGIN { $n = 0 } $n += s/\Q$ENV{BEFORE}\E/$ENV{AFTER}/; END { exit($n ? 0 : 3) }' "$file"; then
        echo "CANNOT PLANT  $name"
        survivors=$((survivors + 1))
        cp "$copy/original" "$file"
        return 0
    fi
    local status=0
    run_tests || status=$?
    case $status in
        0) echo "SURVIVED      $name"; survivors=$((survivors + 1)) ;;
        99) echo "DOES NOT BUILD $name"; tail -5 "$copy/build.log"; survivors=$((survivors + 1)) ;;
        *) echo "caught        $name ($(tr '|' ' ' < "$copy/part.log"))" ;;
    esac
    cp "$copy/original" "$file"
}

if ! run_tests; then
    echo "The tests fail without a mutation:"
    tail -n 20 "$copy/build.log" "$copy/test.log"
    exit 1
fi

edits=Engine/MergeList+edits.swift

mutate "1 tie-break by local numbering" $edits \
    'graph.idOfInsertion(run.id) < graph.idOfInsertion(other.id)' 'run.id < other.id'
mutate "2 another order of names" ChangeID.swift \
    '(left.agent, left.sequence) < (right.agent, right.sequence)' '(left.sequence, left.agent) < (right.sequence, right.agent)'
mutate "3 the gap ends at the first visible run" $edits \
    'while self[stop].prepare == 0, let' 'while self[stop].prepare != 1, let'
mutate "4 the place behind deleted runs" $edits \
    'guard let following = next(place) else { preconditionFailure("nothing stands behind the end mark") }' \
    'guard var following = next(place) else { preconditionFailure("nothing") }; while self[following].prepare > 1, let more = next(following) { following = more; place = makeRoom(Place(block: more.block, index: max(0, more.index - 1))) }'
mutate "5 gone goes back on retreat" $edits \
    'list.runs[index].prepare = before + step' 'list.runs[index].prepare = before + step; if step < 0 { list.runs[index].isGone = false }'
mutate "6 a deletion as a flag" $edits \
    'list.runs[index].prepare = before + step' 'list.runs[index].prepare = min(before + step, 2)'
mutate "7 targets not found again after runs split" $edits \
    'if self[place].end > range.end {' 'if false {'
mutate "9 right parents compared by name" $edits \
    'isHolding = isBefore(other.rightParent, run.rightParent)' 'isHolding = other.rightParent < run.rightParent'
mutate "10a a start too late" Document/TextDocument+merging.swift \
    'graph.start(of: oldHeads + headNodes)' 'graph.start(of: headNodes)'
mutate "10b the root is no entry" Engine/HistoryLoading.swift \
    'if change.parents.isEmpty { heap.push(-1) }' ''
mutate "10c every version is critical" Engine/EventGraph+walk.swift \
    'cuts[index] = earliest >= Int32(index)' 'cuts[index] = true'
mutate "11 changes before their parents" Document/TextDocument.swift \
    'if let missing = change.parents.first(where: { nodes[$0] == nil }) {' \
    'if change.parents.isEmpty, let missing = change.parents.first(where: { nodes[$0] == nil }) {'
mutate "12 positions in UTF-16" Engine/TextStore.swift \
    'return copy.withUTF8(scalarCountOfUTF8)' 'return copy.withUTF8(scalarCountOfUTF8) + utf16.count - unicodeScalars.count'
mutate "14 positions from the wire are trusted" Engine/Replay.swift \
    'guard span.position <= count else { return false }' ''
mutate "standing list asked for what its base hides" Document/StandingReplay.swift \
    '.allSatisfy { $0 >= start }' '.allSatisfy { $0 >= 0 }'
mutate "standing list without what the last merge made of the text" Engine/Replay.swift \
    'run.isInOldText = !run.isGone && !run.isHidden
            run.isHidden = false
        }
        for node' 'run.isHidden = false
        }
        for node'
mutate "a beginning that does not fit is a copy" Engine/Replay+beginnings.swift '&& !isEmptyNode(node)' ''
mutate "beginnings in the order of their names alone" Engine/Replay+beginnings.swift \
    'whole.filter(isBuiltOn.contains) + whole.filter({ !isBuiltOn.contains($0) })' 'whole'
mutate "beginnings that somebody deleted from come after others" Engine/Replay+beginnings.swift \
    'var staying = zip(equal, wholeness).filter { !$0.1 }.map(\.0)' 'var staying: [Int32] = []'
mutate "a beginning that is not shown is built on" Engine/Replay+beginnings.swift \
    'found |= own & ~hidden' 'found |= own'
mutate "a deleted beginning takes along what its author did not know" Engine/Replay+beginnings.swift \
    'return end < range.end' 'return true'
mutate "every merge without what it leaves out" Engine/Replay+beginnings.swift \
    'leftOut.note(choice, of: node)' ''
mutate "repair keeps another copy" Engine/Replay+repair.swift \
    '.sorted { ($0.id, $0.span) < ($1.id, $1.span) }' '.sorted { ($0.id, $0.span) > ($1.id, $1.span) }'
mutate "repair of copies that were edited since" Engine/Replay+repair.swift \
    'list.allRuns(of: inserted(by: $0), satisfy: isVisible)' 'list.allRuns(of: inserted(by: $0), satisfy: { _ in true })'

echo "$planted planted, $survivors not caught"
[[ $survivors -eq 0 ]]
