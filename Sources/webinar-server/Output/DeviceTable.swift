import SyncServer

/// A device as `--json` shows it.
struct DeviceReport: Encodable {
    var id: UInt64
    var name: String
    var linked: String
    /// Null: never.
    var seen: String?
    var revoked: String?

    init(_ device: AdminDevice) {
        id = device.id
        name = device.name
        linked = Times.utc(device.linkedMilliseconds)
        seen = device.seenMilliseconds == 0 ? nil : Times.utc(device.seenMilliseconds)
        revoked = device.revokedMilliseconds.map(Times.utc)
    }

    private enum CodingKeys: CodingKey {
        case id, name, linked, seen, revoked
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(name, forKey: .name)
        try container.encode(linked, forKey: .linked)
        try container.encode(seen, forKey: .seen)
        try container.encode(revoked, forKey: .revoked)
    }
}

/// Devices for people. The name stands last, for its width is anybody's guess.
enum DeviceTable {
    static func lines(for devices: [AdminDevice]) -> [String] {
        guard !devices.isEmpty else { return ["No device is linked yet: make a link with `webinar-server link`."] }
        let rows = devices.map { device in
            [
                "\(device.id)", device.revokedMilliseconds == nil ? "linked" : "revoked",
                Times.local(device.linkedMilliseconds),
                device.seenMilliseconds == 0 ? "never" : Times.local(device.seenMilliseconds), visible(device.name),
            ]
        }
        let all = [["ID", "STATE", "LINKED", "LAST SEEN", "NAME"]] + rows
        let widths = (0..<4).map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            let cells = (0..<4).map { row[$0] + String(repeating: " ", count: widths[$0] - row[$0].count) }
            return (cells + [row[4]]).joined(separator: "  ")
        }
    }

    /// Without what could move the cursor or turn the line around.
    static func visible(_ name: String) -> String {
        String(
            String.UnicodeScalarView(
                name.unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: "\u{FFFD}"
                    default: scalar
                    }
                }
            )
        )
    }
}
