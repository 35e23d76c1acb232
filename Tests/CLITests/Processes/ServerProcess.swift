import Foundation
import Testing

/// The built `webinar-server` over a folder of its own, killed and started again as a test pleases.
final class ServerProcess {
    let data: String
    private(set) var address = "127.0.0.1:0"
    private var process: Process?

    init(folder: String) { data = folder + "/server" }

    deinit { kill() }

    var pid: pid_t { process?.processIdentifier ?? -1 }

    /// Returns once it takes connections. Every start after the first listens on the same port.
    func start() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: WebinarHome.products + "/webinar-server")
        process.arguments = ["serve", "--data", data, "--listen", address]
        process.environment = ["PATH": "/usr/bin:/bin", "SWIFT_BACKTRACE": "enable=no"]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process = process
        var text = ""
        while !text.contains("\n") || !text.contains("listening on ") {
            let piece = output.fileHandleForReading.availableData
            try #require(!piece.isEmpty, "the server ended before it listened: \(text)")
            text += String(decoding: piece, as: UTF8.self)
        }
        let line = try #require(text.components(separatedBy: "listening on ").last)
        address = String(line.prefix { !$0.isWhitespace })
    }

    /// As a power cut would: nothing is flushed, nobody is told.
    func kill() {
        guard let process, process.isRunning else { return }
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// A new link for a device.
    func link(_ home: WebinarHome) throws -> String {
        let run = try home.shell("webinar-server link --data '\(data)' --json")
        return try #require(try run.json()["link"] as? String, "\(run.errorText)")
    }
}
