import Testing

@testable import webinar_cli

@Suite struct CellWidthTests {
    @Test(arguments: [
        ("", 0), ("webinar", 7), ("微博", 4), ("ｗｅｂ", 6), ("！", 2), ("ｱ", 1), ("ｶﾞ", 2), ("한국", 4), ("café", 4),
        ("cafe\u{301}", 4), ("γειά", 4), ("№", 1), ("①", 1), ("㉈", 1), ("…", 1), ("—", 1), ("שלום", 4),
        ("a\u{200B}b", 2),
        ("\u{200F}", 0), ("क्षि", 3), ("\u{1100}\u{1161}\u{11A8}", 2), ("😀", 2), ("❤️", 2), ("1️⃣", 2), ("☂", 1), ("𠀀", 2),
    ])
    func `a text takes as many cells as a terminal gives it`(text: String, cells: Int) {
        #expect(text.cellWidth == cells)
    }

    @Test(arguments: ["👨‍👩‍👧", "👍🏽", "🇨🇳", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"])
    func `an emoji sequence is estimated high, as the sum of its parts`(sequence: String) {
        #expect(sequence.count == 1)
        #expect(sequence.cellWidth == sequence.unicodeScalars.reduce(0) { $0 + $1.cellWidth })
        #expect(sequence.cellWidth >= 2)
    }

    @Test func `the table of wide scalars is sorted and without overlaps`() {
        for (range, next) in zip(WideScalars.ranges, WideScalars.ranges.dropFirst()) {
            #expect(range.upperBound < next.lowerBound)
        }
    }
}

@Suite struct CellTextTests {
    static let samples = [
        "", "Sina Weibo (wei=micro, bo=blog), Renren, Tencent, Douban, WeChat", "创建群组、赞助活动可以扩大人脉，品牌应该认真对待微博平台",
        "East meets West: 101中西方社交媒体互动问答", "👨‍👩‍👧👨‍👩‍👧 family 👍🏽 cafe\u{301} ｶﾞ", "https://global.gotomeeting.com/join/123456789",
        "    four blanks first, then words", "one\ntwo\r\nthree\n", "a  b   c    d", "שלום עולם", "「引用」、と言った。",
    ]

    @Test(arguments: samples, 0...24)
    func `a cut text never runs over and never ends inside a cluster`(text: String, cells: Int) {
        let cut = text.truncated(toCells: cells)
        #expect(cut.cellWidth <= cells || cut == text)
        if cut != text {
            let kept = cut.prefix(cut.count - min(cells, 2))
            #expect(cut.hasSuffix(String(repeating: ".", count: min(cells, 2))))
            #expect(Array(text.prefix(kept.count)) == Array(kept))
        }
    }

    @Test func `what fits is not cut`() {
        #expect("微博".truncated(toCells: 4) == "微博")
        #expect("微博微博".truncated(toCells: 7) == "微博..")
        #expect("微博微博".truncated(toCells: 6) == "微博..")
        #expect("微博微博".truncated(toCells: 5) == "微..")
    }

    @Test func `padding counts cells`() {
        #expect("微博".padded(toCells: 6) == "微博  ")
        #expect("weibo".padded(toCells: 3) == "weibo")
    }

    @Test(arguments: samples, 6...40)
    func `wrapping keeps every line inside and every word whole or in order`(text: String, cells: Int) {
        let lines = text.wrapped(toCells: cells)
        #expect(lines.allSatisfy { $0.cellWidth <= cells || $0.count == 1 })
        let ink = { (text: String) in text.filter { !$0.isWhitespace } }
        #expect(ink(lines.joined()) == ink(text))
    }

    @Test func `lines break at blanks and between Chinese characters, not before punctuation`() {
        #expect("Sina Weibo, Renren and more".wrapped(toCells: 12) == ["Sina Weibo,", "Renren and", "more"])
        #expect("扩大人脉，品牌".wrapped(toCells: 8) == ["扩大人", "脉，品牌"])
        #expect("扩大人脉（品牌）".wrapped(toCells: 10) == ["扩大人脉", "（品牌）"])
        #expect("微博 Weibo".wrapped(toCells: 6) == ["微博", "Weibo"])
        #expect("supercalifragilistic".wrapped(toCells: 8) == ["supercal", "ifragili", "stic"])
        #expect("one\n\ntwo".wrapped(toCells: 8) == ["one", "", "two"])
    }
}

@Suite struct UntrustedTextTests {
    @Test func `what could drive a terminal becomes visible`() {
        #expect("\u{1B}[2Jx".madeVisible(keepingLines: true) == "<U+001B>[2Jx")
        #expect("a\u{9B}b\u{7F}".madeVisible(keepingLines: true) == "a<U+009B>b<U+007F>")
        #expect("a\u{202E}b\u{2066}c".madeVisible(keepingLines: false) == "a<U+202E>b<U+2066>c")
        #expect("a\rb".madeVisible(keepingLines: true) == "a<U+000D>b")
    }

    @Test func `every unsafe scalar is caught and every other stays`() {
        for value in UInt32(0)...0x2FFF {
            guard let scalar = Unicode.Scalar(value), scalar != "\n", scalar != "\t", scalar.value & ~1 != 0x2028 else {
                continue
            }
            let text = String(scalar)
            let isUnsafe =
                value < 0x20 || (0x7F...0x9F).contains(value) || (0x202A...0x202E).contains(value)
                || (0x2066...0x2069).contains(value)
            #expect((text.madeVisible(keepingLines: true) == text) == !isUnsafe, "U+\(String(value, radix: 16))")
        }
    }

    @Test func `line ends stay, or become blanks where one line is wanted`() {
        #expect("a\r\nb\nc\td".madeVisible(keepingLines: true) == "a\nb\nc    d")
        #expect("a\r\nb\nc\td\u{2028}e".madeVisible(keepingLines: false) == "a b c d e")
    }
}
