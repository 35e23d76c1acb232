#!/usr/bin/env bash
# Runs the tests of each room in a process of its own, one after the other, so that a room that computes for minutes
# does not stand in the way of one that watches deadlines. Builds nothing. Arguments choose rooms: Scripts/test.sh Store
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Exit tests crash on purpose, and a crashing child must not wait for its backtrace.
export SWIFT_BACKTRACE=enable=no

rooms=("$@")
if [ ${#rooms[@]} -eq 0 ]; then
    for folder in Tests/*Tests; do
        name="${folder#Tests/}"
        rooms+=("${name%Tests}")
    done
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
failed=()
reasons=
for room in "${rooms[@]}"; do
    echo "== ${room}Tests"
    swift test --skip-build --filter "^${room}Tests\\." 2>&1 | tee "$log" && ! grep -q 'Test run with 0 tests' "$log" && continue
    failed+=("${room}Tests")
    # Once more at the end, where they are found.
    reasons+=$(grep -A 3 -E '^✘|error:' "$log" | tail -n 60)$'\n'
done

if [ ${#failed[@]} -gt 0 ]; then
    printf '%s' "$reasons" >&2
    echo "Failed: ${failed[*]}" >&2
    exit 1
fi
