import Models
import Testing

@testable import Wire

/// Messages of nothing but empty fields would take fifty times their bytes once they are decoded.
@Suite struct FieldCountTests {
    private static let count = Limits.maximumFieldCount + 1

    private func empties(_ tag: UInt8, _ count: Int = Self.count) -> [UInt8] {
        (0..<count).flatMap { _ in [tag << 3 | 2, 0] }
    }

    private func field(_ tag: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        writer.count(Int(tag << 3 | 2))
        writer.count(bytes.count)
        writer.raw(bytes)
        return writer.bytes
    }

    private let tooMany = WireError(.tooManyFields(maximum: Limits.maximumFieldCount))

    @Test func `too many fields are refused, in a message and in one within it`() {
        let half = Self.count / 2 + 1
        for body in [empties(2), field(3, empties(4)), empties(4, half) + field(3, empties(4, half))] {
            #expect(throws: tooMany) { try SyncRequest(body: body, format: .protobuf) }
        }
        #expect(throws: tooMany) { try SyncAnswer(body: field(12, empties(3)), format: .protobuf) }
        #expect(throws: tooMany) { try VerifyAnswer(body: field(7, field(1, empties(4))), format: .protobuf) }
        #expect(throws: tooMany) { try VerifyQuestion(body: field(5, empties(1)), format: .protobuf) }
        #expect(throws: tooMany) { try RepairRequest(body: field(1, empties(4)), format: .protobuf) }
        #expect(throws: tooMany) { _ = try ChangeRun(bytes: empties(4)) }
    }

    @Test func `too many fields are refused in JSON`() {
        let body = Array(#"{"heads":["#.utf8) + (0..<Self.count).flatMap { _ in Array("{},".utf8) } + Array("{}]}".utf8)
        #expect(throws: tooMany) { try SyncRequest(body: body, format: .json) }
    }

    @Test func `a block of a file has no more changes than a message has fields`() throws {
        let half = ChangeRun(
            replica: ReplicaID(1),
            firstSequence: 1,
            previous: .zero,
            bodies: Array(repeating: [1], count: Limits.maximumFieldCount / 2 - 8)
        )
        #expect(try BundleCodec.runs(BundleCodec.encode([half, half])).count == 2)
        #expect(throws: tooMany) { try BundleCodec.runs(BundleCodec.encode([half, half, half])) }
    }

    @Test func `what cannot be counted is no message`() {
        // A length of 0 in two bytes, which other readers of protobuf take.
        let heads = (0..<Self.count).flatMap { _ in [2 << 3 | 2, 0x80, 0] as [UInt8] }
        #expect(throws: WireError(.malformed)) { try SyncRequest(body: heads, format: .protobuf) }
    }

    @Test func `a change of too many values, or of operations that name too much, is refused`() {
        let record = field(2, [UInt8](repeating: 1, count: 16))
        for (operations, values) in [(empties(5), []), (field(5, field(5, empties(1))), []), ([], empties(1))] {
            let frame = record + operations
            var writer = ByteWriter()
            writer.count(frame.count)
            writer.raw(frame)
            writer.raw(values)
            #expect(throws: InvalidChange(.undecodable)) {
                try ChangeCodec.decode(writer.bytes, replica: ReplicaID(1), sequence: 1)
            }
        }
    }
}
