#!/usr/bin/env bash
# Text merging beside pycrdt (Yrs), Loro and Automerge from PyPI, installed into a temporary folder: the table of
# docs/benchmarks.md on standard output. Takes five to ten minutes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

peers=$(mktemp -d)
trap 'rm -rf "$peers"' EXIT
python3 -m venv "$peers"
"$peers/bin/pip" install --quiet --disable-pip-version-check pycrdt==0.14.13 loro==1.17.1 automerge==1.0.0rc1

swift build -c release --package-path .. --product text-bench >&2
"$peers/bin/python" compare.py
