// swift-tools-version: 6.2
import PackageDescription

// The decoders as a library of their own, built with the fuzzer's counters. Its rooms are links to ours, so that what
// is fuzzed is what is shipped, and nothing else is built. See docs/testing.md.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let protobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")

let package = Package(
    name: "fuzz",
    products: [.library(name: "Decoders", type: .static, targets: ["Decoders"])],
    dependencies: [.package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0")],
    targets: [
        .target(name: "EgWalker", swiftSettings: strict),
        .target(name: "Models", dependencies: ["EgWalker"], swiftSettings: strict),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
        .target(name: "Digest", dependencies: ["COpenSSL"], swiftSettings: strict),
        .target(name: "Deflate", dependencies: ["CZlib"], swiftSettings: strict),
        .target(
            name: "Wire",
            dependencies: ["Models", "EgWalker", "Digest", "Deflate", protobuf],
            exclude: ["Protos"],
            swiftSettings: strict
        ),
        // Of these rooms, and of the command, the files alone that read something and need no network.
        .target(name: "SyncTLS", dependencies: ["Digest"], swiftSettings: strict),
        .target(name: "SyncClient", dependencies: ["Models", "SyncTLS", "Digest"], swiftSettings: strict),
        .target(name: "SyncServer", swiftSettings: strict),
        .target(name: "CommandInput", dependencies: ["Models"], swiftSettings: strict),
        .target(
            name: "Decoders",
            dependencies: [
                "EgWalker", "Models", "Digest", "Deflate", "Wire", "SyncTLS", "SyncClient", "SyncServer",
                "CommandInput",
            ],
            swiftSettings: strict
        ),
    ]
)
