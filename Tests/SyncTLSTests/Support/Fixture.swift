import NIOCore

@testable import SyncTLS

/// Keys and contexts that the tests share, made once.
enum Fixture {
    /// 2026-01-01T00:00:00Z: certificates do not depend on the clock of the machine that tests.
    static let nowSeconds: Int64 = 1_767_225_600

    static let identity = makeIdentity()
    static let otherIdentity = makeIdentity()

    static func makeIdentity() -> ServerIdentity {
        do {
            return try ServerIdentity.selfSigned(
                keyPair: .make(),
                names: ["localhost", "127.0.0.1"],
                nowSeconds: nowSeconds,
                lifetimeSeconds: 100 * 365 * 86_400
            )
        } catch {
            fatalError("no identity: \(error)")
        }
    }

    static func serverContext(
        _ identity: ServerIdentity = identity,
        change: (inout TLSServerConfiguration) -> Void = { _ in }
    ) throws -> TLSContext {
        var configuration = TLSServerConfiguration(identity: identity)
        change(&configuration)
        return try TLSContext(configuration)
    }

    static func clientContext(
        trusting trust: TLSTrust = .pinned([identity.pin]),
        change: (inout TLSClientConfiguration) -> Void = { _ in }
    ) throws -> TLSContext {
        var configuration = TLSClientConfiguration(trust: trust)
        change(&configuration)
        return try TLSContext(configuration)
    }
}

func buffer(_ text: String) -> ByteBuffer {
    ByteBuffer(string: text)
}
