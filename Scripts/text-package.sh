#!/usr/bin/env bash
# Makes a package of EgWalker and its tests alone in a folder, from copies, so that they build in a minute and may be
# changed without harm: Scripts/text-package.sh FOLDER
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
folder=$1

mkdir -p "$folder/Sources" "$folder/Tests"
cp -r "$root/Sources/EgWalker" "$root/Sources/Deflate" "$root/Sources/CZlib" "$folder/Sources/"
cp -r "$root/Tests/EgWalkerTests" "$folder/Tests/"
cat > "$folder/Package.swift" <<'PACKAGE'
// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"), .enableUpcomingFeature("InternalImportsByDefault"),
]
let package = Package(
    name: "text",
    targets: [
        .target(name: "EgWalker", swiftSettings: strict),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
        .target(name: "Deflate", dependencies: ["CZlib"], swiftSettings: strict),
        .testTarget(
            name: "EgWalkerTests",
            dependencies: ["EgWalker", "Deflate", "CZlib"],
            exclude: ["Traces"],
            swiftSettings: strict
        ),
    ]
)
PACKAGE
