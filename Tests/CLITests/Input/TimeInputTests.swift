import Testing

@testable import webinar_cli

@Suite struct TimeInputTests {
    @Test(
        arguments: [
            ("12:36", 756_000), ("0:00", 0), ("1:02:30", 3_750_000), ("00:13:01", 781_000), ("75:10", 4_510_000),
            ("12:36.5", 756_500), ("12:36.025", 756_025), ("100:00:00", 360_000_000), ("１２：３６", 756_000),
            (" 12：36 ", 756_000),
        ] as [(String, Int64)]
    )
    func `an offset into the session`(text: String, milliseconds: Int64) throws {
        #expect(try TimeInput(text) == .offset(milliseconds: milliseconds))
    }

    @Test(arguments: [
        ("@14:12", ClockTime(hour: 14, minute: 12)), ("@14:12:30", ClockTime(hour: 14, minute: 12, second: 30)),
        ("@0:00", ClockTime(hour: 0, minute: 0)), ("＠１４：１２", ClockTime(hour: 14, minute: 12)),
        ("@23:59:59", ClockTime(hour: 23, minute: 59, second: 59)),
    ])
    func `a clock time today`(text: String, time: ClockTime) throws {
        #expect(try TimeInput(text) == .clock(time))
    }

    @Test(arguments: [("-30s", 30_000), ("-1m30s", 90_000), ("－30s", 30_000), ("−2h", 7_200_000)] as [(String, Int64)])
    func `that long ago`(text: String, milliseconds: Int64) throws {
        #expect(try TimeInput(text) == .ago(milliseconds: milliseconds))
    }

    @Test func `a bare number is refused with its three readings`() {
        let error = #expect(throws: TimeInputError.self) { try TimeInput("12") }
        #expect(
            error?.problem
                == .bareNumber(
                    readings: ["12:00 (into the session)", "@12:00 (clock time today)", "-12s (seconds ago)"]
                )
        )
        #expect(error?.commandError.status == .usage)
        let clock = #expect(throws: TimeInputError.self) { try TimeInput("1412") }
        #expect(clock?.commandError.hints.first?.contains("@14:12 ") == true)
        let ago = #expect(throws: TimeInputError.self) { try TimeInput("-30") }
        #expect(ago?.commandError.hints.first?.contains("-30s (seconds ago)") == true)
    }

    @Test(arguments: [
        ("", TimeInputError.Problem.notATime), ("12:6", .notATime), ("12:60", .notATime), ("1:60:00", .notATime),
        ("1:2:3:4", .notATime), ("12:", .notATime), (":30", .notATime), ("noon", .notATime), ("12:36.", .notATime),
        ("12:36.1234", .notATime), ("-", .notATime), ("-s", .notATime), ("-12:30", .notATime), ("12m", .notATime),
        ("@", .notAClockTime), ("@24:00", .notAClockTime), ("@14:60", .notAClockTime), ("@14", .notAClockTime),
        ("@14:1", .notAClockTime), ("@-1:00", .notAClockTime), ("@14:12:60", .notAClockTime), ("@2pm", .notAClockTime),
        ("100:00:01", .tooLong), ("99999999999999999999:00", .tooLong), ("-101h", .tooLong),
        ("-99999999999999999999999s", .tooLong), ("１２：３６：", .notATime), ("١٢:٣٦", .notATime),
    ])
    func `what is not a time says so`(text: String, problem: TimeInputError.Problem) {
        #expect(throws: TimeInputError(text: text, problem: problem)) { try TimeInput(text) }
    }
}

@Suite struct DurationInputTests {
    @Test(
        arguments: [
            ("90s", 90_000), ("12m", 720_000), ("1h30m", 5_400_000), ("1h", 3_600_000), ("1h0m5s", 3_605_000),
            ("0s", 0),
            ("１２ｍ", 720_000), ("1H30M", 5_400_000), ("100h", 360_000_000),
        ] as [(String, Int64)]
    )
    func `a duration has units`(text: String, milliseconds: Int64) throws {
        #expect(try DurationInput.milliseconds(text) == milliseconds)
    }

    @Test(arguments: [
        ("", TimeInputError.Problem.notADuration), ("s", .notADuration), ("1m1h", .notADuration),
        ("1s1s", .notADuration),
        ("1h30", .notADuration), ("1.5h", .notADuration), ("-1h", .notADuration), ("1d", .notADuration),
        ("101h", .tooLong), ("1000000000s", .tooLong), ("99999999999999999999h", .tooLong), ("100h1s", .tooLong),
    ])
    func `what is not a duration says so`(text: String, problem: TimeInputError.Problem) {
        #expect(throws: TimeInputError(text: text, problem: problem)) { try DurationInput.milliseconds(text) }
    }

    @Test func `a bare number is refused with its readings`() {
        let error = #expect(throws: TimeInputError.self) { try DurationInput.milliseconds("12") }
        #expect(error?.commandError.hints == ["write one of: 12s (seconds), 12m (minutes), 12h (hours)"])
    }
}

@Suite struct ClockTimeTests {
    static let hour: Int64 = 3_600_000

    /// Fri 22 Nov 2013 06:41 UTC, 14:41 in Manila.
    static let inTheWaitingRoom: Int64 = 1_385_102_460_000

    @Test func `the day is the one of the zone`() {
        let manila = ClockTime(hour: 14, minute: 12).milliseconds(onTheDayOf: Self.inTheWaitingRoom) { _ in 8 * 3600 }
        #expect(manila == Self.inTheWaitingRoom - 29 * 60_000)
        // In Honolulu it is still the 21st.
        let honolulu = ClockTime(hour: 14, minute: 12).milliseconds(onTheDayOf: Self.inTheWaitingRoom) { _ in -10 * 3600
        }
        #expect(honolulu == manila + 18 * Self.hour - 24 * Self.hour)
    }

    @Test func `before 1970 the day is right too`() {
        #expect(ClockTime(hour: 1, minute: 0).milliseconds(onTheDayOf: -1) { _ in 0 } == -23 * Self.hour)
    }

    /// A zone that goes from +1 to +2 at `change`, or back.
    private func zone(from before: Int, to after: Int, at change: Int64) -> (Int64) -> Int {
        { $0 < change ? before * 3600 : after * 3600 }
    }

    @Test func `an hour that the clocks skip is moved on`() {
        // 02:00 becomes 03:00 at 01:00 UTC.
        let zone = zone(from: 1, to: 2, at: Self.hour)
        let skipped = ClockTime(hour: 2, minute: 30).milliseconds(onTheDayOf: 10 * Self.hour, offset: zone)
        #expect(skipped == Self.hour + Self.hour / 2)
        #expect(ClockTime(hour: 3, minute: 30).milliseconds(onTheDayOf: 0, offset: zone) == skipped)
        #expect(ClockTime(hour: 1, minute: 30).milliseconds(onTheDayOf: 10 * Self.hour, offset: zone) == Self.hour / 2)
    }

    @Test func `an hour that occurs twice is the first one`() {
        // 03:00 becomes 02:00 at 01:00 UTC.
        let zone = zone(from: 2, to: 1, at: Self.hour)
        let twice = ClockTime(hour: 2, minute: 30).milliseconds(onTheDayOf: 0, offset: zone)
        #expect(twice == Self.hour / 2)
        #expect(ClockTime(hour: 4, minute: 0).milliseconds(onTheDayOf: 0, offset: zone) == 3 * Self.hour)
    }
}
