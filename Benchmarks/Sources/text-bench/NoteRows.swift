import EgWalker
import Foundation

/// A 20 KB note that two devices edit apart, a save for each edit.
struct ApartNote {
    let first: TextDocument
    let second: TextDocument
    let known: [ChangeID]

    init(base: String, edits: Int, seed: UInt64) throws {
        var first = TextDocument(agent: 1)
        try first.edit([.insert(at: 0, text: base)])
        var second = try TextDocument(agent: 2, decoding: first.encoded())
        known = first.heads
        var one = NoteEditor(base, tag: "A", seed: seed * 2)
        var other = NoteEditor(base, tag: "B", seed: seed * 2 + 1)
        for _ in 0..<edits {
            one.step()
            try first.setText(one.text)
            other.step()
            try second.setText(other.text)
        }
        self.first = first
        self.second = second
    }

    /// Both ways: encode, decode, merge, both texts. The copies that this starts from share their storage, as a
    /// document that a program holds does not; what it costs to part them is in the figure.
    func exchange() throws -> (String, String) {
        var one = first
        var other = second
        let sent = one.encoded(since: known)
        try one.merge(other.encoded(since: known))
        try other.merge(sent)
        return (one.text, other.text)
    }
}

func measureNotes(base: String) throws {
    for edits in [5, 200] {
        var both: [Double] = []
        var sides: [Double] = []
        for seed in UInt64(0)..<5 {
            let note = try ApartNote(base: base, edits: edits, seed: seed)
            both.append(try best(300) { _ = try note.exchange() })
            let patch = note.second.encoded(since: note.known)
            sides.append(
                try best(300) {
                    var one = note.first
                    try one.merge(patch)
                }
            )
        }
        report("note \(edits)+\(edits) exchange", both.sorted()[2])
        report("note \(edits)+\(edits) one side", sides.sorted()[2])
    }
    let save = TextChange(
        id: ChangeID(agent: 1, sequence: 2),
        parents: [ChangeID(agent: 1, sequence: 1)],
        spans: [.delete(at: 10_000, count: 5), .insert(at: 10_000, text: " word")]
    )
    report(
        "local save of a 20 KB note, store",
        try best(300) {
            for _ in 0..<10 {
                _ = try TextMerge.apply([save], to: base, heads: save.parents, history: NoHistory())
            }
        } / 10 * 1000,
        unit: "µs"
    )
    var typing = TextDocument(agent: 1)
    try typing.edit([.insert(at: 0, text: base)])
    report(
        "local save of a 20 KB note, document",
        try best(300) {
            for _ in 0..<10 { try typing.edit([.delete(at: 10_000, count: 5), .insert(at: 10_000, text: " word")]) }
        } / 10 * 1000,
        unit: "µs"
    )
    var editor = NoteEditor(base, tag: "A", seed: 1)
    editor.step()
    let once = editor.text
    for _ in 0..<199 { editor.step() }
    let often = editor.text
    report("word diff of a 20 KB note, 1 edit", best(300) { _ = WordDiff.spans(from: base, to: once) })
    report("word diff of a 20 KB note, 200 edits", best(300) { _ = WordDiff.spans(from: base, to: often) })
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("text-bench-\(getpid())")
    try Data(base.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    report(
        "open a 20 KB note: read its text",
        try best(300) {
            let bytes = try Data(contentsOf: file)
            precondition(String(validating: bytes, as: UTF8.self)?.utf8.count == base.utf8.count)
        }
    )
    let note = try ApartNote(base: base, edits: 200, seed: 9)
    resetPeak()
    let before = residentBytes()
    _ = try note.exchange()
    report("note 200+200 exchange: peak memory of both", Double(max(0, peakBytes() - before)) / 1_048_576, unit: "MiB")
}

struct NoHistory: TextHistory {
    func node(_ id: ChangeID) throws -> TextNode? { nil }
}

func measureWords(base: String, cases: UInt64) throws {
    var verdict = Verdict()
    for seed in 0..<cases {
        var editors = [NoteEditor(base, tag: "A", seed: seed * 2), NoteEditor(base, tag: "B", seed: seed * 2 + 1)]
        for index in editors.indices { for _ in 0..<200 { editors[index].step() } }
        var first = TextDocument(agent: 1)
        try first.edit([.insert(at: 0, text: base)])
        var second = try TextDocument(agent: 2, decoding: first.encoded())
        try first.setText(editors[0].text)
        try second.setText(editors[1].text)
        try first.merge(second.encoded())
        let one = judge(first.text, base: base, editors: editors)
        verdict.lost += one.lost
        verdict.doubled += one.doubled
        verdict.invented += one.invented
        verdict.missing += one.missing
    }
    report("words lost in \(cases) cases", Double(verdict.lost), unit: "")
    report("words doubled", Double(verdict.doubled), unit: "")
    report("words invented", Double(verdict.invented), unit: "")
    report("words of the base missing", Double(verdict.missing), unit: "")
}
