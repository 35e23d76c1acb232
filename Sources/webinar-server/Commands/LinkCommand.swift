import ArgumentParser
import Foundation
import Glibc
import SyncServer

struct LinkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "link",
        abstract: "Make a link for one device.",
        discussion: """
            Whoever has the link can link one device to the server, once and within 10 minutes. Give it to
            `webinar device link` there: as text, or as a QR code.

            Over ssh, without showing it:  webinar-server link --link-only | ssh box webinar device link -
            """
    )

    @OptionGroup var data: DataOptions
    @Flag(name: .long, help: "Print an object with link, expires and server.")
    var json = false
    @Flag(name: .long, help: "Print the link alone.")
    var linkOnly = false
    @Flag(name: .customLong("no-qr"), help: "Print no QR code.")
    var noQR = false

    func validate() throws {
        guard !(json && linkOnly) else { throw ValidationError("take --json or --link-only, not both") }
    }

    func run() async throws {
        try await ExitStatus.reporting {
            let folder = try data.folder()
            let (answer, isRunning) = try await ServerAdministration.ask(.link, folder: folder)
            guard case .link(let link) = answer else { throw CommandError(.bug, "the server answered something else") }
            if json {
                try StandardOutput.write(
                    json: LinkReport(
                        link: link.link,
                        expires: Times.utc(link.expiresMilliseconds),
                        server: link.server
                    )
                )
            } else if linkOnly {
                StandardOutput.write([link.link])
            } else {
                StandardOutput.write(lines(for: link))
            }
            if !isRunning {
                StandardError.write([
                    "webinar-server: hint: the server is not running; start it with "
                        + "`webinar-server serve\(Self.dataArgument(folder))`"
                ])
            }
        }
    }

    private struct LinkReport: Encodable {
        var link: String
        var expires: String
        var server: String
    }

    private func lines(for link: AdminLink) -> [String] {
        let environment = ProcessInfo.processInfo.environment
        var lines = ["Link one device, until \(Times.local(link.expiresMilliseconds)) and once:", ""]
        if !noQR, isatty(STDOUT_FILENO) == 1, let code = QRCode(link.link) {
            let drawn = code.lines(term: environment["TERM"])
            lines += drawn.isEmpty ? [] : drawn + [""]
        }
        return lines + [
            "  webinar device link \(link.link)",
            "",
            "It names \(link.server), whose key has the pin",
            "  \(link.pin)",
        ]
    }

    /// ` --data DIR`, for a hint that can be copied.
    static func dataArgument(_ folder: String) -> String {
        let environment = ProcessInfo.processInfo.environment
        let isDefault = folder == ServerAdministration.defaultFolder(environment: environment)
        return isDefault ? "" : " --data \(folder)"
    }
}
