// The first file to open in this room.
import CZlib

/// Compression in the zlib format (RFC 1950) over the system's zlib.
///
/// The bytes to inflate come from outside: whatever they are, ``inflate(_:maximumBytes:maximumRatio:)`` ends with
/// bytes or an ``InflateError``, and never holds more memory than the caller's caps allow.
public enum Deflate {
    /// zlib's own default, a good ratio at a fair speed.
    public static let defaultLevel = 6

    /// Compresses `bytes`. Level 1 is the fastest, 9 the smallest, 0 stores.
    public static func deflate(_ bytes: [UInt8], level: Int = defaultLevel) -> [UInt8] {
        precondition((0...9).contains(level), "a deflate level from 0 to 9")
        return Deflater(level: level).run(bytes)
    }

    /// Expands what ``deflate(_:level:)``, or any other zlib, made.
    ///
    /// - Parameters:
    ///   - bytes: One whole zlib stream and nothing after it.
    ///   - maximumBytes: The most bytes to give back; one more is ``InflateError/tooManyBytes(maximum:)``.
    ///   - maximumRatio: The most bytes to give back for each byte of `bytes`. Text has a ratio of 3 to 10; a
    ///     deflate stream can reach 1032.
    public static func inflate(
        _ bytes: [UInt8],
        maximumBytes: Int,
        maximumRatio: Int
    ) throws(InflateError) -> [UInt8] {
        precondition(maximumBytes >= 0 && maximumRatio >= 1, "caps must allow something")
        return try Inflater(maximumBytes: maximumBytes, maximumRatio: maximumRatio).run(bytes)
    }
}

/// Why bytes could not be inflated.
public enum InflateError: Error, Equatable, Sendable {
    /// The stream ends before its end mark.
    case truncated
    /// The stream is whole, but this many bytes follow it.
    case trailingBytes(count: Int)
    /// Not a zlib stream, or a damaged one: its checksum or its structure is wrong.
    case corrupt
    /// The stream needs a preset dictionary; we never use one.
    case needsDictionary
    /// The output would have more bytes than the caller allows.
    case tooManyBytes(maximum: Int)
    /// The output would be more than this many times as long as the input.
    case ratioTooHigh(maximum: Int)
    /// zlib got no memory for its window.
    case outOfMemory
}
