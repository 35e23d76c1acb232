import Foundation
import Models
import SwiftProtobuf
import TestSupport
import Testing
import Wire

/// What a program of tomorrow writes and one of today carries without harm.
///
/// The bytes are written by hand, tag by tag, since no code of today can.
@Suite struct LaterProgramTests {
    /// A field of wire type 2: a tag, a length, bytes.
    private func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        precondition(number < 16 && bytes.count < 128, "one byte each")
        return [number << 3 | 2, UInt8(bytes.count)] + bytes
    }

    private func varint(_ number: UInt8, _ value: UInt8) -> [UInt8] { [number << 3, value] }

    private let time: [UInt8] = [0x09, 1, 0, 0, 0, 0, 0, 0, 0]

    private func body(
        kind: UInt8 = 3,
        schema: UInt8? = nil,
        _ rest: [UInt8],
        values: [[UInt8]] = []
    ) -> [UInt8] {
        let head = time + field(2, Samples.record.bits.bytes) + varint(3, kind) + (schema.map { varint(4, $0) } ?? [])
        return framed(head + rest) + values.flatMap { field(1, $0) }
    }

    /// A varint of the length, before the frame.
    private func framed(_ frame: [UInt8]) -> [UInt8] {
        let count = frame.count
        return (count < 128 ? [UInt8(count)] : [UInt8(count & 127) | 128, UInt8(count >> 7)]) + frame
    }

    private func read(_ bytes: [UInt8]) throws -> Change {
        try ChangeCodec.decode(bytes, replica: Samples.replica, sequence: 1)
    }

    private var title: [UInt8] { field(5, field(1, varint(1, 1))) }
    private var x: [UInt8] { field(1, Array("x".utf8)) }

    @Test func `an operation that is not known yet is unknown, and its neighbours are read`() throws {
        let later = field(5, field(12, [1, 2, 3]))
        let change = try read(body(title + later + title, values: [x, field(9, [1]), x]))
        let known = Models.Operation.set(.title, .text("x"), replaces: [])
        #expect(change.operations == [known, .unknown, known])
    }

    @Test func `an empty operation is unknown`() throws {
        #expect(try read(body(field(5, []))).operations == [.unknown])
    }

    @Test func `a field that is not known yet changes nothing in what is`() throws {
        let change = try read(body(title + field(14, [1, 2]) + varint(13, 5), values: [x + varint(14, 1)]))
        #expect(change.operations == [.set(.title, .text("x"), replaces: [])])
        let inside = try read(body(field(5, field(1, varint(1, 1) + varint(15, 1))), values: [x]))
        #expect(inside.operations == change.operations)
    }

    @Test func `a kind that is not known yet keeps its number`() throws {
        let change = try read(body(kind: 99, title))
        #expect(change.kind.rawValue == 99)
        #expect(change.kind.name == nil)
    }

    @Test func `all operations of a later schema are unknown, whatever is in them`() throws {
        let unreadable = field(5, field(4, varint(1, 15)))
        let change = try read(body(schema: 1, title + unreadable, values: [x, field(4, [0x05, 0x01])]))
        #expect(change.schema == 1)
        #expect(change.operations.allSatisfy { $0 == .unknown })
    }

    @Test(arguments: [0, 1])
    func `what is not understood still travels byte for byte`(format: Int) throws {
        let format: WireFormat = format == 0 ? .protobuf : .json
        let bodies = [
            body(title + field(14, [9, 9]), values: [x]), body(kind: 77, field(5, field(9, [1]))),
            body(schema: 9, title, values: [field(12, [7])]),
        ]
        let run = ChangeRun(replica: Samples.replica, firstSequence: 1, previous: .zero, bodies: bodies)
        let request = SyncRequest(
            cursor: .start,
            heads: [Head(replica: Samples.replica, sequence: 0, hash: .zero)],
            runs: [run],
            maximumBytes: 1
        )
        let back = try SyncRequest(body: request.body(format), format: format)
        #expect(back.runs == [run])
        #expect(Chain.hashes(of: back.runs[0]) == Chain.hashes(of: run))
    }

    @Test(arguments: [
        [UInt8]([0x0A, 0x01]), [0x2A, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], [0x2B], [0x09], Array(repeating: 0x2B, count: 300),
    ])
    func `what is not protobuf is refused`(rest: [UInt8]) {
        #expect(throws: InvalidChange(.undecodable)) { try read(body(rest)) }
    }

    @Test func `an id of another length is refused`() {
        #expect(throws: InvalidChange(.undecodable)) { try read(framed(time + field(2, [1, 2, 3]))) }
        #expect(throws: InvalidChange(.undecodable)) { try read(framed(time)) }
        let reference = field(5, field(1, varint(1, 13)))
        #expect(throws: InvalidChange(.undecodable)) { try read(body(reference, values: [field(3, [1, 2, 3])])) }
    }

    @Test func `text that is not UTF-8 is refused`() {
        #expect(throws: InvalidChange(.undecodable)) { try read(body(title, values: [field(1, [0xC3, 0x28])])) }
    }

    @Test func `a text edit whose spans cannot be read is refused`() {
        let edit = field(5, field(4, varint(1, 15)))
        #expect(throws: InvalidChange(.undecodable)) { try read(body(edit, values: [field(4, [0x05, 0x01])])) }
        #expect(throws: InvalidChange(.undecodable)) { try read(body(edit, values: [x])) }
    }
}
