import Glibc
import Models
import Synchronization

/// A time zone, as the system's own tables have it: no calendar or locale data is loaded for it.
struct ZoneClock: Equatable, Sendable {
    /// The IANA name; nil where the system does not say.
    var name: String?

    /// The zone of this machine: `TZ`, else where `/etc/localtime` points.
    static func local(environment: [String: String]) -> ZoneClock {
        if let variable = environment["TZ"] {
            let name = variable.hasPrefix(":") ? String(variable.dropFirst()) : variable
            if name.isEmpty { return ZoneClock(name: "UTC") }
            return ZoneClock(name: isKnown(name) ? name : nil)
        }
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/etc/localtime", &buffer, buffer.count - 1)
        guard count > 0 else { return ZoneClock(name: nil) }
        let target = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let marker = "zoneinfo/"
        guard let start = target.firstRange(of: marker)?.upperBound else { return ZoneClock(name: nil) }
        return ZoneClock(name: String(target[start...]))
    }

    /// Whether the system has tables for `name`. A zone's name may come from another device, so nothing that could
    /// be a path out of the zone folder is looked for.
    static func isKnown(_ name: String) -> Bool {
        let isOfLength = (1...Limits.maximumZoneNameBytes).contains(name.utf8.count)
        guard isOfLength, !name.hasPrefix("/"), !name.contains(".."), name.utf8.allSatisfy({ $0.isZoneNameByte })
        else { return false }
        return name == "UTC" || access("/usr/share/zoneinfo/\(name)", R_OK) == 0
    }

    /// Minutes east of UTC at a moment (milliseconds since 1970 UTC).
    func offsetMinutes(at milliseconds: Int64) -> Int { offsetSeconds(at: milliseconds) / 60 }

    /// Seconds east of UTC at a moment (milliseconds since 1970 UTC).
    func offsetSeconds(at milliseconds: Int64) -> Int {
        Self.environment.withLock { _ in offsetSecondsAlone(at: milliseconds) }
    }

    /// The system has one zone at a time for a whole process.
    private static let environment = Mutex(())

    private func offsetSecondsAlone(at milliseconds: Int64) -> Int {
        var seconds = time_t((Double(milliseconds) / 1000).rounded(.down))
        var parts = tm()
        let saved = getenv("TZ").map { String(cString: $0) }
        if let name, saved != name {
            setenv("TZ", name, 1)
            defer {
                if let saved { setenv("TZ", saved, 1) } else { unsetenv("TZ") }
                tzset()
            }
            tzset()
            localtime_r(&seconds, &parts)
        } else {
            tzset()
            localtime_r(&seconds, &parts)
        }
        return parts.tm_gmtoff
    }
}

extension UInt8 {
    /// Letters, digits and `_ + - /`: what the names of the zone tables are made of.
    fileprivate var isZoneNameByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "-"),
            UInt8(ascii: "/"):
            true
        default:
            false
        }
    }
}
