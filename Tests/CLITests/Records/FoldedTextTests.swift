import Testing

@testable import webinar_cli

@Suite struct FoldedTextTests {
    @Test(
        arguments: [
            ("QR codes", "qr CODES", [0..<8]), ("ＱＲ　ｃｏｄｅｓ", "qr codes", [0..<8]), ("微博和微信", "微", [0..<1, 3..<4]),
            ("Cafe\u{301}", "café", [0..<5]), ("caf\u{E9} Cafe\u{301}", "CAFÉ", [0..<4, 5..<10]),
            ("ﬁne", "fi", [0..<1]),
            ("aaa", "aa", [0..<2]), ("Straße", "STRASSE", []), ("가나", "나", [1..<2]), ("", "x", []),
            ("👩‍👩‍👧 ok", "OK", [6..<8]),
        ] as [(String, String, [Range<Int>])]
    )
    func `what is found is counted in scalars of the text`(text: String, needle: String, ranges: [Range<Int>]) {
        #expect(FoldedText(text).ranges(of: FoldedText(needle)) == ranges)
        #expect(FoldedText(text).contains(FoldedText(needle)) == !ranges.isEmpty)
    }

    @Test func `an empty text is found nowhere`() {
        #expect(FoldedText("").isEmpty)
        #expect(FoldedText("x").ranges(of: FoldedText("")).isEmpty)
    }
}
