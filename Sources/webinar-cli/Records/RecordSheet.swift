import Models
import Store

/// Everything about one record, for `show`.
struct RecordSheet {
    let reader: StoreReader
    let device: Device

    func print(_ record: RecordView, on printer: Printer) throws {
        let handle = try reader.handle(of: record.id)
        if printer.isJSON { return try printer.json(RecordJSON.shown(record, handle: handle)) }
        try printer.line(printer.paint.heading("\(record.state.kind.word) \(handle)"))
        let rows = try rows(of: record)
        let width = rows.map(\.name.cellWidth).max() ?? 0
        for row in rows {
            let room = max(TableLayout.minimumTextCells, printer.terminal.columns - width - 2)
            let lines = row.value.madeVisible(keepingLines: false).wrapped(toCells: room)
            for (index, line) in lines.enumerated() {
                try printer.line((index == 0 ? row.name : "").padded(toCells: width) + "  " + line)
            }
        }
        guard let text = record.text, !text.isEmpty else { return }
        try printer.line("")
        try printer.text(text)
    }

    private func rows(of record: RecordView) throws -> [(name: String, value: String)] {
        let state = record.state
        var rows: [(name: String, value: String)] = [("id", "\(record.id)")]
        for field in Field.fields(of: state.kind) {
            guard let name = field.name, let text = try text(of: field, in: state) else { continue }
            rows.append((name.replacing("_", with: " "), text))
        }
        rows.append(("created", moment(RecordJSON.created(state), state)))
        let edited = Int64(clamping: state.edited.milliseconds)
        rows.append(("edited", moment(edited, state) + (try author(state.edited.replica))))
        if record.conflictCount > 0 {
            let handle = try reader.handle(of: record.id)
            rows.append(("conflicts", "\(record.conflictCount), see: webinar conflict show \(handle)"))
        }
        return rows
    }

    private func author(_ replica: ReplicaID) throws -> String {
        try reader.deviceName(of: replica).map { ", on \($0)" } ?? ""
    }

    private func moment(_ milliseconds: Int64, _ state: RecordState) -> String {
        let recorded = state.integer(.zoneOffset).map { Int(clamping: $0) }
        let zone = state.text(.zone).flatMap { ZoneClock.isKnown($0) ? ZoneClock(name: $0) : nil } ?? device.zone
        return TimeText.full(milliseconds, offsetMinutes: recorded ?? zone.offsetMinutes(at: milliseconds))
    }

    private func text(of field: Field, in state: RecordState) throws -> String? {
        switch FieldMeaning(field) {
        case .merging:
            return nil
        case .elements:
            let elements = state.elements(field)
            return elements.isEmpty ? nil : elements.map(\.string).joined(separator: ", ")
        case .text, .word, .language:
            return state.text(field)
        case .moment:
            return state.integer(field).map { moment($0, state) }
        case .offset:
            return state.integer(field).map(TimeText.offset)
        case .duration:
            return state.integer(field).map(TimeText.duration)
        case .zoneOffset:
            return state.integer(field).map { TimeText.zoneOffset(Int(clamping: $0)) }
        case .number:
            return state.integer(field).map { String($0) }
        case .reference:
            guard let id = state.reference(field) else { return nil }
            guard let target = try reader.record(id) else { return "\(id) (not here yet)" }
            let handle = try reader.handle(of: id)
            let trash = target.state.isDeleted ? ", in the trash" : ""
            return "\(handle)  \(target.headline.truncated(toCells: 60))\(trash)"
        }
    }
}
