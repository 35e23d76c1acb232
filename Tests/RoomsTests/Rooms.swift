/// The rooms below `Sources/` and what each may import: the table of docs/architecture.md as code.
///
/// The standard library needs no import and is not listed; nor are a room's own files.
enum Rooms {
    /// What speaks for the operating system. Rooms that hold only values and arithmetic do without.
    static let system: Set<String> = ["Foundation", "FoundationEssentials", "Glibc"]

    static let nio: Set<String> = ["NIOCore", "NIOPosix", "NIOHTTP1"]

    static let allowed: [String: Set<String>] = [
        "EgWalker": [],
        "Models": ["EgWalker"],
        "Digest": ["COpenSSL"],
        "Deflate": ["CZlib"],
        "Wire": system.union(["Models", "EgWalker", "Digest", "Deflate", "SwiftProtobuf"]),
        "Store": system.union(["Models", "EgWalker", "Wire", "Digest", "CSQLite", "GRDB"]),
        "SyncTLS": system.union(["COpenSSL", "Digest", "NIOCore", "NIOTLS", "Synchronization"]),
        "SyncClient": system.union(nio).union([
            "Models", "Wire", "Store", "SyncTLS", "Digest", "Deflate", "Logging", "Synchronization",
        ]),
        "SyncServer": system.union(nio).union([
            "Models", "Wire", "Store", "SyncTLS", "Digest", "Deflate", "Hummingbird", "HummingbirdCore", "HTTPTypes",
            "NIOConcurrencyHelpers", "ServiceLifecycle", "Logging", "Metrics", "Synchronization",
        ]),
        "Simulation": ["Models", "EgWalker", "Wire", "Store", "SyncClient", "SyncServer", "Synchronization"],
        "simulate": system.union(["Simulation", "ArgumentParser", "Synchronization"]),
        "webinar-server": system.union([
            "SyncServer", "Models", "CQrencode", "ArgumentParser", "ServiceLifecycle", "UnixSignals", "Logging",
        ]),
        "webinar-cli": system.union(["SyncClient", "Store", "Models", "ArgumentParser", "Logging", "Synchronization"]),
    ]

    /// Module maps and macro wrappers: no Swift at all.
    static let systemLibraries: Set<String> = ["CSQLite", "COpenSSL", "CZlib", "CQrencode"]

    /// The only rooms that may print.
    static let commands: Set<String> = ["webinar-server", "webinar-cli", "simulate"]

    /// The only room that knows SQL.
    static let sql: Set<String> = ["Store"]

    /// A file longer than this is a defect. Generated code is not counted.
    static let maximumLineCount = 600
}
