/// A time of day without a date: `14:12` or `14:12:30`.
struct ClockTime: Equatable, Sendable {
    var hour: Int
    var minute: Int
    var second: Int

    /// Reads what follows the `@`. `text` is what was typed, for the error.
    init(_ typed: Substring, typedAs text: String) throws(TimeInputError) {
        let parts = typed.split(separator: ":", omittingEmptySubsequences: false)
        let isWellFormed =
            (2...3).contains(parts.count) && parts.allSatisfy(TypedSigns.isNumber)
            && (1...2).contains(parts[0].count) && parts.dropFirst().allSatisfy { $0.count == 2 }
        let numbers = parts.compactMap { Int($0) }
        guard isWellFormed, numbers[0] < 24, numbers.dropFirst().allSatisfy({ $0 < 60 }) else {
            throw TimeInputError(text: text, problem: .notAClockTime)
        }
        hour = numbers[0]
        minute = numbers[1]
        second = numbers.count == 3 ? numbers[2] : 0
    }

    init(hour: Int, minute: Int, second: Int = 0) {
        precondition(
            (0..<24).contains(hour) && (0..<60).contains(minute) && (0..<60).contains(second),
            "not a time of day: \(hour):\(minute):\(second)"
        )
        self.hour = hour
        self.minute = minute
        self.second = second
    }

    /// The moment of this clock time on the day that `now` is in the zone, in milliseconds since 1970 UTC.
    ///
    /// `offset` gives the zone's seconds east of UTC at a moment (milliseconds since 1970 UTC). Where the clocks
    /// change on that day: a time that occurs twice is the first one, a time that is skipped is moved on by as much
    /// as was skipped.
    func milliseconds(onTheDayOf now: Int64, offset: (Int64) -> Int) -> Int64 {
        let dayMilliseconds: Int64 = 86_400_000
        let localNow = now + Int64(offset(now)) * 1000
        let midnight = localNow - (localNow % dayMilliseconds + dayMilliseconds) % dayMilliseconds
        let local = midnight + Int64((hour * 60 + minute) * 60 + second) * 1000
        // A change of the clocks lies less than a day away, so the offsets a day before and after are the two that
        // can be in force. The larger one gives the earlier moment.
        let before = Int64(offset(local - dayMilliseconds)) * 1000
        let after = Int64(offset(local + dayMilliseconds)) * 1000
        let candidates = [local - max(before, after), local - min(before, after)]
        let matching = candidates.first { $0 + Int64(offset($0)) * 1000 == local }
        return matching ?? local - before
    }
}
