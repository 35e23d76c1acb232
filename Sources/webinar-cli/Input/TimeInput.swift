import Models

/// A point in time as it is typed, before anything is known about session or clock.
///
///     12:36  1:02:30      offset into the session, minutes and seconds or with hours
///     @14:12  @14:12:30   clock time today, in the zone of the session
///     -30s  -1m30s        that long ago
///
/// A bare number is refused with its three readings spelled out. Full-width signs (`：` `＠` `－` and digits) are the
/// same signs, because input methods produce them.
enum TimeInput: Equatable, Sendable {
    /// Milliseconds from the start of the session.
    case offset(milliseconds: Int64)
    case clock(ClockTime)
    /// Milliseconds before now.
    case ago(milliseconds: Int64)

    init(_ text: String) throws(TimeInputError) {
        let typed = TypedSigns.narrowed(text)
        if typed.hasPrefix("@") {
            self = .clock(try ClockTime(typed.dropFirst(), typedAs: text))
        } else if typed.hasPrefix("-") {
            self = .ago(milliseconds: try Self.ago(typed.dropFirst(), typedAs: text))
        } else if TypedSigns.isNumber(typed) {
            throw TimeInputError(text: text, problem: .bareNumber(readings: Self.readings(ofNumber: typed)))
        } else {
            self = .offset(milliseconds: try Self.offset(typed, typedAs: text))
        }
    }

    /// `mm:ss` or `h:mm:ss`, with up to three decimals for players that show them. Minutes may pass 59 where no
    /// hours are given, as many players count.
    private static func offset(_ typed: String, typedAs text: String) throws(TimeInputError) -> Int64 {
        let halves = typed.split(separator: ".", omittingEmptySubsequences: false)
        let parts = (halves.first ?? "").split(separator: ":", omittingEmptySubsequences: false)
        guard halves.count <= 2, (2...3).contains(parts.count), parts.allSatisfy(TypedSigns.isNumber) else {
            throw TimeInputError(text: text, problem: .notATime)
        }
        guard parts.allSatisfy({ $0.count <= 4 }) else {
            throw TimeInputError(text: text, problem: .tooLong)
        }
        let numbers = parts.compactMap { Int64($0) }
        let isInRange = parts.dropFirst().allSatisfy { $0.count == 2 } && numbers.dropFirst().allSatisfy { $0 < 60 }
        guard isInRange, let fraction = thousandths(halves.count == 2 ? halves[1] : "0") else {
            throw TimeInputError(text: text, problem: .notATime)
        }
        let total = numbers.reduce(0) { $0 * 60 + $1 } * 1000 + fraction
        guard total <= Limits.maximumTypedMilliseconds else {
            throw TimeInputError(text: text, problem: .tooLong)
        }
        return total
    }

    private static func thousandths(_ digits: Substring) -> Int64? {
        guard TypedSigns.isNumber(digits), digits.count <= 3 else {
            return nil
        }
        return Int64(digits + String(repeating: "0", count: 3 - digits.count))
    }

    private static func ago(_ typed: Substring, typedAs text: String) throws(TimeInputError) -> Int64 {
        do {
            return try DurationInput.milliseconds(String(typed))
        } catch {
            switch error.problem {
            case .bareNumber:
                let readings = ["s (seconds ago)", "m (minutes ago)", "h (hours ago)"].map { "-\(typed)\($0)" }
                throw TimeInputError(text: text, problem: .bareNumber(readings: readings))
            case let problem:
                throw TimeInputError(text: text, problem: problem == .notADuration ? .notATime : problem)
            }
        }
    }

    /// The three things a bare number could have meant, ready to be typed.
    private static func readings(ofNumber digits: String) -> [String] {
        let isFourDigits = digits.count == 4
        let pair = isFourDigits ? "\(digits.prefix(2)):\(digits.suffix(2))" : "\(digits):00"
        let isClock = Int(isFourDigits ? digits.prefix(2) : digits[...]).map { $0 < 24 } ?? false
        return [
            "\(pair) (into the session)",
            "\(isClock ? "@" + pair : "@14:12") (clock time today)",
            "-\(digits)s (seconds ago)",
        ]
    }
}

/// Text that is not a time or duration. The description says what would be.
struct TimeInputError: Error, Equatable, CommandErrorConvertible {
    enum Problem: Equatable, Sendable {
        case bareNumber(readings: [String])
        case notATime
        case notADuration
        case notAClockTime
        case tooLong
    }

    /// What was typed.
    var text: String
    var problem: Problem

    var commandError: CommandError {
        switch problem {
        case .bareNumber(let readings):
            CommandError(
                .usage,
                "`\(text)` can be read in \(readings.count) ways",
                hints: "write one of: \(readings.joined(separator: ", "))"
            )
        case .notATime:
            CommandError(
                .usage,
                "`\(text)` is not a time",
                hints: "write 12:36 or 1:02:30 (into the session), @14:12 (clock time today) or -30s (ago)"
            )
        case .notADuration:
            CommandError(.usage, "`\(text)` is not a duration", hints: "write it as 90s, 12m, 1h30m or 1h")
        case .notAClockTime:
            CommandError(
                .usage,
                "`\(text)` is not a clock time",
                hints: "write it as @14:12 or @14:12:30, from @00:00 to @23:59:59"
            )
        case .tooLong:
            CommandError(.usage, "`\(text)` is more than 100 hours", hints: "write a time within 100 hours")
        }
    }
}
