import EgWalker
import Models
import Store
import SyncClient
import Wire

/// How a history ends, and what must hold then.
extension World {
    /// The faults stop: two syncs each, and everybody is equal.
    mutating func settle() throws {
        server.machine.repair()
        server.machine.jumpClock(to: 0)
        for device in devices {
            device.machine.repair()
            device.machine.jumpClock(to: 0)
        }
        note("faults stop")
        var (roundCount, hasWritten) = (0, false)
        repeat {
            hasNewName = false
            hasWritten = try syncAll()
            roundCount += 1
            guard roundCount < 5 else { throw violation("the devices never end to write of themselves") }
            if roundCount == 2, !hasWritten, hasNewName { try checkContents() }
            // That is as new as what a person writes.
        } while roundCount < 2 || hasWritten || hasNewName
        try checkAtRest()
    }

    /// - Returns: whether a device wrote something of itself.
    private mutating func syncAll() throws -> Bool {
        var hasWritten = false
        for index in devices.indices {
            hasWritten = try sync(index, isCalm: true) || hasWritten
            try look()
        }
        return hasWritten
    }

    private mutating func checkAtRest() throws {
        try checkContents()
        let digest = try server.store.read { try $0.digest() }
        for device in devices {
            guard try device.store.read({ try $0.digest() }) == digest else {
                throw violation("\(device.name)'s digest differs")
            }
        }
        try checkLogs(digest)
        if let head = try watch.forgotten(by: server) {
            throw violation("what the server forgot did not come back: \(head.sequence) changes of \(head.replica)")
        }
        if mayRepeatWords {
            note("an edit may stand under two numbers")
        } else {
            if let broken = try wordStandingTwice() { throw violation(broken) }
            if let words = try wordsTypedTwice() { throw violation("two changes type \(words)") }
            if let broken = try lastWords.broken(in: server.store) { throw violation(broken) }
        }
        let there = try words(server.store)
        let people = devices.map(\.person) + earlierPeople
        let removed = try people.reduce(into: Set<String>()) { removed, person in
            removed.formUnion(person.removed)
            for (record, words) in person.thrownAway where try isPurged(record) { removed.formUnion(words) }
        }
        for person in people {
            let lost = person.typed.subtracting(there).subtracting(removed)
            guard lost.isEmpty else { throw violation("words of \(person.name) are lost: \(lost.sorted())") }
        }
    }

    /// Every device shows a person what the server has, and has nothing to send.
    private func checkContents() throws {
        let expected = try contents(of: server.store)
        for device in devices {
            let unsent = try device.store.read { try $0.unsentCount() }
            guard unsent == 0 else { throw violation("\(device.name) still has \(unsent) unsent changes") }
            let lines = try contents(of: device.store)
            if let (ours, theirs) = zip(lines, expected).first(where: { $0 != $1 }) {
                throw violation("\(device.name) differs from the server:\n\(ours)\n\(theirs)")
            }
            guard lines.count == expected.count else {
                throw violation("\(device.name) has \(lines.count) records, the server \(expected.count)")
            }
        }
    }

    /// Plays every log anew: they hold the same changes, each in an order of its own.
    private func checkLogs(_ digest: ContentHash) throws {
        for (name, store) in [("the server", server.store)] + devices.map({ ($0.name, $0.store) }) {
            try store.rebuild()
            guard try self.digest(store) == digest else {
                throw violation("the state of \(name) is not what its log adds up to")
            }
        }
    }

    /// Whether an edit may stand under two numbers: one of two copies gave it away by file, so that it stays as it is,
    /// while the other was told to stamp it again, or the server forgot that it said so; or one was linked by itself and the log is its own, so that the other
    /// issues again what both had to send.
    private var mayRepeatWords: Bool { copiedUnsent && (hadWrongClock && (hasGiven || wasPutBack) || hasLinkedAgain) }

    /// Nobody types a word twice, so that one that stands twice in a text was written again by who did not type it.
    private func wordStandingTwice() throws -> String? {
        try server.store.read { reader in
            var found: String?
            try reader.forEach(RecordKind.personal) { view in
                var seen: Set<String> = []
                let text = view.text ?? ""
                if try reader.isWrittenAgainTwice(view.id, showingBoth: true) { return }
                if let word = Person.ownWords(in: text).first(where: { !seen.insert($0).inserted }) {
                    found = "\(word) stands twice in: \(text)"
                }
            }
            return found
        }
    }

    /// Equal edits merge to one, so that a text does not show that one was issued twice.
    private func wordsTypedTwice() throws -> String? {
        var seen: Set<[TextSpan]> = []
        for run in try server.store.read({ try $0.changes(after: 0, maximumBytes: .max).runs }) {
            for change in try ReadRun(run).changes where !change.operations.contains(where: \.isRevival) {
                for case .edit(_, let edit) in change.operations {
                    for case .insert(_, let text) in edit.spans where !Person.ownWords(in: text).isEmpty {
                        if !seen.insert(edit.spans).inserted { return text }
                        break
                    }
                }
            }
        }
        return nil
    }

    /// What a person sees of a record.
    private struct Sight: Equatable {
        var text: ExactString?
        var state: RecordState

        init(_ view: RecordView) { (text, state) = (view.text.map { ExactString($0) }, view.state) }
    }

    private func contents(of store: NotebookStore) throws -> [Sight] {
        try store.read { reader in
            var lines: [Sight] = []
            try reader.forEach(RecordKind.personal) { lines.append(Sight($0)) }
            return try lines + reader.trash().map(Sight.init)
        }
    }

    private func isPurged(_ record: RecordID) throws -> Bool {
        try server.store.read { try $0.record(record)?.state.purged.isEmpty == false }
    }

    /// Every word that a person can still find: in live records, in the trash, in conflicts. What others purged shows no
    /// text in the trash, and all of it once it is taken out.
    private func words(_ store: NotebookStore) throws -> Set<String> {
        try store.read { reader in
            var words: Set<String> = []
            try reader.forEach(RecordKind.personal) { words.formUnion(Person.words(of: $0)) }
            for view in try reader.trash() {
                words.formUnion(Person.words(of: view))
                if !view.state.purged.isEmpty { words.formUnion(try Person.wordsEverTyped(into: view.id, reader)) }
            }
            return words
        }
    }
}

extension StoreReader {
    /// Whether two wrote a record again, or a part of it, neither of whom had read what the other wrote: it may stand
    /// there twice then (docs/decisions/0018). Of equal beginnings one shows, so that those count for one, unless both
    /// were edited apart.
    ///
    /// - Parameter showingBoth: Of equal beginnings that were edited apart, only those of which both show: from each
    ///   something was taken away.
    func isWrittenAgainTwice(_ record: RecordID, showingBoth: Bool = false) throws -> Bool {
        let changes = try changes(to: record).map(\.change)
        let pasts = TextPasts(changes, deletingOnly: showingBoth)
        let writers = changes.filter { !$0.onlyTakesOut }.flatMap { change in
            change.operations.compactMap { $0.seenByReviver.map { (change: change, seen: $0) } }
        }
        return writers.contains { one in
            writers.contains { other in
                let isApart = !other.seen.covers(one.change.stamp) && !one.seen.covers(other.change.stamp)
                guard isApart, one.change.replica != other.change.replica else { return false }
                let begun = one.change.beginnings
                return begun.isEmpty || begun != other.change.beginnings
                    || pasts.areEditedApart(one.change.id, other.change.id)
            }
        }
    }
}

/// What each edit of a record's texts builds upon.
private struct TextPasts {
    private var pasts: [ChangeID: Set<ChangeID>] = [:]

    /// - Parameter deletingOnly: Only of edits that delete something.
    init(_ changes: [Change], deletingOnly: Bool) {
        var parents: [ChangeID: [ChangeID]] = [:]
        for change in changes {
            for edit in change.textEdits { parents[change.id, default: []] += edit.parents }
        }
        for change in changes where !deletingOnly || change.textEdits.contains(where: \.deletes) {
            let id = change.id
            var past: Set<ChangeID> = []
            var next = parents[id] ?? []
            while let parent = next.popLast() {
                if past.insert(parent).inserted { next += parents[parent] ?? [] }
            }
            pasts[id] = past
        }
    }

    /// Whether somebody edited `one` who had not read `other`, and somebody else `other` who did not know of that.
    func areEditedApart(_ one: ChangeID, _ other: ChangeID) -> Bool {
        pasts.contains { edit, past in
            past.contains(one) && !past.contains(other)
                && pasts.contains { $0 != edit && $1.contains(other) && !$1.contains(edit) }
        }
    }
}

extension Change {
    /// The texts that it begins, if it edits nothing else.
    fileprivate var beginnings: [TextEdit] { textEdits.allSatisfy(\.parents.isEmpty) ? textEdits : [] }

    fileprivate var textEdits: [TextEdit] {
        operations.compactMap { if case .edit(_, let edit) = $0 { edit } else { nil } }
    }

    /// Takes salvaged words out again, and does nothing else.
    fileprivate var onlyTakesOut: Bool {
        operations.allSatisfy { operation in
            switch operation {
            case .edit(_, let edit): edit.spans.allSatisfy(\.isDeletion)
            case .salvage: true
            default: false
            }
        }
    }
}

extension TextEdit {
    fileprivate var deletes: Bool { spans.contains(where: \.isDeletion) }
}

extension TextSpan {
    fileprivate var isDeletion: Bool { if case .delete = self { true } else { false } }
}

extension Models.Operation {
    fileprivate var isRevival: Bool { seenByReviver != nil }

    /// What its author had seen who wrote a record again, or a part of it.
    fileprivate var seenByReviver: [Stamp]? {
        switch self {
        case .revive(let seen), .salvage(let seen): seen
        default: nil
        }
    }
}
