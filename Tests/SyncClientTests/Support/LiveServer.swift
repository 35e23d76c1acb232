import Models
import Store
import SyncClient
import SyncServer
import SyncTLS
import Synchronization
import TestSupport
import Testing

/// A real server on a free port, with a proxy in front of it.
func withLiveServer(_ body: (RunningServer, CuttingProxy) async throws -> Void) async throws {
    let folder = try TemporaryFolder()
    let configuration = try SyncServerConfiguration(folder: folder.file("data"), listen: "127.0.0.1:0")
    try await RunningServer.with(configuration) { server in
        try await CuttingProxy.with(to: server.ready.port) { proxy in
            try await body(server, proxy)
        }
    }
    withExtendedLifetime(folder) {}
}

/// A device that is linked to a real server and reaches it through a proxy.
final class LiveDevice: Sendable {
    let store: NotebookStore
    let server: LinkedServer
    private let surroundings: Surroundings
    private let proxy: CuttingProxy
    private let ticket = Mutex<ResumptionTicket?>(nil)

    struct Sync: Sendable {
        var report: SyncReport
        var traffic: ServerConnection.Traffic
    }

    /// - Parameter surroundings: with ids that deflate well, a push of thousands of notes is small.
    init(
        _ name: String,
        _ server: RunningServer,
        _ proxy: CuttingProxy,
        surroundings: Surroundings = .ofThisMachine
    ) async throws {
        self.proxy = proxy
        self.surroundings = surroundings
        store = try NotebookStore(inMemoryWith: surroundings)
        let replica = try store.read { try $0.notebook().replica }
        let address = try #require(ServerAddress("127.0.0.1:\(proxy.port)"))
        var link = try LinkText(try await server.makeLink())
        link = LinkText(address: address, pin: link.pin, secret: link.secret)
        let outcome = try await DeviceLinking.redeem(link, deviceName: name, replica: replica)
        self.server = outcome.server
        try store.write { try DeviceLinking.adopt(outcome, in: $0) }
    }

    @discardableResult
    func sync(_ cut: CuttingProxy.Cut = .init(), from server: LinkedServer? = nil) async throws -> Sync {
        proxy.begin(cut)
        let (report, traffic) = try await SyncEngine(
            store: store,
            surroundings: surroundings,
            server: server ?? self.server
        ).run(
            ticket: ticket.withLock { ticket in
                defer { ticket = nil }
                return ticket
            },
            onTicket: { [self] new in ticket.withLock { $0 = new } }
        )
        return Sync(report: report, traffic: traffic)
    }

    /// Whether the last connection left a ticket for the next one.
    var hasTicket: Bool { ticket.withLock { $0 != nil } }

    func add(_ text: String) throws {
        try store.write { writer in _ = try writer.create(.note, [StoreWriter.firstEdit(.body, text)]) }
    }

    /// The next exchange carries as much, or as little, as there can be.
    func setBatch(_ bytes: Int) throws {
        try store.write { writer in
            var peer = try writer.reader.peer() ?? Peer()
            peer.batch = BatchSize(bytes: bytes)
            try writer.setPeer(peer)
        }
    }

    var unsentCount: UInt64 { get throws { try store.read { try $0.unsentCount() } } }
}
