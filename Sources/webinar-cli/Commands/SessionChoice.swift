import ArgumentParser
import Models
import Store

/// Which session a command is about.
struct SessionChoice: ParsableArguments {
    @Option(help: ArgumentHelp("The session, by id, handle or title; else the current one.", valueName: "id"))
    var session: TypedText?
}

extension Device {
    /// The session that `choice` names, else the current one; nil if there is neither.
    func session(_ choice: TypedText?, in reader: StoreReader) throws -> RecordView? {
        if let choice { return try reader.findProgramme(choice, .session) }
        guard let current = try currentSession() else { return nil }
        guard let record = try reader.record(current), !record.state.isDeleted else {
            throw CommandError(
                .notFound,
                "the current session was deleted",
                hints: "nothing was changed; choose another: webinar session use ID",
                "or bring it back: webinar trash restore \(Handle.text(of: current, length: Handle.fullLength))"
            )
        }
        return record
    }

    /// The same as a place for times; without a session it has only the zone of this machine.
    func place(_ choice: TypedText?, in reader: StoreReader) throws -> SessionPlace {
        let record = try session(choice, in: reader)
        let zone = record?.state.text(.zone).flatMap { ZoneClock.isKnown($0) ? ZoneClock(name: $0) : nil }
        return SessionPlace(id: record?.id, starts: record?.state.integer(.starts), zone: zone ?? self.zone)
    }
}

extension StoreReader {
    /// An event or session by id, handle or its whole title.
    func findProgramme(_ name: TypedText, _ kind: RecordKind) throws -> RecordView {
        do {
            return try find(name, [kind])
        } catch StoreError.notFound(let typed) {
            let title = ExactString(name.text)
            let titled = try programme(kind).filter { $0.state.text(.title).map { ExactString($0) == title } ?? false }
            if titled.count == 1 { return titled[0] }
            throw CommandError(
                .notFound,
                "no \(kind.word) here is called `\(typed)`" + (titled.isEmpty ? "" : ": several have that title"),
                hints: "nothing was changed; `webinar \(kind.word) list` shows the ids"
            )
        }
    }
}

extension Draft {
    /// The captured time of an entry, with the zone it was shown in.
    mutating func capture(_ moment: Int64, zone: ZoneClock) throws {
        set(.captured, moment)
        set(.zoneOffset, Int64(zone.offsetMinutes(at: moment)))
        try set(.zone, zone.name)
    }
}
