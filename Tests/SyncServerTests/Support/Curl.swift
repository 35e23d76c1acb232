import Foundation

/// One run of curl, the client that is not ours.
struct Curl {
    let exitCode: Int32
    /// Head and body.
    let output: String

    var status: Int? {
        output.split(separator: " ", maxSplits: 2).dropFirst().first.flatMap { Int($0) }
    }

    var body: String {
        output.range(of: "\r\n\r\n", options: .backwards).map { String(output[$0.upperBound...]) } ?? ""
    }

    /// - Parameter input: for `--data-binary @-` and `-T -`.
    static func run(_ arguments: [String], input: [UInt8] = []) async throws -> Curl {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["curl", "--silent", "--include", "--insecure", "--max-time", "30"] + arguments
        let output = Pipe()
        // A file, not a pipe: curl may end before it has read all.
        let path = NSTemporaryDirectory() + "curl-\(UUID().uuidString)"
        try Data(input).write(to: URL(fileURLWithPath: path))
        defer { unlink(path) }
        process.standardOutput = output
        process.standardInput = FileHandle(forReadingAtPath: path)
        process.standardError = FileHandle.nullDevice
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                do {
                    try process.run()
                    let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
                    process.waitUntilExit()
                    continuation.resume(
                        returning: Curl(
                            exitCode: process.terminationStatus,
                            output: String(decoding: bytes, as: UTF8.self)
                        )
                    )
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }
}
