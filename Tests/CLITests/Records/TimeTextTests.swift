import Testing

@testable import webinar_cli

@Suite struct TimeTextTests {
    @Test func `two zones at once are two zones`() async {
        let offsets = await withTaskGroup(of: Bool.self) { group in
            for (name, hours) in [("Asia/Manila", 8), ("America/Phoenix", -7)] {
                group.addTask {
                    (0..<20_000).allSatisfy { _ in ZoneClock(name: name).offsetSeconds(at: 0) == hours * 3600 }
                }
            }
            return await group.reduce(true) { $0 && $1 }
        }
        #expect(offsets)
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1_385_100_756_000, "2013-11-22T06:12:36.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
        ] as [(Int64, String)]
    )
    func `a moment and its ISO form are the same`(milliseconds: Int64, text: String) {
        #expect(TimeText.iso(milliseconds) == text)
        #expect(DateInput.iso(text) == milliseconds)
    }

    @Test func `every day of four centuries comes back`() {
        var milliseconds = CivilTime(year: 1800, month: 1, day: 1, millisecondOfDay: 0)?.milliseconds ?? 0
        var previous: CivilTime?
        while let time = CivilTime(milliseconds: milliseconds), time.year < 2200 {
            #expect(time.milliseconds == milliseconds)
            if let previous { #expect(time.weekday == (previous.weekday + 1) % 7) }
            previous = time
            milliseconds += CivilTime.dayMilliseconds
        }
        #expect(previous == CivilTime(year: 2199, month: 12, day: 31, millisecondOfDay: 0))
    }

    @Test(arguments: [Int64.min, Int64.max, -62_167_219_200_001, 253_402_300_800_000])
    func `a moment outside the calendar has no form and does not trap`(milliseconds: Int64) {
        #expect(TimeText.iso(milliseconds) == nil)
        #expect(TimeText.full(milliseconds, offsetMinutes: 480).contains("ms"))
        #expect(!TimeText.offset(milliseconds).isEmpty)
        #expect(!TimeText.duration(milliseconds).isEmpty)
    }

    @Test(arguments: [
        "2013-02-29T00:00:00Z", "2013-13-01T00:00:00Z", "2013-1-01T00:00:00Z", "2013-01-01T24:00:00Z",
        "2013-01-01T00:00:00", "2013-01-01", "", "T", "2013-01-01T00:00:00.Z", "2013-01-01T00:00:00.1234Z",
        "2013-01-01T00:00+8", "2013-01-01T00:00+19:00", "２０１３-01-01T00:00:00Z",
    ])
    func `what is no ISO time is not taken for one`(text: String) {
        #expect(DateInput.iso(text) == nil)
    }

    @Test func `a date is read on the clock of its zone`() throws {
        let manila = ZoneClock(name: "Asia/Manila")
        func read(_ text: String) throws -> Int64 {
            try DateInput.milliseconds(text, now: 1_385_100_756_000, offset: manila.offsetSeconds)
        }
        #expect(try read("2013-11-22T14:00") == 1_385_100_000_000)
        #expect(try read("2013-11-22 14:00") == 1_385_100_000_000)
        #expect(try read("2013-11-22T07:00+01:00") == 1_385_100_000_000)
        #expect(try read("@14:00") == 1_385_100_000_000)
        #expect(try read("now") == 1_385_100_756_000)
        #expect(try read("-30s") == 1_385_100_726_000)
        #expect(throws: CommandError.self) { try read("12:00") }
    }

    @Test func `a clock that changes gives the earlier of two moments`() throws {
        let berlin = ZoneClock(name: "Europe/Berlin")
        let read = { (text: String) in try DateInput.milliseconds(text, now: 0, offset: berlin.offsetSeconds) }
        #expect(try TimeText.iso(read("2013-10-27T02:30")) == "2013-10-27T00:30:00.000Z")
        #expect(try TimeText.iso(read("2013-07-01T12:00")) == "2013-07-01T10:00:00.000Z")
        #expect(try TimeText.iso(read("2013-01-01T12:00")) == "2013-01-01T11:00:00.000Z")
    }

    @Test(arguments: ["../../etc/passwd", "/etc/localtime", ":/etc", "", "Asia/Nowhere", "a b", "é"])
    func `a zone's name is no path`(name: String) {
        #expect(!ZoneClock.isKnown(name))
    }
}
