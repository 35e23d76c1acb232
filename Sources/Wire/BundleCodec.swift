import Deflate
import Digest
import Models

// A bundle, byte by byte. Numbers of fixed length are big-endian.
//
//     "webinar bundle\n"                    15 bytes
//     form                                  1 byte: 1
//     length of the header                  4 bytes
//     header:
//         notebook                          16 bytes
//         count of devices                  varint; whoever wrote the file last stands first
//         of each: replica 8 bytes, name (length, UTF-8), milliseconds varint, count of heads varint;
//             of each head: replica 8 bytes, sequence varint, hash 32 bytes
//     blocks:
//         length                            4 bytes, not 0
//         a zlib stream; inflated, one after the other: length varint, a ChangeRun of sync.proto
//     0                                     4 bytes
//     SHA-256 of everything before          32 bytes
//
// Reading: each length is held against its limit before anything is made from it, and the bytes are read in small
// pieces, so that a file that claims much costs nothing. Nothing of a file counts before its end was reached and its
// SHA-256 fits: `BundleReader.next()` returns nil only then.

/// The form of a bundle: the changes of a notebook in a file.
enum BundleCodec {
    static let magic = Array("webinar bundle\n".utf8)
    static let form: UInt8 = 1
    static let hashByteCount = 32

    static func encode(_ header: BundleHeader) -> [UInt8] {
        var writer = ByteWriter()
        writer.raw(header.notebook.bits.bytes)
        writer.count(header.devices.count)
        for device in header.devices {
            writer.word(device.replica.rawValue)
            writer.string(device.name)
            writer.varint(device.milliseconds)
            writer.count(device.heads.count)
            for head in device.heads {
                writer.word(head.replica.rawValue)
                writer.varint(head.sequence)
                writer.raw(head.hash.bytes)
            }
        }
        return writer.bytes
    }

    static func header(_ bytes: [UInt8]) throws(WireError) -> BundleHeader {
        var reader = ByteReader(bytes)
        guard let notebook = UUIDBits(bytes: try reader.raw(16)) else { throw WireError(.invalidField("notebook")) }
        let count = try reader.count()
        guard (1...Limits.maximumBundleDeviceCount).contains(count) else { throw WireError(.invalidField("devices")) }
        var devices: [BundleDevice] = []
        for _ in 0..<count { devices.append(try device(&reader)) }
        guard reader.isAtEnd else { throw WireError(.malformed) }
        guard Set(devices.map(\.replica)).count == count else { throw WireError(.invalidField("devices")) }
        return BundleHeader(notebook: NotebookID(notebook), devices: devices)
    }

    private static func device(_ reader: inout ByteReader) throws(WireError) -> BundleDevice {
        let replica = ReplicaID(try reader.word())
        let name = try reader.string()
        guard name.utf8.count <= Limits.maximumDeviceNameBytes else { throw WireError(.invalidField("name")) }
        let milliseconds = try reader.varint()
        guard milliseconds <= Limits.maximumMilliseconds else { throw WireError(.invalidField("milliseconds")) }
        let count = try reader.count()
        guard count <= Limits.maximumReplicaCount else { throw WireError(.invalidField("heads")) }
        var heads: [Head] = []
        for _ in 0..<count {
            let replica = ReplicaID(try reader.word())
            let sequence = try reader.varint()
            guard (1...UInt64(Int64.max) / 2).contains(sequence), replica.rawValue != 0,
                let hash = ContentHash(bytes: try reader.raw(32))
            else { throw WireError(.invalidField("head")) }
            heads.append(Head(replica: replica, sequence: sequence, hash: hash))
        }
        return BundleDevice(replica: replica, name: name, milliseconds: milliseconds, heads: heads)
    }

    static func encode(_ runs: [ChangeRun]) -> [UInt8] {
        var writer = ByteWriter(capacity: Limits.bundleBlockBytes)
        for run in runs {
            let bytes = run.bytes
            writer.count(bytes.count)
            writer.raw(bytes)
        }
        let deflated = Deflate.deflate(writer.bytes)
        // What deflates better than any text is kept as it is, so that a reader may refuse such a block.
        let isTooGood = writer.bytes.count > deflated.count * Limits.maximumInflateRatio
        return isTooGood ? Deflate.deflate(writer.bytes, level: 0) : deflated
    }

    static func runs(_ block: [UInt8]) throws(WireError) -> [ChangeRun] {
        let bytes: [UInt8]
        do {
            bytes = try Deflate.inflate(
                block,
                maximumBytes: Limits.maximumExchangeBytes,
                maximumRatio: Limits.maximumInflateRatio
            )
        } catch {
            throw WireError(.malformed)
        }
        var reader = ByteReader(bytes)
        var runs: [ChangeRun] = []
        var changeCount = 0
        while !reader.isAtEnd {
            let run = try ChangeRun(bytes: try reader.raw(try reader.count()))
            changeCount += run.bodies.count
            guard changeCount <= Limits.maximumFieldCount else {
                throw WireError(.tooManyFields(maximum: Limits.maximumFieldCount))
            }
            runs.append(run)
        }
        return runs
    }
}
