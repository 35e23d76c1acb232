// swift-tools-version: 6.2
import PackageDescription

/// What every target of ours is built with.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

func room(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

func command(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: name,
        dependencies: dependencies + ["TestSupport"],
        exclude: ["CLITests": ["Transcripts"], "WireTests": ["Vectors"]][name] ?? [],
        swiftSettings: strict
    )
}

let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let protobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioLocks: Target.Dependency = .product(name: "NIOConcurrencyHelpers", package: "swift-nio")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")

let package = Package(
    name: "webinar",
    products: [
        .executable(name: "webinar", targets: ["webinar-cli"]),
        .executable(name: "webinar-server", targets: ["webinar-server"]),
        .library(name: "SyncClient", targets: ["SyncClient", "Store", "Wire", "Models"]),
        .library(name: "EgWalker", targets: ["EgWalker"]),
    ],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    ],
    targets: [
        // The rooms, lowest first. RoomsTests holds every import against the table of docs/architecture.md.
        room("EgWalker"),
        room("Models", ["EgWalker"]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CQrencode", pkgConfig: "libqrencode", providers: [.apt(["libqrencode-dev"])]),
        room("Digest", ["COpenSSL"]),
        room("Deflate", ["CZlib"]),
        room("Wire", ["Models", "EgWalker", "Digest", "Deflate", protobuf], exclude: ["Protos"]),
        room("Store", ["Models", "EgWalker", "Wire", "Digest", "CSQLite", grdb]),
        room("SyncTLS", ["COpenSSL", "Digest", nioCore, nioTLS]),
        room(
            "SyncClient",
            ["Models", "Wire", "Store", "SyncTLS", "Digest", "Deflate", nioCore, nioPosix, nioHTTP1, logging]
        ),
        room(
            "SyncServer",
            [
                "Models", "Wire", "Store", "SyncTLS", "Digest", "Deflate", hummingbird, nioCore, nioPosix, nioHTTP1,
                nioLocks, httpTypes, lifecycle, logging, metrics,
            ]
        ),
        room("Simulation", ["Models", "EgWalker", "Wire", "Store", "SyncClient", "SyncServer"]),
        command("simulate", ["Simulation", argumentParser]),
        command("webinar-server", ["SyncServer", "Models", "CQrencode", argumentParser, lifecycle, logging]),
        command("webinar-cli", ["SyncClient", "Store", "Models", argumentParser, logging]),

        .target(
            name: "TestSupport",
            dependencies: ["Models", "Store", grdb, nioCore, nioPosix],
            path: "Tests/TestSupport",
            swiftSettings: strict
        ),
        tests("EgWalkerTests", ["EgWalker", "Deflate"]),
        tests("ModelsTests", ["Models", "EgWalker"]),
        tests("WireTests", ["Wire", "Models", "EgWalker", "Digest", protobuf]),
        tests("StoreTests", ["Store", "Models", "EgWalker", "Wire", grdb]),
        tests("DigestTests", ["Digest", "Deflate"]),
        tests("SyncTLSTests", ["SyncTLS", nioEmbedded, nioPosix]),
        tests(
            "SyncClientTests",
            [
                "SyncClient", "SyncServer", "SyncTLS", "Store", "Wire", "Models", lifecycle, logging, nioEmbedded,
                nioHTTP1,
            ]
        ),
        tests("SyncServerTests", ["SyncServer", "SyncClient"]),
        tests("CLITests", ["webinar-cli", "webinar-server"]),
        tests("ConvergenceTests", ["Simulation"]),
        tests("RoomsTests", []),
    ]
)
