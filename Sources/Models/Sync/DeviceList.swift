/// A person's devices as the server knows them.
public struct DeviceList: Hashable, Sendable {
    public struct Device: Hashable, Sendable {
        public var id: UInt64
        public var name: String
        public var linkedMilliseconds: UInt64
        /// The last request; 0: none yet.
        public var seenMilliseconds: UInt64
        public var isRevoked: Bool
        /// Whether this is the device that asks.
        public var isCurrent: Bool

        public init(
            id: UInt64,
            name: String,
            linkedMilliseconds: UInt64,
            seenMilliseconds: UInt64,
            isRevoked: Bool,
            isCurrent: Bool
        ) {
            self.id = id
            self.name = name
            self.linkedMilliseconds = linkedMilliseconds
            self.seenMilliseconds = seenMilliseconds
            self.isRevoked = isRevoked
            self.isCurrent = isCurrent
        }
    }

    /// In the order they were linked.
    public var devices: [Device]

    public init(devices: [Device]) { self.devices = devices }
}

/// A device's new name.
public struct DeviceRename: Hashable, Sendable {
    public var name: String

    public init(name: String) { self.name = name }
}

/// What a device may be called: 1 to 128 bytes on one line, not only white space.
public enum DeviceName {
    public static func isValid(_ name: String) -> Bool {
        (1...Limits.maximumDeviceNameBytes).contains(name.utf8.count)
            && name.unicodeScalars.allSatisfy {
                $0.properties.generalCategory != .control && $0 != "\u{2028}" && $0 != "\u{2029}"
            }
            && !name.unicodeScalars.allSatisfy(\.properties.isWhitespace)
    }
}
