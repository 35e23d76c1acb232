import Glibc
import NIOCore
import Synchronization

/// The open connections: how many there are from each address, and whose they are.
final class ConnectionTable: Sendable {
    private struct State {
        var countByAddress: [[UInt8]: Int] = [:]
        var channelsByDevice: [UInt64: [ObjectIdentifier: any Channel]] = [:]
    }

    private let limits: ServerLimits
    private let state = Mutex(State())

    init(limits: ServerLimits) {
        self.limits = limits
    }

    /// Counts a new connection; false if its address has too many.
    func admit(_ channel: any Channel) -> Bool {
        guard let address = channel.remoteAddress?.networkBytes,
            limits.countsLoopback || !Self.isLoopback(address)
        else { return true }
        let isAdmitted = state.withLock { state in
            let count = state.countByAddress[address, default: 0]
            guard count < limits.connectionCountPerAddress else { return false }
            state.countByAddress[address] = count + 1
            return true
        }
        if isAdmitted { channel.closeFuture.whenComplete { [self] _ in discount(address) } }
        return isAdmitted
    }

    private func discount(_ address: [UInt8]) {
        state.withLock { state in
            guard let count = state.countByAddress[address] else { return }
            state.countByAddress[address] = count > 1 ? count - 1 : nil
        }
    }

    /// From now on the connection is `device`'s.
    func bind(_ channel: any Channel, to device: UInt64) {
        let id = ObjectIdentifier(channel)
        let isNew = state.withLock { state in
            state.channelsByDevice[device, default: [:]].updateValue(channel, forKey: id) == nil
        }
        guard isNew else { return }
        channel.closeFuture.whenComplete { [self] _ in
            state.withLock { state in
                state.channelsByDevice[device]?[id] = nil
                if state.channelsByDevice[device]?.isEmpty == true { state.channelsByDevice[device] = nil }
            }
        }
    }

    /// Closes all connections of a device that was revoked.
    func close(device: UInt64) {
        let channels = state.withLock { $0.channelsByDevice[device].map { Array($0.values) } ?? [] }
        for channel in channels { channel.close(promise: nil) }
    }

    private static func isLoopback(_ address: [UInt8]) -> Bool {
        address.count == 4 ? address[0] == 127 : address == [0, 0, 0, 0, 0, 0, 0, 0]
    }
}

extension SocketAddress {
    /// What stands for one network's customer: an IPv4 address, or the first 64 bits of an IPv6 address.
    fileprivate var networkBytes: [UInt8]? {
        guard let text = ipAddress else { return nil }
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 { return Array(bytes[..<4]) }
        guard inet_pton(AF_INET6, String(text.prefix { $0 != "%" }), &bytes) == 1 else { return nil }
        let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10...11].allSatisfy { $0 == 255 }
        return Array(isMapped ? bytes[12...] : bytes[..<8])
    }
}
