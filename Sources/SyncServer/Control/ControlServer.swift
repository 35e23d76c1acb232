import Foundation
import Glibc
import Logging
import Models
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// The control socket of a running server: a line of JSON in, a line of JSON out. Only the owner of the data folder
/// can reach it (0600, in a folder of 0700).
final class ControlServer: Service {
    private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private let folder: DataFolder
    private let administration: Administration
    private let logger: Logger
    private let listener = Mutex<NIOAsyncChannel<Connection, Never>?>(nil)
    /// Nothing is answered before the server listens, for a link needs its port.
    private let isReady = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: Void.self)

    init(folder: DataFolder, administration: Administration, logger: Logger) {
        self.folder = folder
        self.administration = administration
        self.logger = logger
    }

    /// A socket's path has 107 bytes at most (unix(7)), a folder's has more: so the way there leads through our own
    /// descriptor of the folder.
    static func path(in folder: DataFolder) -> String { path(inFolder: folder.descriptor) }

    static func path(inFolder descriptor: CInt) -> String { "/proc/self/fd/\(descriptor)/control" }

    /// The folder is locked, so a socket that is there is a dead server's.
    func bind() async throws {
        let path = Self.path(in: folder)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(inboundType: ByteBuffer.self, outboundType: ByteBuffer.self)
                    )
                }
            }
        guard chmod(path, 0o600) == 0 else {
            throw SyncServerError.folderNotWritable(folder.path, reason: DataFolder.lastError())
        }
        listener.withLock { $0 = channel }
    }

    func beginAnswering() { isReady.succeed() }

    func run() async throws {
        guard let listener = listener.withLock(\.self) else { return }
        await cancelWhenGracefulShutdown { [self] in
            await withDiscardingTaskGroup { group in
                try? await listener.executeThenClose { connections in
                    for try await connection in connections {
                        group.addTask { await self.serve(connection) }
                    }
                }
                group.cancelAll()
            }
        }
        isReady.fail(ServerStopping())
        unlink(Self.path(in: folder))
    }

    private func serve(_ connection: Connection) async {
        let channel = connection.channel
        let timeout = TimeAmount.milliseconds(Int64(Limits.controlTimeoutMilliseconds))
        let deadline = channel.eventLoop.scheduleTask(in: timeout) { channel.close(promise: nil) }
        defer { deadline.cancel() }
        do {
            try await connection.executeThenClose { inbound, outbound in
                var line = ByteBuffer()
                for try await piece in inbound {
                    line.writeImmutableBuffer(piece)
                    guard line.readableBytes <= Limits.maximumControlLineBytes else { return }
                    guard let end = line.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) else { continue }
                    let reply = await reply(to: Data(line.readableBytesView[..<end]))
                    var bytes = try JSONEncoder().encode(reply)
                    bytes.append(UInt8(ascii: "\n"))
                    return try await outbound.write(ByteBuffer(bytes: bytes))
                }
            }
        } catch {
            logger.debug("a command went away", metadata: ["reason": "\(error)"])
        }
    }

    private func reply(to line: Data) async -> ControlReply {
        do {
            try await isReady.futureResult.get()
            let request = try JSONDecoder().decode(AdminRequest.self, from: line)
            return .done(try await administration.answer(request))
        } catch {
            return .failed(ControlFailure(error))
        }
    }
}
