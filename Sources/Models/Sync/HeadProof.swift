/// A server's word that it held a replica's log up to here, which it alone can give (`Wire` says how).
///
/// A server that was put back to an earlier state takes another replica's changes from any device of the
/// person, up to a point that such a proof covers: the chain covers everything before it. So the notebook
/// is whole again though the device that wrote them is gone, and nobody can pass off changes as those of a device that
/// the server knows.
public struct HeadProof: Hashable, Sendable {
    public var replica: ReplicaID
    public var sequence: UInt64
    /// 16 bytes.
    public var code: [UInt8]

    public static let codeByteCount = 16

    public init(replica: ReplicaID, sequence: UInt64, code: [UInt8]) {
        self.replica = replica
        self.sequence = sequence
        self.code = code
    }

    /// Whether a server proves a log at this change, beside the last one it hands out.
    ///
    /// A run that is brought back must end at such a point, so there is one within every few exchanges of the
    /// smallest batch, whatever the changes' sizes; and a device keeps few.
    public static func isPoint(sequence: UInt64, byteCount: Int) -> Bool {
        sequence % Limits.proofSpacing == 0 || byteCount >= Limits.minimumBatchBytes
    }
}
