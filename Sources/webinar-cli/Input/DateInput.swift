/// A moment as it is typed, with a date or without.
///
///     2013-11-22T14:00  "2013-11-22 14:00"  2013-11-22     on the clock of the zone
///     2013-11-22T14:00+08:00  2013-11-22T06:00:00.000Z     with its own offset
///     @14:12  now  -30s                                    today, now, ago
enum DateInput {
    /// Milliseconds since 1970 UTC for `text`, typed at `now` where `offset` gives the zone's seconds east of UTC.
    static func milliseconds(
        _ text: String,
        now: Int64,
        offset: (Int64) -> Int
    ) throws(CommandError) -> Int64 {
        let typed = TypedSigns.narrowed(text)
        if typed == "now" { return now }
        if typed.hasPrefix("@") || typed.hasPrefix("-") {
            do {
                switch try TimeInput(typed) {
                case .clock(let clock): return clock.milliseconds(onTheDayOf: now, offset: offset)
                case .ago(let milliseconds): return now - milliseconds
                case .offset: break
                }
            } catch {
                throw error.commandError
            }
        }
        guard let moment = Moment(typed) else { throw unreadable(text) }
        if let offsetMinutes = moment.offsetMinutes {
            return moment.local - Int64(offsetMinutes) * 60_000
        }
        // The offset that is in force at that time of that zone; where the clocks change, the earlier moment.
        let candidates = [-CivilTime.dayMilliseconds, CivilTime.dayMilliseconds].map {
            moment.local - Int64(offset(moment.local + $0)) * 1000
        }.sorted()
        return candidates.first { $0 + Int64(offset($0)) * 1000 == moment.local } ?? candidates[0]
    }

    /// Milliseconds since 1970 UTC for an ISO 8601 time with `Z` or an offset; nil for anything else.
    static func iso(_ text: String) -> Int64? {
        guard let moment = Moment(text), let offsetMinutes = moment.offsetMinutes else { return nil }
        return moment.local - Int64(offsetMinutes) * 60_000
    }

    /// Minutes east of UTC: `+08:00`, `-03:30`, `Z`.
    static func zoneOffset(_ text: some StringProtocol) -> Int? {
        if text == "Z" { return 0 }
        let parts = text.dropFirst().split(separator: ":", omittingEmptySubsequences: false)
        guard text.hasPrefix("+") || text.hasPrefix("-"), parts.count == 2,
            parts.allSatisfy({ $0.count == 2 && TypedSigns.isNumber($0) }),
            let hours = Int(parts[0]), let minutes = Int(parts[1]), hours <= 18, minutes < 60
        else { return nil }
        return (text.hasPrefix("-") ? -1 : 1) * (hours * 60 + minutes)
    }

    private static func unreadable(_ text: String) -> CommandError {
        CommandError(
            .usage,
            "`\(text)` is not a date and time",
            hints: "write 2013-11-22T14:00, 2013-11-22T14:00+08:00, @14:12 (today) or now"
        )
    }

    private struct Moment {
        /// Milliseconds since 1970 on the clock that was meant.
        var local: Int64
        var offsetMinutes: Int?

        init?(_ text: String) {
            guard let separator = text.firstIndex(where: { $0 == "T" || $0 == " " }) else {
                guard let day = Self.day(text[...]) else { return nil }
                local = day
                return
            }
            guard let day = Self.day(text[..<separator]) else { return nil }
            var rest = text[text.index(after: separator)...]
            if let sign = rest.lastIndex(where: { $0 == "+" || $0 == "-" || $0 == "Z" }) {
                guard let minutes = DateInput.zoneOffset(rest[sign...]) else { return nil }
                offsetMinutes = minutes
                rest = rest[..<sign]
            }
            guard let time = Self.timeOfDay(rest) else { return nil }
            local = day + time
        }

        private static func day(_ text: Substring) -> Int64? {
            let parts = text.split(separator: "-", omittingEmptySubsequences: false)
            guard parts.map(\.count) == [4, 2, 2], parts.allSatisfy(TypedSigns.isNumber) else { return nil }
            let numbers = parts.compactMap { Int($0) }
            return CivilTime(year: numbers[0], month: numbers[1], day: numbers[2], millisecondOfDay: 0)?.milliseconds
        }

        private static func timeOfDay(_ text: Substring) -> Int64? {
            let halves = text.split(separator: ".", omittingEmptySubsequences: false)
            let parts = (halves.first ?? "").split(separator: ":", omittingEmptySubsequences: false)
            guard (1...2).contains(halves.count), (2...3).contains(parts.count),
                parts.allSatisfy({ $0.count == 2 && TypedSigns.isNumber($0) })
            else { return nil }
            let numbers = parts.compactMap { Int64($0) } + [0]
            guard numbers[0] < 24, numbers[1] < 60, numbers[2] < 60 else { return nil }
            var fraction: Int64 = 0
            if halves.count == 2 {
                guard (1...3).contains(halves[1].count), TypedSigns.isNumber(halves[1]), parts.count == 3,
                    let number = Int64(halves[1] + String(repeating: "0", count: 3 - halves[1].count))
                else { return nil }
                fraction = number
            }
            return ((numbers[0] * 60 + numbers[1]) * 60 + numbers[2]) * 1000 + fraction
        }
    }
}
