// A device's side of sync, a library that an app can embed. No stdout, no settings of its own:
// store, clock, chance and files are handed in.
//
// `SyncSession` decides what to send and takes in what comes, without a network; `SyncEngine` runs
// it over a `ServerConnection`; `DeviceLinking` and `RemoteDevices` are the other things a device
// asks of its server. `LinkedServer` is what it keeps of it.

/// Why the server could not be asked. Everything that was saved is safe; nothing is lost.
public enum ConnectionError: Error, Hashable, Sendable {
    /// No connection: no network, no such host, refused, or no answer in time.
    case unreachable(address: String, reason: String)
    /// The connection broke off in the middle of an exchange.
    case interrupted(reason: String)
    /// The server proved another key than the one this device was linked to. Nothing was sent.
    case wrongKey(expected: String, shown: String)
    /// TLS could not be agreed on.
    case notSecure(reason: String)
    /// The server refused the request.
    case refused(status: Int, problem: String, detail: String)
    /// The server answered what no server of ours answers.
    case notOurServer(reason: String)
}
