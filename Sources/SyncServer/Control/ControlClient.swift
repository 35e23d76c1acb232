import Foundation
import Glibc
import Models

/// The commands' end of the control socket. Blocks.
enum ControlClient {
    /// Nil if no server listens there.
    static func ask(_ request: AdminRequest, folder path: String) throws -> AdminAnswer? {
        let line = try JSONEncoder().encode(request) + [UInt8(ascii: "\n")]
        guard let answer = try exchange(line, folder: path) else { return nil }
        guard let reply = try? JSONDecoder().decode(ControlReply.self, from: answer) else {
            throw SyncServerError.notAnswering(path)
        }
        switch reply {
        case .done(let answer): return answer
        case .failed(let failure): throw failure.error
        }
    }

    /// Sends a line and waits for one; nil if no server listens there.
    static func exchange(_ line: Data, folder path: String) throws -> Data? {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return nil }
        defer { close(folder) }
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SyncServerError.inputOutput(DataFolder.lastError()) }
        defer { close(descriptor) }
        guard connect(descriptor, to: ControlServer.path(inFolder: folder)) else { return nil }
        setTimeouts(of: descriptor)
        try send(line, to: descriptor, path: path)
        guard let answer = try receive(from: descriptor, path: path) else {
            throw SyncServerError.notAnswering(path)
        }
        return answer
    }

    private static func connect(_ descriptor: CInt, to path: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8) + [0]
        guard bytes.count <= MemoryLayout.size(ofValue: address.sun_path) else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, size) } == 0
        }
    }

    private static func setTimeouts(of descriptor: CInt) {
        var timeout = timeval(tv_sec: Int(Limits.controlTimeoutMilliseconds / 1000), tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, size)
    }

    private static func send(_ bytes: Data, to descriptor: CInt, path: String) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.send(descriptor, buffer.baseAddress.map { $0 + sent }, bytes.count - sent, CInt(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw SyncServerError.notAnswering(path) }
            sent += count
        }
    }

    /// A line without its end; nil if the server went away before.
    private static func receive(from descriptor: CInt, path: String) throws -> Data? {
        var line = Data()
        var piece = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &piece, piece.count, 0)
            guard count > 0 else { return nil }
            line.append(contentsOf: piece[..<count])
            if let end = line.firstIndex(of: UInt8(ascii: "\n")) { return line[..<end] }
        }
    }
}
