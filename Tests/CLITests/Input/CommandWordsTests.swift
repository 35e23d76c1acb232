import Testing

@testable import webinar_cli

@Suite struct CommandWordsTests {
    @Test(arguments: [
        [], ["--help"], ["note", "add", "text"], ["note"], ["log", "anything"], ["help", "note", "add"], ["--version"],
        ["note", "--help"], ["find", "sesion"],
    ])
    func `known words pass`(words: [String]) throws {
        try CommandWords.validate(words)
    }

    @Test(arguments: [
        (["sesion"], "webinar session"), (["notes"], "webinar note"), (["note", "ad"], "webinar note add"),
        (["help", "highligth"], "webinar highlight"), (["conf"], "webinar conflict"),
        (["trash", "lst"], "webinar trash list"),
    ])
    func `an unknown word gets the nearest one`(words: [String], offer: String) {
        let error = #expect(throws: CommandError.self) { try CommandWords.validate(words) }
        #expect(error?.status == .usage)
        #expect(error?.hints.last?.contains("`\(offer)`") == true, "\(error?.hints ?? [])")
    }

    @Test(arguments: ["- a list item", "-", "--", "-\ttab", "–dash", "--中文", "-x", "--json", "\u{10FFFF}x"])
    func `a dash before a text does not make it an option`(argument: String) throws {
        let shielded = try #require(TypedText.shielded([argument]).first)
        #expect(TypedText(argument: shielded).text == argument)
        let isOption = argument == "-" || argument == "--" || argument == "-x" || argument == "--json"
        #expect(shielded.hasPrefix("-") == isOption)
    }
}
