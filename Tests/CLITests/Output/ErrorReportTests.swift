import ArgumentParser
import Glibc
import Testing

@testable import webinar_cli

@Suite struct ErrorReportTests {
    @Test func `an error is one line and every hint another`() {
        let error = CommandError(.notFound, "no note k7qf", hints: "list them: webinar note list", "or search")
        #expect(
            ErrorReport.lines(for: error) == [
                "webinar: error: no note k7qf",
                "webinar: hint: list them: webinar note list",
                "webinar: hint: or search",
            ]
        )
    }

    @Test func `what an error quotes cannot drive the terminal`() {
        let error = CommandError(.unavailable, "the server said \u{1B}[2J\nwebinar: error: fake")
        #expect(ErrorReport.lines(for: error) == ["webinar: error: the server said <U+001B>[2J webinar: error: fake"])
    }

    @Test func `an error nobody gave a text to is a bug of ours`() {
        struct Surprise: Error {}
        #expect(ErrorReport.commandError(for: Surprise()).status == .bug)
        #expect(ErrorReport.commandError(for: CancellationError()).status == .interrupted)
        #expect(ErrorReport.commandError(for: TextInputError.nullCharacter(offset: 3)).status == .badData)
    }

    @Test func `the exit codes are those of the contract`() {
        #expect(ExitStatus.allCases.map(\.rawValue) == [0, 1, 64, 65, 66, 69, 70, 73, 74, 75, 76, 77, 78, 130])
    }

    @Test func `an error ends the command with its exit code`() {
        #expect(throws: ExitCode(75)) {
            try ExitStatus.reporting { throw CommandError(.offline, "tested, not meant") }
        }
        #expect(throws: ExitCode(74)) {
            try ExitStatus.reporting { throw ClosedOutput() }
        }
    }

    @Test func `a full disk is an error and not a short file`() throws {
        let full = open("/dev/full", O_WRONLY)
        defer { close(full) }
        try #require(full >= 0)
        let error = #expect(throws: CommandError.self) {
            var output = StandardOutput(descriptor: full)
            try output.write("a line")
            try output.flush()
        }
        #expect(error?.status == .inputOutput)
    }

    @Test func `lines and JSON arrive whole and in order`() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { close(ends[0]) }
        var output = StandardOutput(descriptor: ends[1])
        try output.write(["one", "zwei"])
        try output.write(["id": "x"] as JSONValue)
        try output.flush()
        close(ends[1])
        let bytes = try FileInput.readAll(descriptor: ends[0], maximumBytes: 1000)
        #expect(String(decoding: bytes, as: UTF8.self) == "one\nzwei\n{\"id\":\"x\"}\n")
    }
}
