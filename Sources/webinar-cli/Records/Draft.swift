import Models
import Store

/// The operations that make a new record, gathered field by field. What is nil or empty is left out.
struct Draft {
    private(set) var operations: [Models.Operation] = []

    mutating func set(_ field: Field, _ text: String?) throws {
        guard let text, !text.isEmpty else { return }
        operations.append(.set(field, .text(try Self.line(text)), replaces: []))
    }

    mutating func set(_ field: Field, _ integer: Int64?) {
        if let integer { operations.append(.set(field, .integer(integer), replaces: [])) }
    }

    mutating func set(_ field: Field, _ record: RecordID?) {
        if let record { operations.append(.set(field, .reference(record), replaces: [])) }
    }

    mutating func include(_ field: Field, _ elements: [TypedText]) throws {
        for element in try Elements.checked(elements) {
            operations.append(.include(field, element, replaces: []))
        }
    }

    mutating func text(_ field: Field, _ text: String) {
        operations.append(StoreWriter.firstEdit(field, text))
    }

    /// A register's text, held against the limit before anything is opened for it.
    private static func line(_ text: String) throws(TextInputError) -> String {
        try TextInput.text(Array(text.utf8), maximumBytes: Limits.maximumRegisterBytes)
    }
}

/// Tags, speakers and sponsors as they are typed.
enum Elements {
    /// `typed` without doubles, in the order of their bytes.
    static func checked(_ typed: [TypedText]) throws(CommandError) -> [ExactString] {
        for element in typed {
            guard !element.text.allSatisfy(\.isWhitespace) else {
                throw CommandError(.usage, "a tag or name is empty", hints: "nothing was saved")
            }
            guard element.text.utf8.count <= Limits.maximumElementBytes else {
                throw CommandError(
                    .badData,
                    "a tag or name is longer than \(Limits.maximumElementBytes) bytes",
                    hints: "nothing was saved; put long texts into a note"
                )
            }
        }
        return Set(typed.map { ExactString($0.text) }).sorted()
    }
}

/// The session an entry goes to, as far as times need it.
struct SessionPlace {
    var id: RecordID?
    /// When it began, in milliseconds since 1970 UTC.
    var starts: Int64?
    var zone: ZoneClock

    /// Where `moment` lies in the session; nil outside it or where its start is not known.
    func position(of moment: Int64) -> Int64? {
        guard let starts else { return nil }
        let (position, overflow) = moment.subtractingReportingOverflow(starts)
        return !overflow && (0...Limits.longestSessionMilliseconds).contains(position) ? position : nil
    }

    /// When and where something was captured that is typed at `now` with the time `input`.
    func place(_ input: TimeInput?, now: Int64) -> (captured: Int64, position: Int64?) {
        switch input {
        case .offset(let milliseconds):
            return (now, milliseconds)
        case .clock(let clock):
            let moment = clock.milliseconds(onTheDayOf: now, offset: zone.offsetSeconds)
            return (moment, position(of: moment))
        case .ago(let milliseconds):
            return (now - milliseconds, position(of: now - milliseconds))
        case nil:
            return (now, position(of: now))
        }
    }

    /// A place in the session, where nothing else will do.
    func offset(_ input: TimeInput, typedAs text: String, now: Int64) throws(CommandError) -> Int64 {
        if let position = place(input, now: now).position { return position }
        throw CommandError(
            .usage,
            "`\(text)` is no place in the session" + (starts == nil ? ": it is not known when it began" : ""),
            hints: "nothing was saved; write the time since its beginning, as in 12:36",
            starts == nil
                ? "or say when it began: webinar session set ID starts 2013-11-22T14:00" : "or -30s while it lasts"
        )
    }
}
