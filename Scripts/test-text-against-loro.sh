#!/usr/bin/env bash
# Holds the slow model of the text tests, with the Fugue rule, against the Loro library, whose rule that is: random
# histories go through both, and every text must be the same. See docs/testing-text.md.
#
#     Scripts/test-text-against-loro.sh            5,000 histories
#     Scripts/test-text-against-loro.sh 1 4711     the history of seed 4711
#
# Needs python3 with venv, and PyPI, from which it installs Loro into a temporary folder. Takes about three minutes.
set -euo pipefail

scripts=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m venv "$folder/python"
"$folder/python/bin/pip" install --quiet --disable-pip-version-check loro==1.17.1
"$folder/python/bin/python" "$scripts/loro-histories.py" "${1:-5000}" "${2:-0}" > "$folder/histories.jsonl"

"$scripts/text-package.sh" "$folder/text"
cd "$folder/text"
export SWIFT_BACKTRACE=enable=no EGWALKER_LORO="$folder/histories.jsonl"
swift test -c release -Xswiftc -enable-testing --filter LoroTests
