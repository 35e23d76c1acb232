import Testing

@testable import webinar_server

@Suite struct QRCodeTests {
    /// A link as `webinar-server link` prints it: 106 characters.
    static let link =
        "WEBINAR:DESK.EXAMPLE.ORG:8443/ADSUH6QELKZV5ODPQIHGL3IPE45ILUC5MZXNDVCQP7F57M2CIHHA"
        + "/DE5S5TY4DRI472D3ZEYRKOBT24"

    /// What a line shows, without its colours.
    private func blocks(_ line: String) -> String {
        String(line.filter { " ▀▄█".contains($0) })
    }

    @Test func `a link fits a terminal of 80 by 24`() throws {
        #expect(Self.link.count <= 114)
        let code = try #require(QRCode(Self.link))
        let lines = code.lines(term: "xterm-256color")
        #expect(code.cellCount == 41)
        #expect(lines.count == 21)
        #expect(lines.allSatisfy { blocks($0).count == 41 })
        let long = try #require(QRCode(Self.link + "/LONGER.HOST.EXAMPLE.ORG"))
        #expect(long.cellCount <= 80 && long.lines(term: nil).count <= 24)
    }

    @Test func `the three finder patterns and the quiet zone are where a scanner looks`() throws {
        let code = try #require(QRCode(Self.link))
        let finder = ["1111111", "1000001", "1011101", "1011101", "1011101", "1000001", "1111111"]
        for (top, left) in [(0, 0), (0, code.size - 7), (code.size - 7, 0)] {
            let seen = (0..<7).map { row in
                String((0..<7).map { code.isDark(row: top + row, column: left + $0) ? "1" : "0" })
            }
            #expect(seen == finder)
        }
        for step in -QRCode.quietZone..<code.size + QRCode.quietZone {
            for border in 1...QRCode.quietZone {
                #expect(!code.isDark(row: -border, column: step) && !code.isDark(row: step, column: -border))
                #expect(!code.isDark(row: code.size - 1 + border, column: step))
                #expect(!code.isDark(row: step, column: code.size - 1 + border))
            }
        }
    }

    @Test func `every line sets dark on light itself and resets it`() throws {
        let lines = try #require(QRCode("WEBINAR:X")).lines(term: "xterm")
        #expect(lines.allSatisfy { $0.hasPrefix("\u{1B}[38;5;16;48;5;231m") && $0.hasSuffix("\u{1B}[0m") })
    }

    @Test func `a dumb terminal gets none, and neither does what no code can hold`() throws {
        #expect(try #require(QRCode(Self.link)).lines(term: "dumb").isEmpty)
        #expect(QRCode("") == nil)
        #expect(QRCode("a\0b") == nil)
        #expect(QRCode(String(repeating: "A", count: 5000)) == nil)
    }
}
