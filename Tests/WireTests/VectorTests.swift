import EgWalker
import Foundation
import Models
import Testing
import Wire

/// Bytes and hashes that another program computed: the format does not move by accident.
@Suite struct VectorTests {
    /// The lines of a file in `Vectors/`, cut at tabs.
    private func lines(_ name: String) throws -> [[String]] {
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Vectors/\(name)")
        return try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
            .filter { !$0.hasPrefix("#") }
            .map { $0.split(separator: "\t").map(String.init) }
    }

    private func bytes(_ hex: String) -> [UInt8] {
        stride(from: 0, to: hex.utf8.count, by: 2).compactMap { start in
            Hexadecimal.value(hex.dropFirst(start).prefix(2)).map { UInt8($0) }
        }
    }

    private let operations: [String: Models.Operation] = [
        "set text, replacing two": Samples.operations[0],
        "set the empty text": Samples.operations[1],
        "clear": Samples.operations[2],
        "set an integer": Samples.operations[3],
        "set the integer 0": Samples.operations[4],
        "set a reference": Samples.operations[5],
        "include": Samples.operations[8],
        "exclude": Samples.operations[10],
        "begin a text": Samples.operations[12],
        "edit a text": Samples.operations[13],
        "delete": Samples.operations[14],
        "restore": Samples.operations[16],
        "purge": Samples.operations[18],
        "revive": Samples.operations[19],
    ]

    @Test func `each operation has the bytes of the vectors`() throws {
        let lines = try lines("changes.txt")
        #expect(lines.count == operations.count)
        for line in lines {
            let change = Samples.change([try #require(operations[line[0]])])
            #expect(ChangeCodec.encode(change) == bytes(line[1]), "\(line[0])")
            let read = try ChangeCodec.decode(bytes(line[1]), replica: change.replica, sequence: change.sequence)
            #expect(read == change, "\(line[0])")
        }
    }

    @Test func `the chain and the log have the hashes of the vectors`() throws {
        let run = ChangeRun(
            replica: Samples.replica,
            firstSequence: 1,
            previous: .zero,
            bodies: try lines("changes.txt").map { bytes($0[1]) }
        )
        var log = ContentHash.zero
        let hashes = Chain.hashes(of: run)
        let expected = try lines("chain.txt")
        #expect(hashes.count == expected.count)
        for (hash, line) in zip(hashes, expected) {
            log = Chain.logHash(previous: log, change: hash)
            #expect(hash.description == line[1], "at \(line[0])")
            #expect(log.description == line[2], "at \(line[0])")
        }
    }

    @Test func `a hash covers replica, sequence, what came before, and every byte`() {
        let previous = ContentHash(digesting: [1])
        let hash = Chain.hash(replica: ReplicaID(1), sequence: 2, previous: previous, body: [3, 4])
        let others = [
            Chain.hash(replica: ReplicaID(2), sequence: 2, previous: previous, body: [3, 4]),
            Chain.hash(replica: ReplicaID(1), sequence: 3, previous: previous, body: [3, 4]),
            Chain.hash(replica: ReplicaID(1), sequence: 2, previous: .zero, body: [3, 4]),
            Chain.hash(replica: ReplicaID(1), sequence: 2, previous: previous, body: [3, 5]),
            Chain.hash(replica: ReplicaID(1), sequence: 2, previous: previous, body: [3]),
        ]
        #expect(Set(others + [hash]).count == 6)
    }

    @Test func `a folded change has the bytes of its form, and the hash it had`() throws {
        for line in try lines("changes.txt") {
            let whole = bytes(line[1])
            let count = Int(whole[0])
            let values = Array(whole[(count + 1)...])
            let folded = [0] + ContentHash(digesting: values).bytes + whole[1...count]
            #expect(try #require(ChangeBody(whole)).folded.bytes == folded, "\(line[0])")
            #expect(try #require(ChangeBody(folded)).folded.bytes == folded, "\(line[0])")
            let hashes = [whole, folded].map {
                Chain.hash(replica: Samples.replica, sequence: 1, previous: .zero, body: $0)
            }
            #expect(hashes[0] == hashes[1], "\(line[0])")
            let read = try ChangeCodec.decode(folded, replica: Samples.replica, sequence: 7)
            #expect(read.folded == ContentHash(digesting: values), "\(line[0])")
            #expect(ChangeCodec.encode(read) == folded, "\(line[0])")
        }
    }

    @Test func `the hashes of a part of a run are those of the whole`() throws {
        let bodies: [[UInt8]] = (0..<9).map { [UInt8](repeating: $0, count: Int($0)) }
        let whole = ChangeRun(replica: Samples.replica, firstSequence: 1, previous: .zero, bodies: bodies)
        let hashes = Chain.hashes(of: whole)
        for cut in 1..<9 {
            let rest = ChangeRun(
                replica: Samples.replica,
                firstSequence: UInt64(cut) + 1,
                previous: hashes[cut - 1],
                bodies: Array(bodies[cut...])
            )
            #expect(Chain.hashes(of: rest) == Array(hashes[cut...]))
        }
    }
}
