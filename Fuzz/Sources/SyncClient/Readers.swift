// What of the links beside this file is read by the fuzzer and not open to it.

/// What comes from a server and is no message of ours.
public enum ClientReaders {
    /// What a refusal says.
    public static func problem(_ bytes: [UInt8]) { _ = ProblemDocument(bytes) }
}
