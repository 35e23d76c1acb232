import Testing

@testable import webinar_cli

@Suite struct TableLayoutTests {
    static let titles = ["TIME", "KIND", "ID", "TEXT"]
    static let rows = [
        ["00:12:36", "note", "k7qf", "Sina Weibo (wei=micro, bo=blog), Renren, Tencent, Douban, WeChat"],
        ["00:15:15", "quest", "s8vn", "有多少人还有账号"],
        ["00:31:02", "note", "w6ds", "创建群组、赞助活动可以扩大人脉，品牌应该认真对待微博平台。"],
    ]

    private func render(width: Int, isPlain: Bool = false) -> [String] {
        let layout = TableLayout(titles: Self.titles, fitting: Self.rows, width: width, isPlain: isPlain)
        return layout.heading + Self.rows.flatMap { layout.lines(for: $0) }
    }

    @Test func `at 80 cells a table has columns and cuts the text`() {
        #expect(
            render(width: 80) == [
                "TIME      KIND   ID    TEXT",
                "00:12:36  note   k7qf  Sina Weibo (wei=micro, bo=blog), Renren, Tencent, Douba..",
                "00:15:15  quest  s8vn  有多少人还有账号",
                "00:31:02  note   w6ds  创建群组、赞助活动可以扩大人脉，品牌应该认真对待微博平..",
            ]
        )
    }

    @Test func `at 40 cells it is cards that wrap and cut nothing`() {
        #expect(
            render(width: 40) == [
                "00:12:36 note k7qf",
                "  Sina Weibo (wei=micro, bo=blog),",
                "  Renren, Tencent, Douban, WeChat",
                "00:15:15 quest s8vn",
                "  有多少人还有账号",
                "00:31:02 note w6ds",
                "  创建群组、赞助活动可以扩大人脉，品牌应",
                "  该认真对待微博平台。",
            ]
        )
    }

    @Test func `for scripts it is one record a line with tabs`() {
        #expect(render(width: 40, isPlain: true)[1] == "00:15:15\tquest\ts8vn\t有多少人还有账号")
        let layout = TableLayout(columns: [.init("A"), .init("B")], width: 80, isPlain: true)
        #expect(layout.heading.isEmpty)
        #expect(layout.lines(for: ["a\tb", "c\nd"]) == ["a b\tc d"])
    }

    @Test(arguments: [20, 30, 40, 59, 60, 61, 79, 80, 120, 200])
    func `no line is wider than the terminal`(width: Int) {
        #expect(render(width: width).allSatisfy { $0.cellWidth <= width })
    }

    @Test func `wide characters in a middle column do not shift the next`() {
        let layout = TableLayout(titles: ["NAME", "ID", "TEXT"], fitting: [["微博打拐", "a1", "x"]], width: 80)
        #expect(layout.lines(for: ["微博打拐", "a1", "x"]) == ["微博打拐  a1  x"])
        #expect(layout.lines(for: ["ab", "a1", "x"]) == ["ab        a1  x"])
    }

    @Test func `what a stranger wrote cannot move the cursor`() {
        let layout = TableLayout(columns: [.init("ID", cells: 4), .init("TEXT")], width: 80)
        #expect(layout.lines(for: ["\u{1B}c", "a\nb\u{202E}"]) == ["<U..  a b<U+202E>"])
    }

    @Test func `a card without text has only its head`() {
        let layout = TableLayout(columns: [.init("ID"), .init("TEXT")], width: 40)
        #expect(layout.form == .cards)
        #expect(layout.lines(for: ["k7qf", ""]) == ["k7qf"])
        #expect(layout.lines(for: ["k7qf", "a\n\nb"]) == ["k7qf", "  a", "", "  b"])
    }
}

@Suite struct TerminalTraitsTests {
    private func traits(
        terminal: Bool = true,
        columns: Int? = nil,
        _ environment: [String: String] = [:],
        color: ColorChoice = .auto
    ) -> TerminalTraits {
        TerminalTraits(
            outputIsTerminal: terminal,
            errorIsTerminal: terminal,
            terminalColumns: columns,
            environment: environment,
            color: color
        )
    }

    @Test func `the width is the terminal's, else COLUMNS, else 80`() {
        #expect(traits(columns: 100, ["COLUMNS": "40"]).columns == 100)
        #expect(traits(columns: 0, ["COLUMNS": "40"]).columns == 40)
        #expect(traits(terminal: false, columns: 100, ["COLUMNS": "40"]).columns == 40)
        #expect(traits().columns == 80)
        #expect(traits(["COLUMNS": "wide"]).columns == 80)
        #expect(traits(["COLUMNS": "-5"]).columns == 80)
        #expect(traits(columns: 3).columns == TerminalTraits.minimumColumns)
    }

    @Test func `colours need a terminal and nobody who refuses them`() {
        #expect(traits().usesColor)
        #expect(!traits(terminal: false).usesColor)
        #expect(!traits(["NO_COLOR": "1"]).usesColor)
        #expect(traits(["NO_COLOR": ""]).usesColor)
        #expect(!traits(["TERM": "dumb"]).usesColor)
        #expect(traits(terminal: false, ["NO_COLOR": "1"], color: .always).usesColor)
        #expect(!traits(color: .never).usesColor)
    }

    @Test func `progress needs a terminal that can move its cursor`() {
        #expect(traits().showsProgress)
        #expect(!traits(["TERM": "dumb"]).showsProgress)
        #expect(!traits(terminal: false).showsProgress)
    }

    @Test func `paint is nothing where colours are off`() {
        #expect(Paint(isOn: false).failure("x") == "x")
        #expect(Paint(isOn: true).failure("x") == "\u{1B}[31mx\u{1B}[0m")
    }
}
