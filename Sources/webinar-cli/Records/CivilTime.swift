/// A date and time of day in the proleptic Gregorian calendar, without a zone.
struct CivilTime: Equatable, Sendable {
    var year: Int
    var month: Int
    var day: Int
    var millisecondOfDay: Int64

    static let dayMilliseconds: Int64 = 86_400_000
    /// What a year of four digits can hold, from 0000-01-01 to 9999-12-31.
    static let range: ClosedRange<Int64> = -62_167_219_200_000...253_402_300_799_999

    /// From milliseconds since 1970-01-01T00:00 of whatever clock. Nil outside the years 0 to 9999.
    ///
    /// Howard Hinnant's algorithm: <https://howardhinnant.github.io/date_algorithms.html>
    init?(milliseconds: Int64) {
        guard Self.range.contains(milliseconds) else { return nil }
        let rest = milliseconds % Self.dayMilliseconds
        millisecondOfDay = rest < 0 ? rest + Self.dayMilliseconds : rest
        let days = Int((milliseconds - millisecondOfDay) / Self.dayMilliseconds) + 719_468
        let era = (days >= 0 ? days : days - 146_096) / 146_097
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shifted + 2) / 5 + 1
        month = shifted < 10 ? shifted + 3 : shifted - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Nil where there is no such day.
    init?(year: Int, month: Int, day: Int, millisecondOfDay: Int64) {
        guard (0...9999).contains(year), (1...12).contains(month), day >= 1,
            (0..<Self.dayMilliseconds).contains(millisecondOfDay)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
        self.millisecondOfDay = millisecondOfDay
        // A day that does not exist comes back as another one.
        guard let same = CivilTime(milliseconds: milliseconds), same == self else { return nil }
    }

    /// Milliseconds since 1970-01-01T00:00 of the same clock.
    var milliseconds: Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int64(era * 146_097 + dayOfEra - 719_468) * Self.dayMilliseconds + millisecondOfDay
    }

    /// 0 for Monday.
    var weekday: Int {
        let days = (milliseconds - millisecondOfDay) / Self.dayMilliseconds
        return Int(((days + 3) % 7 + 7) % 7)
    }
}

/// Times as they are shown and exported.
enum TimeText {
    /// `2013-11-22T06:12:36.000Z`; nil outside the years 0 to 9999.
    static func iso(_ milliseconds: Int64) -> String? {
        CivilTime(milliseconds: milliseconds).map { time in
            let (hour, minute, second, fraction) = parts(time.millisecondOfDay)
            return "\(digits(time.year, 4))-\(digits(time.month))-\(digits(time.day))"
                + "T\(digits(hour)):\(digits(minute)):\(digits(second)).\(digits(fraction, 3))Z"
        }
    }

    /// `00:12:36`: an offset into a session, whole seconds.
    static func offset(_ milliseconds: Int64) -> String {
        let (hour, minute, second, _) = parts(Int64(clamping: milliseconds.magnitude))
        return (milliseconds < 0 ? "-" : "") + "\(digits(hour)):\(digits(minute)):\(digits(second))"
    }

    /// `1h30m`, `90s` as `1m30s`: a duration as it is typed.
    static func duration(_ milliseconds: Int64) -> String {
        let (hour, minute, second, _) = parts(Int64(clamping: milliseconds.magnitude))
        let text = [(hour, "h"), (minute, "m"), (second, "s")].filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined()
        return (milliseconds < 0 ? "-" : "") + (text.isEmpty ? "0s" : text)
    }

    /// `Fri 22 Nov 2013`, on a clock `offsetMinutes` east of UTC.
    static func day(_ milliseconds: Int64, offsetMinutes: Int) -> String {
        guard let time = local(milliseconds, offsetMinutes) else { return "\(milliseconds) ms" }
        return "\(weekdays[time.weekday]) \(time.day) \(months[time.month - 1]) \(time.year)"
    }

    /// `14:12` on a clock `offsetMinutes` east of UTC.
    static func clock(_ milliseconds: Int64, offsetMinutes: Int) -> String {
        guard let time = local(milliseconds, offsetMinutes) else { return "\(milliseconds) ms" }
        let (hour, minute, _, _) = parts(time.millisecondOfDay)
        return "\(digits(hour)):\(digits(minute))"
    }

    /// `+08:00`.
    static func zoneOffset(_ minutes: Int) -> String {
        let magnitude = Int(clamping: minutes.magnitude)
        return (minutes < 0 ? "-" : "+") + "\(digits(magnitude / 60)):\(digits(magnitude % 60))"
    }

    /// `Fri 22 Nov 2013 14:12 +08:00`.
    static func full(_ milliseconds: Int64, offsetMinutes: Int) -> String {
        let day = day(milliseconds, offsetMinutes: offsetMinutes)
        return "\(day) \(clock(milliseconds, offsetMinutes: offsetMinutes)) \(zoneOffset(offsetMinutes))"
    }

    private static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func local(_ milliseconds: Int64, _ offsetMinutes: Int) -> CivilTime? {
        // Both may come from another device: what no clock shows is shown as a number.
        guard (-1440...1440).contains(offsetMinutes), CivilTime.range.contains(milliseconds) else { return nil }
        return CivilTime(milliseconds: milliseconds + Int64(offsetMinutes) * 60_000)
    }

    private static func parts(_ milliseconds: Int64) -> (hour: Int, minute: Int, second: Int, fraction: Int) {
        let seconds = Int(milliseconds / 1000)
        return (seconds / 3600, seconds / 60 % 60, seconds % 60, Int(milliseconds % 1000))
    }

    private static func digits(_ number: Int, _ count: Int = 2) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }
}
