import Glibc
import Testing

@testable import webinar_cli

@Suite struct LineReaderTests {
    private func lines(_ text: String) throws -> [String] {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { close(ends[0]) }
        try FileOutput.writeAll(Array(text.utf8), to: ends[1])
        close(ends[1])
        var reader = LineReader(descriptor: ends[0])
        var lines: [String] = []
        while let line = try reader.next() { lines.append(String(decoding: line, as: UTF8.self)) }
        #expect(reader.number == lines.count)
        return lines
    }

    @Test(
        arguments: [
            ("", []), ("a", ["a"]), ("a\n", ["a"]), ("a\nb", ["a", "b"]), ("\n\n", ["", ""]),
            ("a\n\nb\n", ["a", "", "b"]),
            ("微\n博", ["微", "博"]),
        ] as [(String, [String])]
    )
    func `lines come one by one, with or without a line end at the end`(text: String, expected: [String]) throws {
        #expect(try lines(text) == expected)
    }
}
