import Testing

/// The architecture, held by a test: who may import whom, who may print, who may speak SQL.
@Suite struct RoomsTests {
    let files: [SourceFile]

    init() throws {
        files = try SourceFile.all()
        try #require(files.count > Rooms.allowed.count, "the sources were not found")
    }

    @Test func `every room is in the table, and every room of the table is there`() {
        #expect(Set(files.map(\.room)) == Set(Rooms.allowed.keys))
        #expect(Rooms.systemLibraries.isDisjoint(with: files.map(\.room)), "a system library holds no Swift")
    }

    @Test func `a file imports only what its room may touch`() {
        for file in files {
            let allowed = Rooms.allowed[file.room] ?? []
            for module in file.imports where !allowed.contains(module) {
                Issue.record("Sources/\(file) imports \(module), which \(file.room) may not touch")
            }
        }
    }

    @Test func `only the commands print`() {
        let printing =
            #/(^|[^.\w])(print|debugPrint|dump|puts|printf|putchar|vprintf|fputs)\(|\bstdout\b|STDOUT_FILENO|standardOutput/#
        for file in files where !Rooms.commands.contains(file.room) && !file.isGenerated {
            for (number, text) in file.code where text.contains(printing) && !text.contains("func print(") {
                Issue.record("Sources/\(file):\(number) prints; hand the value to a command instead")
            }
        }
    }

    @Test func `only the store speaks SQL`() {
        let sql =
            #/\b(SELECT|INSERT (OR \w+ )?INTO|REPLACE INTO|DELETE FROM|CREATE (TABLE|INDEX|VIRTUAL)|ALTER TABLE|DROP TABLE|PRAGMA|BEGIN IMMEDIATE)\b|\bUPDATE \w+ SET\b/#
        for file in files where !Rooms.sql.contains(file.room) && !file.isGenerated {
            for (number, text) in file.code where text.contains(sql) {
                Issue.record("Sources/\(file):\(number) speaks SQL, which only the store does")
            }
        }
    }

    @Test func `no file is longer than a file may be`() {
        for file in files where !file.isGenerated && file.lines.count > Rooms.maximumLineCount + 1 {
            Issue.record("Sources/\(file) has \(file.lines.count) lines, more than \(Rooms.maximumLineCount)")
        }
    }

    @Test(arguments: [
        ("import NIOCore", "NIOCore"), ("public import Models", "Models"), ("@testable import Store", "Store"),
        ("@preconcurrency internal import struct GRDB.Row", "GRDB"), ("    import Glibc", "Glibc"),
        ("import func Foundation.exp", "Foundation"), ("@_spi(Internal) public import X.Y", "X"),
    ])
    func `an import is read in every form`(line: String, module: String) {
        #expect(SourceFile.importedModule(line[...]) == module)
    }

    @Test(arguments: ["importance = 1", "func import()", "let x = \"import Foundation\"", "", "// import GRDB"])
    func `what is not an import is not taken for one`(line: String) {
        #expect(SourceFile.importedModule(line[...]) == nil)
    }
}
