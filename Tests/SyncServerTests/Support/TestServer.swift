import Foundation
import Models
import Store
import SyncClient
import SyncTLS
import Synchronization
import Testing

@testable import SyncServer

/// A clock that a test moves.
final class TestClock: Sendable {
    private let offset = Mutex<UInt64>(0)

    func advance(milliseconds: UInt64) { offset.withLock { $0 += milliseconds } }

    var surroundings: Surroundings {
        let real = Surroundings.ofThisMachine
        return Surroundings(
            now: { real.now() + self.offset.withLock(\.self) },
            uptime: real.uptime,
            random: real.random
        )
    }
}

/// A real server on a free port of this machine, over a folder of its own.
func withServer<Result: Sendable>(
    folder: TemporaryFolder? = nil,
    clock: TestClock = TestClock(),
    limits: ServerLimits = ServerLimits(),
    _ body: (RunningServer) async throws -> Result
) async throws -> Result {
    let folder = try folder ?? TemporaryFolder()
    var configuration = try SyncServerConfiguration(folder: folder.path + "/data", listen: "127.0.0.1:0")
    configuration.surroundings = clock.surroundings
    configuration.limits = limits
    let result = try await RunningServer.with(configuration, body)
    withExtendedLifetime(folder) {}
    return result
}

extension RunningServer {
    var address: ServerAddress {
        get throws { try #require(ServerAddress(ready.listening)) }
    }

    var pins: [KeyPin] { [server.keys.identity.pin] }

    func connect() async throws -> ServerConnection {
        try await ServerConnection.open(to: address, pins: pins)
    }

    /// A device with a notebook of its own in memory, linked to this server.
    func linkedDevice(_ name: String = "device") async throws -> TestDevice {
        let store = try NotebookStore(inMemoryWith: .ofThisMachine)
        let replica = try store.read { try $0.notebook().replica }
        let link = try LinkText(try await makeLink())
        let outcome = try await DeviceLinking.redeem(link, deviceName: name, replica: replica)
        try store.write { try DeviceLinking.adopt(outcome, in: $0) }
        return TestDevice(server: outcome.server, store: store)
    }

    /// The version of the owner's log: unchanged means untouched.
    func logVersion(_ device: TestDevice) async throws -> UInt64 {
        let request = SyncRequest(
            cursor: .start,
            heads: [Head(replica: ReplicaID(1), sequence: 0, hash: .zero)],
            runs: [],
            maximumBytes: 0
        )
        return try await server.notebooks.answer(request, in: device.server.notebook, rights: .none, from: 0)
            .serverVersion
    }
}

struct TestDevice: Sendable {
    let server: LinkedServer
    let store: NotebookStore

    var authorization: (String, String) { ("authorization", "Bearer \(server.credential.text)") }

    @discardableResult
    func sync(ticket: ResumptionTicket? = nil, onTicket: @escaping @Sendable (ResumptionTicket) -> Void = { _ in })
        async throws -> ServerConnection.Traffic
    {
        try await SyncEngine(store: store, surroundings: .ofThisMachine, server: server)
            .run(ticket: ticket, onTicket: onTicket).traffic
    }

    func addSession(_ title: String) throws {
        try store.write { writer in
            _ = try writer.create(.session, [.set(.title, .text(title), replaces: [])])
        }
    }

    func request() throws -> SyncRequest { try SyncSession(store: store, surroundings: .ofThisMachine).request() }
}

/// The stable part of a problem document.
func problemType(_ answer: ServerConnection.Answer) -> String? {
    problemType(answer.body)
}

func problemType(_ body: [UInt8]) -> String? {
    let text = String(decoding: body, as: UTF8.self)
    guard let start = text.range(of: "urn:webinar:problem:")?.upperBound else { return nil }
    return String(text[start...].prefix { $0 != "\"" })
}
