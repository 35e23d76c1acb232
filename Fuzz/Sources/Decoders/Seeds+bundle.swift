import Deflate
import Digest
import Models

extension Decoder {
    /// In both forms of `readBundle`: files without their hashes, and their parts.
    var bundles: [[UInt8]] {
        let blocks = [[run, run], [run]]
        let files = [Self.write(header, []), Self.write(header, blocks)]
        let parts = [start] + blocks.map(plain)
        return files.map { [0] + $0.dropLast(SHA256Digest.byteCount) } + [[1] + parts.flatMap(part)]
    }

    private var header: BundleHeader {
        BundleHeader(
            notebook: NotebookID(record.bits),
            devices: [
                BundleDevice(replica: replica, name: "laptop", milliseconds: 1_385_100_000_000, heads: [head]),
                BundleDevice(replica: ReplicaID(1), name: "电话", milliseconds: 0, heads: []),
            ]
        )
    }

    /// The header's bytes: behind magic, form and length, and before the end mark.
    private var start: [UInt8] { Array(Self.write(header, []).dropFirst(16 + 4).dropLast(endByteCount)) }

    /// A block's bytes before they were deflated.
    private func plain(_ runs: [ChangeRun]) -> [UInt8] {
        let block = Self.write(header, [runs]).dropFirst(16 + 4 + start.count + 4).dropLast(endByteCount)
        return (try? Deflate.inflate(Array(block), maximumBytes: 1 << 20, maximumRatio: 200)) ?? []
    }

    private var endByteCount: Int { 4 + SHA256Digest.byteCount }

    private func part(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8(truncatingIfNeeded: bytes.count >> 8), UInt8(truncatingIfNeeded: bytes.count)] + bytes
    }
}
