import Hummingbird
public import Logging
import Models
import NIOCore
import NIOPosix
public import ServiceLifecycle
import Store
import SyncTLS

// The first file to open in this room. From the outside in:
//
//     SyncServer          one server over one data folder: a Service to run
//     Connections/        TLS, deadlines and counts of connections, below HTTP
//     HTTP/               a request to a route, a route to an answer, an error to a problem document
//     Accounts, Notebooks who may sync what; the open notebooks and the threads they are used on
//     Data/               the folder, its lock, its keys
//     Control/            what `link` and `device` ask, over a socket or directly on the files
//     ExchangeHandler     one exchange of sync: pure but for the store

/// A server over one data folder: sync, linking of devices, health, and the control socket.
///
/// Opening it takes the folder's lock and, the first time, makes key, certificate and owner. ``run()`` listens until
/// it is stopped gracefully; it then answers what it accepted, for not over ``Limits/stopMilliseconds``.
public final class SyncServer: Service {
    /// What a listening server is reached by.
    public struct Ready: Hashable, Sendable {
        /// `HOST:PORT` as bound: the port is known even if 0 was asked for.
        public var listening: String
        /// The port of ``listening``, 1 to 65,535.
        public var port: Int
        /// `HOST:PORT` that links name.
        public var publicAddress: String
        /// The pin of the server's key in groups of four, to compare by eye.
        public var pin: String
        /// As `curl --pinnedpubkey` takes it.
        public var curlPin: String
        /// Whether the key was made just now.
        public var isNew: Bool
        /// Devices that are linked and not revoked.
        public var deviceCount: Int
        /// The owner's first notebook.
        public var notebook: String
    }

    let configuration: SyncServerConfiguration
    let folder: DataFolder
    let keys: ServerKeys
    let accounts: Accounts
    let notebooks: Notebooks
    let threads: NIOThreadPool
    let connections: ConnectionTable
    private let logger: Logger
    private let onReady: @Sendable (Ready) async -> Void

    /// Opens the folder. Blocks.
    ///
    /// - Parameter onReady: Called once it listens, and `link` works.
    /// - Throws: ``SyncServerError``.
    public init(
        _ configuration: SyncServerConfiguration,
        logger: Logger,
        onReady: @escaping @Sendable (Ready) async -> Void = { _ in }
    ) throws {
        self.configuration = configuration
        self.logger = logger
        self.onReady = onReady
        let surroundings = configuration.surroundings
        folder = try SyncServerError.translating { try DataFolder.open(configuration.folder, for: .serving) }
        (keys, accounts, notebooks, threads) = try SyncServerError.translating { [folder] in
            let keys = try ServerKeys.load(
                from: folder,
                names: configuration.certificateNames,
                nowSeconds: Int64(surroundings.now() / 1000)
            )
            let threads = NIOThreadPool(numberOfThreads: 4)
            let accounts = try Accounts(
                AccountStore(path: folder.accountsPath(), surroundings: surroundings),
                surroundings: surroundings,
                threads: threads
            )
            let notebooks = Notebooks(
                folder: folder,
                surroundings: surroundings,
                threads: threads,
                proofSecret: keys.proofSecret
            )
            return (keys, accounts, notebooks, threads)
        }
        connections = ConnectionTable(limits: configuration.limits)
    }

    /// Listens until it is stopped.
    ///
    /// - Throws: ``SyncServerError`` if it cannot listen.
    public func run() async throws {
        threads.start()
        do {
            try await serve()
            await close()
        } catch {
            await close()
            throw SyncServerError(error, listen: configuration.listen.description)
        }
    }

    private func serve() async throws {
        let identity = try IdentityBox(keys.identity, limits: configuration.limits)
        let control = ControlServer(folder: folder, administration: administration, logger: logger)
        try await control.bind()
        let http = try HTTPFront(self, logger: logger).server(
            identity: identity,
            onServerRunning: { [self] channel in await listening(on: channel, control: control) }
        )
        let housekeeping = Housekeeping(self, identity: identity, logger: logger)
        var group = ServiceGroupConfiguration(services: [control, housekeeping, http], logger: logger)
        group.maximumGracefulShutdownDuration = configuration.limits.stop
        try await ServiceGroup(configuration: group).run()
    }

    private func listening(on channel: any Channel, control: ControlServer) async {
        let port = channel.localAddress?.port ?? configuration.listen.port
        let publicAddress = configuration.publicAddress(boundPort: port)
        let listening = ServerAddress(host: configuration.listen.host, port: port) ?? configuration.listen
        await accounts.setPublicAddress(publicAddress.description)
        control.beginAnswering()
        logger.info("listening", metadata: ["address": "\(listening)", "public": "\(publicAddress)"])
        await onReady(
            Ready(
                listening: listening.description,
                port: port,
                publicAddress: publicAddress.description,
                pin: keys.identity.pin.grouped,
                curlPin: keys.identity.pin.curlPin,
                isNew: keys.isNew,
                deviceCount: accounts.activeDeviceCount,
                notebook: (try? accounts.ownersNotebook().id.description) ?? ""
            )
        )
    }

    /// What the commands can do to a running server.
    var administration: Administration {
        Administration(accounts: accounts, pin: keys.identity.pin) { [connections] device in
            connections.close(device: device)
        }
    }

    private func close() async {
        await accounts.flushSeen()
        try? await threads.shutdownGracefully()
        notebooks.close()
        accounts.close()
        folder.unlock()
        logger.info("stopped")
    }
}
