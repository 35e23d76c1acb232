import Digest
public import Models

/// The key under which a server of a notebook proves the heads it holds. It never leaves the server.
public struct ProofKey: Sendable {
    private let bytes: [UInt8]
    private let notebook: NotebookID

    /// - Parameter secret: bytes that only this server has, and keeps for its whole life.
    public init(secret: [UInt8], notebook: NotebookID) {
        bytes = hmacSHA256(key: secret, message: Array("webinar head proof 1".utf8)).bytes
        self.notebook = notebook
    }

    public func proof(of head: Head) -> HeadProof {
        HeadProof(replica: head.replica, sequence: head.sequence, code: code(of: head))
    }

    /// Whether `proof` is ours and of `head`, in a time that does not depend on the answer.
    public func proves(_ proof: HeadProof, _ head: Head) -> Bool {
        proof.replica == head.replica && proof.sequence == head.sequence
            && constantTimeEquals(proof.code, code(of: head))
    }

    /// HMAC-SHA-256 over: notebook (16 bytes) ‖ replica ‖ sequence (8 bytes each, big-endian) ‖ the chain's hash.
    private func code(of head: Head) -> [UInt8] {
        var message = notebook.bits.bytes
        message += Hexadecimal.bigEndian(head.replica.rawValue)
        message += Hexadecimal.bigEndian(head.sequence)
        message += head.hash.bytes
        return Array(hmacSHA256(key: bytes, message: message).bytes.prefix(HeadProof.codeByteCount))
    }
}
