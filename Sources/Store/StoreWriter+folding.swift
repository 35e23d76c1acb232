import Foundation
import GRDB
import Models
import Wire

/// Takes the values out of changes that nobody needs any more (`ChangeBody.folded`): of fields that were set anew, and
/// of records that were purged. The state, the hashes and what a merge comes to stay as they are.
extension StoreWriter {
    /// Folds what the changes up to `version` replace, as far as one run goes.
    public func fold(through version: UInt64) throws {
        try flush()
        let begin: UInt64 = try db.value("SELECT folded FROM notebook") ?? 0
        guard begin < version else { return }
        let rows = try db.rows(
            """
            SELECT version, replica, sequence, body, hash FROM changes WHERE version > ? AND version <= ?
            ORDER BY version LIMIT ?
            """,
            [begin.stored, version.stored, Limits.maximumTidiedCount]
        )
        var (end, replaced, purged) = (begin, Set<Stamp>(), Set<RecordID>())
        while let row = try rows.next() {
            let logged = try StoreReader.loggedChange(row)
            end = logged.version
            replaced.formUnion(logged.change.replaced.map(\.stamp))
            if logged.change.purges { purged.insert(logged.change.record) }
        }
        for stamp in replaced { try foldReplaced(stamp) }
        try foldPurged(purged)
        try db.run("UPDATE notebook SET folded = ?", [end.stored])
    }

    private func foldReplaced(_ stamp: Stamp) throws {
        let reader = try reader
        guard let logged = try reader.change(at: stamp), logged.change.folded == nil,
            let state = try reader.stateRow(logged.change.record)?.state
        else { return }
        let isReplaced = logged.change.operations.allSatisfy { operation in
            guard case .set(let field, _, _) = operation else { return false }
            let register = state.registers.first { $0.field == field }?.content
            return register?.heads.contains { $0.stamp == stamp } == false
        }
        if isReplaced { try fold(logged, evenIfShort: false) }
    }

    private func foldPurged(_ records: Set<RecordID>) throws {
        if records.isEmpty { return }
        var states: [RecordID: RecordState] = [:]
        for record in records { states[record] = try reader.stateRow(record)?.state }
        for logged in try reader.changes(to: records)
        where states[logged.change.record]?.isPurged(logged.change) == true {
            try fold(logged, evenIfShort: true)
        }
    }

    /// A digest is put in the values' place, so that short ones are as well left where they are.
    private func fold(_ logged: LoggedChange, evenIfShort: Bool) throws {
        guard let body = ChangeBody(logged.body), body.values != nil else { return }
        let folded = body.folded.bytes
        guard evenIfShort || folded.count < logged.body.count else { return }
        try db.run("UPDATE changes SET body = ? WHERE version = ?", [Blob(folded), logged.version.stored])
    }
}

extension StoreReader {
    /// The change that was stamped so; nil if it is not here. The stamps of a log rise, so that halving finds it.
    func change(at stamp: Stamp) throws -> LoggedChange? {
        var range = try 1..<head(of: stamp.replica).sequence + 1
        while !range.isEmpty {
            let middle = range.lowerBound + (range.upperBound - range.lowerBound) / 2
            let time = try db.first(
                "SELECT time FROM changes WHERE replica = ? AND sequence = ?",
                [stamp.replica.rawValue.stored, middle.stored]
            ) { $0.word(0) }
            guard let time else { return nil }
            if time == stamp.time { return try change(stamp.replica, middle) }
            range = time < stamp.time ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return nil
    }
}
