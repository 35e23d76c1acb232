/// Whose notebook a bundle holds changes of, and how much of it each device has that had the file: what is in
/// the file is what not all of them have.
public struct BundleHeader: Hashable, Sendable {
    public var notebook: NotebookID
    /// Whoever wrote the file last stands first.
    public var devices: [BundleDevice]

    public init(notebook: NotebookID, devices: [BundleDevice]) {
        self.notebook = notebook
        self.devices = devices
    }

    /// Whether nothing was ever written in the notebook, as far as the file knows.
    public var isOfEmptyNotebook: Bool { devices.allSatisfy { $0.heads.isEmpty } }

    /// What every device but `replica` has: its heads' sequences. Nothing, where there is no other.
    public func heldByAll(but replica: ReplicaID) -> [ReplicaID: UInt64] {
        let others = devices.filter { $0.replica != replica }
        guard var held = others.first?.sequences else { return [:] }
        for other in others.dropFirst() {
            let sequences = other.sequences
            held = held.filter { sequences[$0.key] != nil }
                .merging(sequences.filter { held[$0.key] != nil }, uniquingKeysWith: min)
        }
        return held
    }

    /// The header after `device` has read and written the file. Devices that have not had it for long make room;
    /// should one come again, the file gets what it lacks one round later.
    public func written(by device: BundleDevice) -> BundleHeader {
        let oldest = device.milliseconds - min(device.milliseconds, Limits.bundleDeviceMilliseconds)
        let others = devices.filter { $0.replica != device.replica && $0.milliseconds >= oldest }
        let kept = others.sorted { $0.milliseconds > $1.milliseconds }.prefix(Limits.maximumBundleDeviceCount - 1)
        return BundleHeader(notebook: notebook, devices: [device] + kept)
    }
}

/// A device that has read a bundle and written it.
public struct BundleDevice: Hashable, Sendable {
    /// What it wrote under then.
    public var replica: ReplicaID
    /// ``Limits/maximumDeviceNameBytes`` at most.
    public let name: String
    /// When it had the file, by its own clock.
    public var milliseconds: UInt64
    /// The ends of all logs as it held them then.
    public var heads: [Head]

    public init(replica: ReplicaID, name: String, milliseconds: UInt64, heads: [Head]) {
        self.replica = replica
        self.name = Self.shortened(name)
        self.milliseconds = milliseconds
        self.heads = heads
    }

    private static func shortened(_ name: String) -> String {
        var end = name.startIndex
        while end < name.endIndex, name[...end].utf8.count <= Limits.maximumDeviceNameBytes {
            name.formIndex(after: &end)
        }
        return String(name[..<end])
    }

    var sequences: [ReplicaID: UInt64] {
        Dictionary(heads.map { ($0.replica, $0.sequence) }, uniquingKeysWith: max)
    }
}

/// Why a file is no bundle that can be read. Nothing of it was taken in.
public enum BundleError: Error, Hashable, Sendable {
    /// It does not begin as a bundle does.
    case notABundle
    /// A later program wrote it, in this form.
    case newerForm(Int)
    /// It ends before its end.
    case cutShort
    /// Its bytes are not those that were written, or nobody of ours wrote them.
    case damaged
}
