#!/usr/bin/env bash
# Feeds every decoder with bytes that libFuzzer makes up, each for so many seconds, under AddressSanitizer. Begins with
# whole values and with what earlier runs found worth keeping (Fuzz/Corpus). See docs/testing.md.
#
#     Scripts/fuzz.sh 60                  every decoder for 60 seconds
#     Scripts/fuzz.sh 600 document link   these two
#     KEEP=1 Scripts/fuzz.sh 600          and puts what is worth keeping of the new finds into Fuzz/Corpus
#
# Ends with 1 if a decoder trapped, hung, or read something back as something else; the input lies in Fuzz/.build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../Fuzz"

seconds=${1:-60}
shift || true
decoders=("$@")
if [ ${#decoders[@]} -eq 0 ]; then
    decoders=(
        change exchange-protobuf exchange-json verify-protobuf verify-json bundle state spans document
        link server ticket problem control times json text inflate body
    )
fi

# A trap must end the process, and not wait for a backtrace.
export SWIFT_BACKTRACE=enable=no

# Two steps: the fuzzer brings the `main` function, which SwiftPM would want to rename.
swift build -c release --product Decoders -Xswiftc -sanitize=fuzzer,address
swiftc -O -parse-as-library -sanitize=fuzzer,address -I .build/release/Modules \
    -Xcc -fmodule-map-file=Sources/CZlib/module.modulemap -Xcc -fmodule-map-file=Sources/COpenSSL/module.modulemap \
    Fuzz.swift -L .build/release -lDecoders -lz -lcrypto -lFoundationEssentials -ldispatch -lswiftDispatch \
    -lBlocksRuntime -o .build/fuzz 2>&1 | { grep -v "Cannot export local symbol" || true; }

# A corpus is a file with an input a line, in hexadecimal: it can be read, and changes show in a diff.
unpack() {
    python3 - "$1" "$2" <<'PYTHON'
import pathlib, sys
source, folder = map(pathlib.Path, sys.argv[1:])
for number, line in enumerate(source.read_text().split() if source.exists() else []):
    (folder / f"kept-{number}").write_bytes(bytes.fromhex(line))
PYTHON
}

# The smallest inputs that together reach all that is reached; at most 100 of at most 300 bytes.
pack() {
    python3 - "$1" "$2" <<'PYTHON'
import pathlib, sys
folder, target = map(pathlib.Path, sys.argv[1:])
inputs = sorted((file.read_bytes() for file in folder.iterdir()), key=lambda bytes: (len(bytes), bytes))
kept = [bytes.hex() for bytes in inputs if 0 < len(bytes) <= 300]
step = max(1, len(kept) / 100)
chosen = [kept[int(number * step)] for number in range(min(100, len(kept)))]
target.write_text("".join(line + "\n" for line in chosen))
PYTHON
}

failed=()
for decoder in "${decoders[@]}"; do
    work=.build/corpus/$decoder
    mkdir -p "$work"
    unpack "Corpus/$decoder.txt" "$work"
    echo "== $decoder"
    FUZZ_DECODER=$decoder FUZZ_SEEDS=$work .build/fuzz "$work" -max_total_time="$seconds" -timeout=10 -max_len=16384 \
        -rss_limit_mb=4096 -artifact_prefix=".build/$decoder-" >".build/$decoder.log" 2>&1 || failed+=("$decoder")
    grep -E "DONE|ERROR|Fatal error|Test unit written" ".build/$decoder.log" || tail -5 ".build/$decoder.log"
    if [ -n "${KEEP:-}" ]; then
        rm -rf .build/merged && mkdir -p .build/merged Corpus
        FUZZ_DECODER=$decoder .build/fuzz -merge=1 .build/merged "$work" >/dev/null 2>&1
        pack .build/merged "Corpus/$decoder.txt"
    fi
done

if [ ${#failed[@]} -gt 0 ]; then
    echo "Failed: ${failed[*]}" >&2
    exit 1
fi
