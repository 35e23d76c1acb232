import Models
import Store
import SyncClient

/// What a sync would do, in records.
struct SyncPreview {
    /// Changes, both ways.
    var sendCount: UInt64
    var receiveCount: Int
    /// Records that the other devices would get, or get anew.
    var written: [(RecordView, handle: String)] = []
    /// Records that would go into the trash of the other devices.
    var deletedElsewhere: [(RecordView, handle: String)] = []
    var new: [(RecordView, handle: String)] = []
    var changed: [(RecordView, handle: String)] = []
    var deletedHere: [(RecordView, handle: String)] = []

    /// Compares this device's records with those of a copy that was synced.
    init(of device: Device, andThen later: NotebookStore, receiveCount: Int) throws {
        self.receiveCount = receiveCount
        sendCount = try device.read { try $0.unsentCount() }
        (written, deletedElsewhere) = try device.read { reader in
            func named(_ records: [RecordView]) throws -> [(RecordView, handle: String)] {
                try records.map { ($0, handle: try reader.handle(of: $0.id)) }
            }
            return (try named(reader.unsentRecords()), try named(reader.unsentDeletions()))
        }
        if receiveCount == 0 { return }
        var (new, changed, deleted) = (self.new, self.changed, self.deletedHere)
        try later.read { later in
            try device.read { now in
                try later.forEach(RecordKind.personal) { record in
                    let handle = try later.handle(of: record.id)
                    guard let old = try now.record(record.id), !old.state.isDeleted else {
                        return new.append((record, handle: handle))
                    }
                    if old.state != record.state { changed.append((record, handle: handle)) }
                }
                for record in try later.trash() {
                    guard let old = try now.record(record.id), !old.state.isDeleted else { continue }
                    deleted.append((old, handle: try now.handle(of: old.id)))
                }
            }
        }
        (self.new, self.changed, deletedHere) = (new, changed, deleted)
    }

    func print(on printer: Printer) throws {
        if printer.isJSON { return try printer.json(json) }
        try printer.line("Nothing was sent or kept.")
        try section("to send: \(Timeline.counted(Int(clamping: sendCount), "change"))", [], printer)
        try section("new or changed for the other devices", written, printer)
        try section("deleted for the other devices", deletedElsewhere, printer)
        try section("to receive: \(Timeline.counted(receiveCount, "change"))", [], printer)
        try section("new here", new, printer)
        try section("changed here", changed, printer)
        try section("into the trash here", deletedHere, printer)
    }

    /// What is printed of a long list.
    private static let maximumShownCount = 10

    private func section(_ title: String, _ records: [(RecordView, handle: String)], _ printer: Printer) throws {
        let isList = !title.contains(":")
        if isList, records.isEmpty { return }
        try printer.line(isList ? "  \(Timeline.counted(records.count, "record")) \(title)" : title)
        for (record, handle) in records.prefix(Self.maximumShownCount) {
            let text = "    \(handle)  \(RecordLine.text(record))".madeVisible(keepingLines: false)
            try printer.lines(Array(text.wrapped(toCells: printer.terminal.columns).prefix(1)))
        }
        if records.count > Self.maximumShownCount {
            try printer.line("    and \(records.count - Self.maximumShownCount) more")
        }
    }

    private var json: JSONValue {
        func list(_ records: [(RecordView, handle: String)]) -> JSONValue {
            .array(
                records.map { record, handle in
                    [
                        "id": .string("\(record.id)"), "handle": .string(handle),
                        "text": .string(RecordLine.text(record)),
                    ]
                }
            )
        }
        return [
            "schema": .string(RecordJSON.schema), "type": "sync_preview", "send": .unsigned(sendCount),
            "receive": .integer(Int64(receiveCount)), "written": list(written),
            "deleted_elsewhere": list(deletedElsewhere), "new": list(new), "changed": list(changed),
            "deleted": list(deletedHere),
        ]
    }
}
