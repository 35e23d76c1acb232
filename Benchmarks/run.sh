#!/usr/bin/env bash
# Measures everything in docs/benchmarks.md, one part after the other, with the release commands.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
./capture.py
./sync.py
text-merging/run.sh
