import Models
import TestSupport
import Testing

@testable import Wire

/// A bundle's bytes come from a stick or a mail: whatever they are, reading ends with all of it or with an error.
@Suite struct BundleCodecTests {
    static let header = BundleHeader(
        notebook: NotebookID(UUIDBits(high: 1, low: 2)),
        devices: [
            BundleDevice(
                replica: ReplicaID(7),
                name: "laptop",
                milliseconds: 1_385_100_000_000,
                heads: [Head(replica: ReplicaID(7), sequence: 3, hash: ContentHash(digesting: [1]))]
            ),
            BundleDevice(replica: ReplicaID(8), name: "电话", milliseconds: 0, heads: []),
        ]
    )

    static let runs = [
        ChangeRun(replica: ReplicaID(7), firstSequence: 1, previous: .zero, bodies: [[1, 2, 3], [4], []]),
        ChangeRun(replica: ReplicaID(9), firstSequence: 5, previous: ContentHash(digesting: [2]), bodies: [[9]]),
    ]

    static func bytes(_ blocks: [[ChangeRun]]) throws -> [UInt8] {
        let file = MemoryFile()
        let writer = try BundleWriter(header) { file.bytes += $0 }
        for block in blocks { try writer.write(block) }
        try writer.finish()
        return file.bytes
    }

    static func read(_ bytes: [UInt8]) throws -> (header: BundleHeader, blocks: [[ChangeRun]]) {
        var reader = try BundleReader(MemoryFile(bytes).read)
        var blocks: [[ChangeRun]] = []
        while let block = try reader.next() { blocks.append(block) }
        return (reader.header, blocks)
    }

    @Test(arguments: 0...3)
    func `what was written is read`(blockCount: Int) throws {
        let blocks = Array(repeating: Self.runs, count: blockCount)
        let (header, read) = try Self.read(try Self.bytes(blocks))
        #expect(header == Self.header)
        #expect(read == blocks)
    }

    @Test func `a file that ends anywhere too early is refused`() throws {
        let bytes = try Self.bytes([Self.runs])
        for count in bytes.indices {
            let error = #expect(throws: BundleError.self) { try Self.read(Array(bytes[..<count])) }
            #expect(error == (count < 15 ? .notABundle : .cutShort), "cut at \(count)")
        }
    }

    @Test func `a file with any bit turned is refused`() throws {
        let bytes = try Self.bytes([Self.runs])
        for index in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[index] ^= 1 << bit
                #expect(throws: BundleError.self, "bit \(bit) of byte \(index)") { try Self.read(damaged) }
            }
        }
    }

    @Test func `what follows the end is not overlooked`() throws {
        #expect(throws: BundleError.damaged) { try Self.read(try Self.bytes([Self.runs]) + [0]) }
    }

    @Test func `another file is called another file, and a later form a later form`() throws {
        #expect(throws: BundleError.notABundle) { try Self.read(Array("SQLite format 3\u{0} and more".utf8)) }
        #expect(throws: BundleError.notABundle) { try Self.read([]) }
        var later = try Self.bytes([])
        later[15] = 2
        #expect(throws: BundleError.newerForm(2)) { try Self.read(later) }
    }

    @Test func `a length that lies costs nothing`() throws {
        let start = Array("webinar bundle\n".utf8) + [1]
        #expect(throws: BundleError.damaged) { try Self.read(start + [255, 255, 255, 255]) }
        #expect(throws: BundleError.cutShort) { try Self.read(start + [1, 0, 0, 0]) }
    }

    @Test(arguments: 1...300)
    func `noise behind a true beginning never traps`(seed: Int) throws {
        var chance = Chance(seed: UInt64(seed))
        let bytes = try Self.bytes([Self.runs])
        var noise = bytes
        for _ in 0...chance.below(20) {
            let place = 16 + chance.below(noise.count - 16)
            switch chance.below(3) {
            case 0: noise[place] = UInt8(chance.below(256))
            case 1: noise.remove(at: place)
            default: noise.insert(UInt8(chance.below(256)), at: place)
            }
            if noise.count < 40 { break }
        }
        if noise == bytes { return }
        #expect(throws: BundleError.self, "seed \(seed)") { try Self.read(noise) }
    }

    @Test func `what deflates better than any text is read as well`() throws {
        let run = ChangeRun(
            replica: ReplicaID(7),
            firstSequence: 1,
            previous: .zero,
            bodies: [[UInt8](repeating: 65, count: 3_000_000)]
        )
        #expect(try Self.read(try Self.bytes([[run]])).blocks == [[run]])
    }

    @Test func `a name that is too long is shortened by whole characters`() {
        let device = BundleDevice(
            replica: ReplicaID(1),
            name: String(repeating: "👩‍👩‍👧", count: 100),
            milliseconds: 0,
            heads: []
        )
        #expect(device.name.utf8.count <= Limits.maximumDeviceNameBytes && !device.name.isEmpty)
        #expect(device.name.allSatisfy { $0 == "👩‍👩‍👧" })
    }
}

/// A file in memory.
final class MemoryFile {
    var bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8] = []) { self.bytes = bytes }

    func read(_ maximumCount: Int) -> [UInt8] {
        let piece = Array(bytes[place..<min(bytes.count, place + maximumCount)])
        place += piece.count
        return piece
    }
}
