import EgWalker
import Models
import Store

/// What a person does on a device, drawn by chance: every save adds words that nobody else types,
/// so that each can be looked for at the end.
struct Person {
    private var random = SeededRandom(seed: 0)
    private var wordCount = 0
    let name: String
    /// Every word ever typed in an acknowledged save.
    private(set) var typed: Set<String> = []
    /// The words that somebody who saw them took out or replaced.
    private(set) var removed: Set<String> = []
    /// The words that somebody saw who threw their record away: gone once it is purged.
    private(set) var thrownAway: [RecordID: Set<String>] = [:]
    /// The records that the last save was about.
    private(set) var touched: [RecordID] = []

    init(name: String) { self.name = name }

    private mutating func newWord() -> String {
        wordCount += 1
        return "\(name)\(wordCount)"
    }

    /// One save. What it throws was not saved.
    /// - Returns: what was done, in a few words.
    mutating func act(on store: NotebookStore, by chance: SeededRandom) throws -> String {
        random = chance
        touched = []
        var records: [RecordView] = []
        try store.read { try $0.forEach(RecordKind.personal) { records.append($0) } }
        guard let record = records.randomElement(using: &random), !random.oneIn(5) else {
            return try add(to: store, sessions: records.filter { $0.state.kind == .session })
        }
        if random.oneIn(200) { return try addMany(to: store) }
        let deletesAll = random.oneIn(records.count > Limits.unaskedDeletionCount ? 6 : 60)
        if deletesAll { return try deleteAll(records, in: store) }
        if random.oneIn(20) { return try writeAsLaterProgram(record, in: store) }
        switch random.below(12) {
        case 0...4: return try edit(record, in: store)
        case 5, 6: return try setTitle(record, in: store)
        case 7: return try tag(record, in: store)
        case 8: return try untag(record, in: store)
        case 9: return try delete(record, in: store)
        case 10: return try restore(store.read { try $0.trash() }.randomElement(using: &random), in: store)
        default: return try settle(record, in: store)
        }
    }

    private mutating func add(to store: NotebookStore, sessions: [RecordView]) throws -> String {
        let word = newWord()
        let id = try store.write { writer in
            guard let session = sessions.randomElement(using: &random), !random.oneIn(4) else {
                return try writer.create(.session, [.set(.title, .text(word), replaces: [])])
            }
            let text = "First \(word) here. 然后 再说."
            let isNote = !random.oneIn(3)
            return try writer.create(
                isNote ? .note : .highlight,
                [
                    .set(.session, .reference(session.id), replaces: []),
                    StoreWriter.firstEdit(isNote ? .body : .text, text),
                ]
            )
        }
        typed.insert(word)
        touched = [id]
        return "adds \(Handle.text(of: id)) with \(word)"
    }

    /// So many that a device asks before it deletes them all.
    private mutating func addMany(to store: NotebookStore) throws -> String {
        let words = (0..<25).map { _ in newWord() }
        touched = try store.write { writer in
            try words.map { try writer.create(.session, [.set(.title, .text($0), replaces: [])]) }
        }
        typed.formUnion(words)
        return "adds \(words.count)"
    }

    private mutating func edit(_ record: RecordView, in store: NotebookStore) throws -> String {
        guard let field = record.state.kind.textField, let text = record.text else {
            return try setTitle(record, in: store)
        }
        var words = text.split(separator: " ").map(String.init)
        let word = newWord()
        var gone: [String] = []
        if !words.isEmpty, random.oneIn(3) {
            gone.append(words.remove(at: random.below(words.count)))
        }
        words.insert(word, at: random.below(words.count + 1))
        let edited = words.joined(separator: " ")
        let speaker = random.oneIn(3) ? newWord() : nil
        try store.write { writer in
            try writer.change(record.id) { state in
                let text = try writer.edit(field, of: state, to: edited)
                return [text, speaker.flatMap { state.setting(.speaker, to: .text($0)) }].compactMap { $0 }
            }
        }
        typed.insert(word)
        if let speaker {
            typed.insert(speaker)
            if let old = record.state.text(.speaker) { removed.insert(old) }
        }
        try check(record, in: store) { $0.text.map { ExactString($0) } == ExactString(edited) }
        touched = [record.id]
        for token in gone { removed.formUnion(Self.ownWords(in: token)) }
        return "edits \(Handle.text(of: record.id)): + \(word) - \(gone)"
    }

    private mutating func setTitle(_ record: RecordView, in store: NotebookStore) throws -> String {
        let field: Field = record.state.kind == .session ? .title : .speaker
        let word = newWord()
        let old = record.state.text(field)
        try store.write { writer in
            try writer.change(record.id) { [$0.setting(field, to: .text(word))].compactMap { $0 } }
        }
        try check(record, in: store) { $0.state.text(field) == word }
        typed.insert(word)
        touched = [record.id]
        if let old { removed.insert(old) }
        return "sets \(Handle.text(of: record.id)) \(field.name ?? "") to \(word)"
    }

    private mutating func tag(_ record: RecordView, in store: NotebookStore) throws -> String {
        let tag = ExactString("tag\(random.below(3))")
        try store.write { writer in
            try writer.change(record.id) { [$0.including(tag, in: .tags)].compactMap { $0 } }
        }
        try check(record, in: store) { $0.state.elements(.tags).contains(tag) }
        touched = [record.id]
        return "tags \(Handle.text(of: record.id)) \(tag)"
    }

    private mutating func untag(_ record: RecordView, in store: NotebookStore) throws -> String {
        guard let tag = record.state.elements(.tags).randomElement(using: &random) else { return "untags nothing" }
        try store.write { writer in
            try writer.change(record.id) { [$0.excluding(tag, from: .tags)].compactMap { $0 } }
        }
        try check(record, in: store) { !$0.state.elements(.tags).contains(tag) }
        touched = [record.id]
        return "untags \(Handle.text(of: record.id)) \(tag)"
    }

    private mutating func delete(_ record: RecordView, in store: NotebookStore) throws -> String {
        try store.write { writer in try writer.change(record.id) { [$0.deleting()].compactMap { $0 } } }
        try check(record, in: store) { $0.state.isDeleted }
        try throwAway(record, in: store)
        touched = [record.id]
        return "deletes \(Handle.text(of: record.id))"
    }

    private mutating func deleteAll(_ records: [RecordView], in store: NotebookStore) throws -> String {
        try store.write { writer in
            for record in records { try writer.change(record.id) { [$0.deleting()].compactMap { $0 } } }
        }
        for record in records { try throwAway(record, in: store) }
        touched = records.map(\.id)
        return "deletes all \(records.count)"
    }

    /// Who throws a record away throws all away that it shows, and all that it shows once it is taken out of the trash.
    private mutating func throwAway(_ record: RecordView, in store: NotebookStore) throws {
        let typed = try store.read { try Self.wordsEverTyped(into: record.id, $0) }
        thrownAway[record.id, default: []].formUnion(Self.words(of: record).union(typed))
    }

    /// What a program of tomorrow writes: a kind, a field and an operation that this one does not know.
    private mutating func writeAsLaterProgram(_ record: RecordView, in store: NotebookStore) throws -> String {
        let operations: [Models.Operation] = [
            .set(Field(rawValue: 900), .text("later \(random.below(100))"), replaces: []), .unknown,
        ]
        if random.oneIn(2) {
            try store.write { _ = try $0.create(RecordKind(rawValue: 99), operations) }
            return "adds a record of a later kind"
        }
        try store.write { writer in try writer.change(record.id) { _ in operations } }
        touched = [record.id]
        return "changes \(Handle.text(of: record.id)) as a later program does"
    }

    private mutating func restore(_ record: RecordView?, in store: NotebookStore) throws -> String {
        guard let record else { return "restores nothing" }
        try store.write { writer in try writer.change(record.id) { [$0.restoring()].compactMap { $0 } } }
        try check(record, in: store) { !$0.state.isDeleted }
        touched = [record.id]
        return "restores \(Handle.text(of: record.id))"
    }

    private mutating func settle(_ record: RecordView, in store: NotebookStore) throws -> String {
        guard let field = record.state.conflictingFields.first,
            let register = record.state.registers.first(where: { $0.field == field })?.content,
            let current = register.current
        else { return "settles nothing" }
        try store.write { writer in try writer.change(record.id) { [$0.settling(field, with: current)] } }
        for head in register.heads.dropFirst() where head.content != current {
            if case .text(let text) = head.content { removed.insert(text) }
        }
        touched = [record.id]
        return "settles \(Handle.text(of: record.id)) \(field.name ?? "")"
    }

    /// What was saved is what is read back.
    private func check(_ record: RecordView, in store: NotebookStore, _ isSaved: (RecordView) -> Bool) throws {
        guard let found = try store.read({ try $0.record(record.id) }), isSaved(found) else {
            throw MisreadSave(record: record.id)
        }
    }

    /// The words in a record's text and in every value that its fields have.
    static func words(of view: RecordView) -> Set<String> {
        var words = Set(ownWords(in: view.text ?? ""))
        for head in view.state.registers.flatMap(\.content.heads) {
            if case .text(let text) = head.content { words.insert(text) }
        }
        return words
    }

    /// The words of all edits of a record's text.
    static func wordsEverTyped(into record: RecordID, _ reader: StoreReader) throws -> Set<String> {
        var words: Set<String> = []
        for case .edit(_, let edit) in try reader.changes(to: record).flatMap(\.change.operations) {
            for case .insert(_, let text) in edit.spans { words.formUnion(ownWords(in: text)) }
        }
        return words
    }

    /// The words of the simulation's people inside a piece of text: a small letter and the number after
    /// it, also where a merge put two words side by side.
    static func ownWords(in text: String) -> [String] {
        var words: [String] = []
        var word = ""
        for scalar in text.unicodeScalars {
            if ("0"..."9").contains(scalar), !word.isEmpty {
                word.unicodeScalars.append(scalar)
                continue
            }
            if word.unicodeScalars.count > 1 { words.append(word) }
            word = ("a"..."z").contains(scalar) ? String(scalar) : ""
        }
        return word.unicodeScalars.count > 1 ? words + [word] : words
    }
}

/// What was saved is not what is read back.
struct MisreadSave: Error {
    var record: RecordID
}
