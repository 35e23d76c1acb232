import Deflate
import Digest
import Models
import Wire

/// Bundles: files that went through other hands. One that is not whole ends with an error.
extension Decoder {
    static func readBundle(_ bytes: [UInt8]) {
        guard let form = bytes.first else { return }
        let whole = form & 1 == 0 ? Array(bytes.dropFirst()) : bundle(ofParts: bytes.dropFirst())
        // Chance does not find a hash, so it is given.
        let file = whole + SHA256.hash(whole).bytes
        guard let (header, blocks) = readFile(file) else { return }

        for header in [header, header.written(by: header.devices[0])] {
            let (again, read) = readFile(write(header, blocks)) ?? (header, [])
            precondition(again == header && read == blocks, "a bundle is read back as another")
            _ = again.heldByAll(but: again.devices[0].replica)
        }
        var damaged = file
        let place = bytes.reduce(UInt32(0)) { $0 &* 31 &+ UInt32($1) }
        damaged[Int(place) % file.count] ^= 1
        precondition(readFile(damaged) == nil, "a damaged bundle is read")
        precondition(readFile(file.dropLast()) == nil, "a bundle that was cut short is read")
    }

    /// A file of parts, two bytes of length before each: the header, and blocks that are deflated here. So chance
    /// comes to what lies behind zlib's checksums.
    private static func bundle(ofParts bytes: ArraySlice<UInt8>) -> [UInt8] {
        var rest = bytes
        var parts: [[UInt8]] = []
        while rest.count > 2 {
            let count = Int(rest.removeFirst()) << 8 | Int(rest.removeFirst())
            parts.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        let stored = parts.prefix(1) + parts.dropFirst().map { Deflate.deflate($0) }
        return Array("webinar bundle\n".utf8) + [1] + stored.flatMap { length($0.count) + $0 } + length(0)
    }

    private static func length(_ count: Int) -> [UInt8] {
        (0..<4).reversed().map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) }
    }

    static func write(_ header: BundleHeader, _ blocks: [[ChangeRun]]) -> [UInt8] {
        var file: [UInt8] = []
        do {
            let writer = try BundleWriter(header) { file += $0 }
            for block in blocks { try writer.write(block) }
            try writer.finish()
        } catch {
            preconditionFailure("a bundle is not written: \(error)")
        }
        return file
    }

    private static func readFile(_ bytes: [UInt8]) -> (header: BundleHeader, blocks: [[ChangeRun]])? {
        // Shorter pieces than were asked for, as a pipe gives them.
        var rest = bytes[...]
        do {
            var reader = try BundleReader { most in
                defer { rest = rest.dropFirst(min(most, 61)) }
                return Array(rest.prefix(min(most, 61)))
            }
            var blocks: [[ChangeRun]] = []
            while let block = try reader.next() { blocks.append(block) }
            return (reader.header, blocks)
        } catch is BundleError {
            return nil
        } catch {
            preconditionFailure("a bundle ends with another error: \(error)")
        }
    }
}
