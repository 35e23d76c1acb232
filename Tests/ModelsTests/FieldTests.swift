import Models
import Testing

@Suite struct FieldTests {
    @Test func `a field's name means one field within each kind`() {
        for kind in (1...7).map({ RecordKind(rawValue: $0) }) {
            let fields = Field.fields(of: kind)
            #expect(Set(fields.compactMap(\.name)).count == fields.count, "in \(kind)")
            for field in fields {
                #expect(field.name.flatMap { Field(name: $0, of: kind) } == field)
                #expect(field.shape != nil)
            }
        }
    }

    @Test func `each kind has its name, and each name its kind`() {
        for kind in (1...7).map({ RecordKind(rawValue: $0) }) {
            #expect(kind.name.flatMap { RecordKind(name: $0) } == kind)
        }
        #expect(RecordKind(rawValue: 99).name == nil)
        #expect(RecordKind(name: "folder") == nil)
    }

    @Test func `the text and the parent of a kind are fields it has`() {
        for kind in (1...7).map({ RecordKind(rawValue: $0) }) {
            if let field = kind.textField {
                #expect(Field.fields(of: kind).contains(field))
                #expect(field.shape == .merging)
            }
            if let field = kind.parentField {
                #expect(Field.fields(of: kind).contains(field))
                #expect(field.shape == .reference)
            }
        }
    }

    @Test func `a field of a later program has a number and nothing else`() {
        let field = Field(rawValue: 9999)
        #expect(field.name == nil)
        #expect(field.shape == nil)
        #expect(Field(name: "title", of: .note) == nil)
    }

    /// Numbers are part of the format: files and logs hold them.
    @Test func `the numbers of fields and kinds stay what they are`() {
        #expect([Field.title, .tags, .link, .speaker, .text, .body].map(\.rawValue) == [1, 2, 3, 5, 14, 15])
        #expect(
            [Field.organiser, .duration, .noteKind, .from, .target, .taken].map(\.rawValue) == [20, 32, 40, 50, 60, 76]
        )
        #expect(
            [RecordKind.event, .session, .note, .highlight, .comment, .attachment, .device].map(\.rawValue) == [
                1, 2, 3, 4, 5, 6, 7,
            ]
        )
    }
}
