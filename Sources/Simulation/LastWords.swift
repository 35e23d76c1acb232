import Models
import Store

/// Who knew all that was ever done to a record, and then did something to it, has the last word: in the end the record
/// looks to everybody as it looked to them. So what was deleted stays deleted, and no tag, value or text that somebody
/// changed comes back or is gone.
struct LastWords {
    private struct Act {
        var number: Int
        var author: String
        var knewAll: Bool
        var look: Look?
    }

    private var acts: [RecordID: [Act]] = [:]
    private var count = 0

    /// Notes what somebody just did to `record`, which looks to them as `view` says. Of what was done before they surely
    /// knew `known`, and what they do is among it from now on.
    mutating func note(_ record: RecordID, _ view: RecordView?, by author: String, knowing known: inout Set<Int>) {
        let knewAll = acts[record, default: []].allSatisfy { known.contains($0.number) }
        acts[record, default: []].append(
            Act(number: count, author: author, knewAll: knewAll, look: view.map(Look.init))
        )
        known.insert(count)
        count += 1
    }

    /// Whose last word does not stand; nil where all do.
    func broken(in store: NotebookStore) throws -> String? {
        try store.read { reader in
            for (record, acts) in acts.sorted(by: { $0.key < $1.key }) {
                guard let last = acts.last, last.knewAll, let look = last.look else { continue }
                let found = try reader.record(record).map(Look.init)
                if try found.map(look.stands) == true || reader.isWrittenAgainTwice(record) { continue }
                let what = found.map { "\($0)" } ?? "gone"
                return "\(last.author) had the last word on \(Handle.text(of: record)): \(look), not \(what)"
            }
            return nil
        }
    }
}

/// A record as a person sees it.
struct Look: CustomStringConvertible {
    private var text: ExactString?
    /// The one that shows first. Of several the latest stamp does; a person has not settled yet which one counts.
    private var values: [Field: [Value]] = [:]
    private var elements: [Field: [ExactString]] = [:]
    private var isDeleted: Bool

    init(_ view: RecordView) {
        isDeleted = view.state.isDeleted || view.state.isPurged
        // What is in the trash is purged some day.
        if isDeleted { return }
        text = view.text.map { ExactString($0) }
        for entry in view.state.registers {
            values[entry.field] = entry.content.versions.map(\.content)
        }
        for entry in view.state.sets {
            let list = view.state.elements(entry.field)
            if !list.isEmpty { elements[entry.field] = list.sorted() }
        }
    }

    /// Whether it still looks so in `later`. Of a conflict that was there already another value may have come to show.
    func stands(in later: Look) -> Bool {
        isDeleted == later.isDeleted && text == later.text && elements == later.elements
            && values.allSatisfy { field, values in
                let found = later.values[field] ?? []
                return values.count > 1 || found.first == values.first
            }
    }

    var description: String { isDeleted ? "deleted" : "\(text?.string ?? "-") \(values) \(elements)" }
}
