import Foundation

/// One Swift file below `Sources/`, with what the tests ask about it.
struct SourceFile: CustomStringConvertible {
    /// The folder below `Sources/`.
    let room: String
    /// The path below `Sources/`.
    let path: String
    let lines: [Substring]

    var description: String { path }

    /// Written by protoc, not by us.
    var isGenerated: Bool { path.hasSuffix(".pb.swift") }

    /// The code without comments: what stands behind `//` is cut off, block comments and doc comments go. Good
    /// enough for questions about words; it does not know strings that hold `//`.
    var code: [(number: Int, text: Substring)] {
        lines.enumerated().compactMap { index, line in
            let text = line.range(of: "//").map { line[..<$0.lowerBound] } ?? line
            let isBlank = text.allSatisfy(\.isWhitespace)
            return isBlank || text.drop(while: \.isWhitespace).hasPrefix("*") ? nil : (index + 1, text)
        }
    }

    /// The modules that this file imports: `public import struct NIOCore.ByteBuffer` imports `NIOCore`.
    var imports: [String] {
        code.compactMap { Self.importedModule($0.text) }
    }

    static func importedModule(_ line: Substring) -> String? {
        var words = line.split(whereSeparator: \.isWhitespace)[...]
        let modifiers: Set<Substring> = ["public", "package", "internal", "fileprivate", "private"]
        while let word = words.first, word.hasPrefix("@") || modifiers.contains(word) {
            words.removeFirst()
        }
        guard words.first == "import" else {
            return nil
        }
        words.removeFirst()
        let kinds: Set<Substring> = ["typealias", "struct", "class", "enum", "protocol", "let", "var", "func"]
        if let word = words.first, kinds.contains(word) {
            words.removeFirst()
        }
        return words.first?.split(separator: ".").first.map(String.init)
    }

    /// All Swift files of all rooms, in the order of their paths.
    static func all() throws -> [SourceFile] {
        let sources = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Sources")
        let paths = try FileManager.default.subpathsOfDirectory(atPath: sources.path).filter { $0.hasSuffix(".swift") }
        return try paths.sorted().map { path in
            let text = try String(contentsOf: sources.appendingPathComponent(path), encoding: .utf8)
            let room = path.split(separator: "/").first.map(String.init) ?? path
            return SourceFile(
                room: room,
                path: path,
                lines: text.split(separator: "\n", omittingEmptySubsequences: false)
            )
        }
    }
}
