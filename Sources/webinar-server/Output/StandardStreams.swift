import Foundation
import Glibc

/// Lines to standard output, at once: scripts wait for them.
enum StandardOutput {
    static func write(_ lines: [String]) {
        StandardError.write(lines, to: STDOUT_FILENO)
    }

    /// One line of JSON with sorted keys.
    static func write(json value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        write([String(decoding: try encoder.encode(value), as: UTF8.self)])
    }
}

enum StandardError {
    static func write(_ lines: [String]) {
        write(lines, to: STDERR_FILENO)
    }

    fileprivate static func write(_ lines: [String], to descriptor: CInt) {
        let bytes = Array(lines.map { $0 + "\n" }.joined().utf8)
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            written += count
        }
    }
}

/// Milliseconds since 1970 for people and programs.
enum Times {
    /// `2026-11-21T04:10:00Z`.
    static func utc(_ milliseconds: UInt64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds / 1000)).formatted(.iso8601)
    }

    /// `2026-11-21 05:10`, where this machine is.
    static func local(_ milliseconds: UInt64) -> String {
        var seconds = time_t(milliseconds / 1000)
        var parts = tm()
        localtime_r(&seconds, &parts)
        var text = [CChar](repeating: 0, count: 32)
        let count = strftime(&text, text.count, "%Y-%m-%d %H:%M", &parts)
        return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
