#!/usr/bin/env bash
# Makes Sources/Wire/Generated anew from Sources/Wire/Protos. Needs Debian's protobuf-compiler.
set -euo pipefail
cd "$(dirname "$0")/.."
swift build --product protoc-gen-swift
plugin="$(swift build --show-bin-path)/protoc-gen-swift"
protoc --plugin=protoc-gen-swift="$plugin" \
    --swift_opt=Visibility=Internal --swift_opt=UseAccessLevelOnImports=true \
    --swift_out=Sources/Wire/Generated --proto_path=Sources/Wire/Protos \
    Sources/Wire/Protos/*.proto
