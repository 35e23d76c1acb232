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

failed=()
for room in "${rooms[@]}"; do
    echo "== ${room}Tests"
    swift test --skip-build --filter "^${room}Tests\\." || failed+=("${room}Tests")
done

if [ ${#failed[@]} -gt 0 ]; then
    echo "Failed: ${failed[*]}" >&2
    exit 1
fi
