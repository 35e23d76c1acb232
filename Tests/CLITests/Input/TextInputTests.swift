import Glibc
import Testing

@testable import webinar_cli

@Suite struct TextInputTests {
    @Test func `text comes from the argument, from standard input or from the editor`() throws {
        func source(_ argument: String?, interactive: Bool = true, _ environment: [String: String] = [:]) throws
            -> TextSource
        {
            try TextSource(argument: argument, isInteractive: interactive, environment: environment)
        }
        #expect(try source("a note") == .argument("a note"))
        #expect(try source("") == .argument(""))
        #expect(try source("-") == .standardInput)
        #expect(try source(nil, ["EDITOR": "vi", "VISUAL": "code --wait"]) == .editor(command: "code --wait"))
        #expect(try source(nil, ["EDITOR": "vi", "VISUAL": ""]) == .editor(command: "vi"))
        #expect(throws: CommandError.self) { try source(nil) }
        let error = #expect(throws: CommandError.self) { try source(nil, interactive: false, ["EDITOR": "vi"]) }
        #expect(error?.status == .usage)
    }

    @Test(arguments: ["微博", "a\r\nb\n", "\u{FEFF}x", "e\u{301}", "👨‍👩‍👧", "\u{FFFD}", "שלום", "", "\u{FFFF}\u{10FFFF}"])
    func `text is kept byte for byte`(text: String) throws {
        #expect(Array(try TextInput.text(Array(text.utf8)).utf8) == Array(text.utf8))
    }

    @Test(
        arguments: [
            ([0x61, 0xFF], 1), ([0xCE, 0xA2, 0xB2, 0xA9], 2), ([0xC0, 0x80], 0), ([0xED, 0xA0, 0x80], 0),
            ([0xF4, 0x90, 0x80, 0x80], 0), ([0x61, 0xE5, 0xBE], 1), ([0xE5, 0xBE, 0xAE, 0x80], 3),
        ] as [([UInt8], Int)]
    )
    func `bytes that are not UTF-8 are refused, never replaced`(bytes: [UInt8], offset: Int) {
        #expect(throws: TextInputError.invalidUTF8(offset: offset)) { try TextInput.text(bytes) }
    }

    @Test func `U+0000 and too much text are refused`() {
        #expect(throws: TextInputError.nullCharacter(offset: 2)) { try TextInput.text([0x61, 0x62, 0, 0x63]) }
        #expect(throws: TextInputError.tooLarge(maximumBytes: 3)) { try TextInput.text([1, 2, 3, 4], maximumBytes: 3) }
        #expect(TextInputError.invalidUTF8(offset: 7).commandError.status == .badData)
    }

    @Test func `an endless input is not read to its end`() throws {
        let zeros = open("/dev/zero", O_RDONLY)
        defer { close(zeros) }
        #expect(try FileInput.readAll(descriptor: zeros, maximumBytes: 200_000).count == 200_001)
        #expect(throws: TextInputError.tooLarge(maximumBytes: 1000)) {
            try TextInput.read(descriptor: zeros, maximumBytes: 1000)
        }
    }

    @Test func `an argument that is not UTF-8 is named`() {
        let error = #expect(throws: CommandError.self) {
            try CommandLineBytes.validate([Array("webinar".utf8), [0x61, 0x80]])
        }
        #expect(error?.message == "argument 1 is not valid UTF-8, first at byte 1")
        #expect(!CommandLineBytes.current().isEmpty)
    }
}

@Suite struct EditorSessionTests {
    private func edit(_ script: String, _ initial: String = "") throws -> String? {
        try EditorSession(command: script, environment: ["PATH": "/usr/bin:/bin", "TMPDIR": "/tmp"]).edit(initial)
    }

    @Test func `what the editor saved comes back without its last line end`() throws {
        #expect(try edit("echo '微博 notes' >") == "微博 notes")
        #expect(try edit("printf ' and more\\n' >>", "first") == "first and more")
        #expect(try edit("printf 'kept\\n' >>", "first\n") == "first\nkept\n")
    }

    @Test func `nothing typed is nothing`() throws {
        #expect(try edit("true") == nil)
        #expect(try edit("true", "unchanged") == nil)
        #expect(try edit("true", "unchanged\n") == nil)
        #expect(try edit("echo >", "emptied") == nil)
    }

    @Test func `the file is for the owner alone`() throws {
        #expect(try edit(#"sh -c 'stat -c %a "$1" > "$1.mode"; mv "$1.mode" "$1"' sh"#) == "600")
    }

    @Test func `what was typed survives an editor that fails`() throws {
        let error = #expect(throws: CommandError.self) { try edit(#"sh -c 'echo typed > "$1"; exit 1' sh"#) }
        let path = try #require(error?.hints.first?.split(separator: " ").last.map(String.init))
        defer { unlink(path) }
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        #expect(try TextInput.read(descriptor: descriptor) == "typed\n")
    }

    @Test func `what was typed in another encoding stays in its file`() throws {
        let error = #expect(throws: CommandError.self) { try edit(#"printf '\316\242\262' >"#) }
        #expect(error?.message.contains("byte 2") == true)
        let path = try #require(error?.hints.first?.split(separator: " ").last.map(String.init))
        #expect(unlink(path) == 0)
    }
}
