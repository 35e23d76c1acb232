import ArgumentParser
import Testing

@testable import webinar_cli

/// The plain form of `note add` is read without ArgumentParser; the two must agree wherever both read.
@Suite struct NoteCaptureTests {
    @Test(arguments: [
        ["a note"], ["-"], ["", "--tag", "china"], ["a note", "--at", "12:36"], ["--at", "@14:12", "a note"],
        ["--session", "9c2m", "群组", "--tag", "a", "--tag", "b c"], ["--tag", "a", "--at", "1:02:30", "x"],
    ])
    func `a plain form means what ArgumentParser takes it for`(words: [String]) throws {
        let capture = try #require(NoteCapture(plain: ["note", "add"] + words))
        let command = try NoteAddCommand.parse(TypedText.shielded(words))
        #expect(capture.text == command.text)
        #expect(capture.at == command.at)
        #expect(capture.session == command.choice.session)
        #expect(capture.tag == command.tag)
        #expect(command.kind == nil && command.speaker == nil && command.lang == nil)
    }

    @Test(arguments: [
        [], ["a", "b"], ["--json", "a"], ["-x"], ["- a list item"], ["a", "--at"], ["a", "--at", "-30s"],
        ["a", "--at", "1:00", "--at", "2:00"], ["a", "--tag", "-b"], ["--at=1:00", "a"], ["a", "--", "b"], ["--help"],
        ["a", "--kind", "claim"], ["a", "--session", "x", "--session", "y"],
    ])
    func `what is not plain is left to ArgumentParser`(words: [String]) {
        #expect(NoteCapture(plain: ["note", "add"] + words) == nil)
    }

    @Test(arguments: [["note"], ["note", "edit", "k7qf", "x"], ["highlight", "add", "x"], []])
    func `other commands are not taken for it`(words: [String]) {
        #expect(NoteCapture(plain: words) == nil)
    }
}
