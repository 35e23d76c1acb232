import EgWalker
import Foundation
import Models
import Store
import Synchronization
import TestSupport
import Testing
import Wire

@Suite struct SavingTests {
    private let folder: TemporaryFolder
    private var path: String { folder.file("notes.webinar") }

    init() throws { folder = try TemporaryFolder() }

    @Test func `a save is in the log and in the state, also after the file is opened again`() throws {
        let id: RecordID
        do {
            let device = try Device(seed: 1, path: path)
            id = try device.add("Opening words")
            try device.edit(id, "Opening words, corrected")
            try device.store.close()
        }
        let again = try Device(seed: 2, path: path)
        #expect(try again.text(id) == "Opening words, corrected")
        #expect(try again.log().count == 2)
        #expect(try again.store.check().findings == [])
    }

    @Test func `a commit that fails leaves neither log nor state nor digest changed`() throws {
        struct PowerCut: Error {}
        let isOn = Switch()
        let device = try Device(seed: 1, path: path) { if isOn.value { throw PowerCut() } }
        let id = try device.add("safe")
        let before = (try device.log(), try device.digest)
        isOn.value = true
        #expect(throws: PowerCut.self) { try device.edit(id, "lost") }
        #expect(throws: PowerCut.self) { _ = try device.add("lost, too") }
        #expect(throws: PowerCut.self) { try device.store.write { try $0.setPeer(Peer(clockOffset: 7)) } }
        isOn.value = false
        #expect(try device.log() == before.0)
        #expect(try device.digest == before.1)
        #expect(try device.text(id) == "safe")
        #expect(try device.store.read { try $0.peer() } == nil)
        try device.edit(id, "goes on")
        #expect(try device.text(id) == "goes on")
        #expect(try device.store.check().findings == [])
    }

    @Test func `what throws inside a transaction undoes all of it`() throws {
        struct Changed: Error {}
        let device = try Device(seed: 1)
        let id = try device.add("first")
        #expect(throws: Changed.self) {
            try device.store.write { writer in
                try writer.change(id) { [$0.setting(.speaker, to: .text("Ana"))].compactMap { $0 } }
                throw Changed()
            }
        }
        #expect(try device.state(id)?.text(.speaker) == nil)
        #expect(try device.log().count == 1)
    }

    @Test func `a transaction sees its own changes`() throws {
        let device = try Device(seed: 1)
        try device.store.write { writer in
            let id = try writer.create(.note, [StoreWriter.firstEdit(.body, "one")])
            #expect(try writer.reader.record(id)?.text == "one")
            try writer.change(id) { state in try writer.edit(.body, of: state, to: "two").map { [$0] } ?? [] }
            #expect(try writer.reader.record(id)?.text == "two")
            #expect(try writer.reader.handle(of: id).utf8.count == 4)
        }
    }

    @Test func `a save that changes nothing writes nothing`() throws {
        let device = try Device(seed: 1)
        let id = try device.add("same")
        try device.edit(id, "same")
        try device.change(id) { [$0.setting(.speaker, to: .none), $0.restoring(), $0.excluding("x", from: .tags)] }
        #expect(try device.log().count == 1)
    }

    @Test(arguments: ["\0", "before\0after"])
    func `U+0000 is refused before anything is written`(text: String) throws {
        let device = try Device(seed: 1, path: path)
        let id = try device.add("safe")
        #expect(throws: StoreError.invalid(InvalidChange(.textHasNull))) { _ = try device.add(text) }
        #expect(throws: StoreError.invalid(InvalidChange(.textHasNull))) { try device.edit(id, text) }
        #expect(throws: StoreError.invalid(InvalidChange(.textHasNull))) {
            try device.change(id) { [$0.setting(.speaker, to: .text(text))] }
        }
        #expect(try device.text(id) == "safe")
        #expect(try device.log().count == 1)
    }

    @Test(arguments: [
        "", "\u{FEFF}begins with a mark", "e\u{301} is not é", "\r\n\t", "שלום \u{202E}dlrow", "日本語と中文", "👩‍👩‍👧",
        "\u{10FFFF}\u{1}", "line\nline\n\n",
    ])
    func `text is kept byte for byte`(text: String) throws {
        let id: RecordID
        do {
            let device = try Device(seed: 1, path: path)
            id = try device.add("x")
            try device.edit(id, text)
            try device.change(id) {
                [$0.setting(.speaker, to: .text(text)), $0.including(ExactString(text), in: .tags)]
            }
            try device.store.close()
        }
        let again = try Device(seed: 2, path: path)
        #expect(try again.text(id).map { Array($0.utf8) } == Array(text.utf8))
        let state = try #require(try again.state(id))
        #expect(state.text(.speaker).map { Array($0.utf8) } == Array(text.utf8))
        #expect(state.elements(.tags).map { Array($0.string.utf8) } == [Array(text.utf8)])
    }

    @Test func `spellings that look the same are two tags, and both can be removed`() throws {
        let device = try Device(seed: 1)
        let id = try device.add("x")
        try device.change(id) { [$0.including("é", in: .tags)] }
        try device.change(id) { [$0.including("e\u{301}", in: .tags)] }
        #expect(try device.state(id)?.elements(.tags).count == 2)
        try device.change(id) { [$0.excluding("é", from: .tags)] }
        #expect(try device.state(id)?.elements(.tags) == ["e\u{301}"])
    }

    @Test func `a combining mark typed behind a letter is one more scalar, not another letter`() throws {
        let device = try Device(seed: 1)
        let id = try device.add("cafe")
        try device.edit(id, "cafe\u{301}")
        try device.edit(id, "cafe\u{301}\u{301}!")
        #expect(try device.text(id).map { Array($0.unicodeScalars) } == Array("cafe\u{301}\u{301}!".unicodeScalars))
    }

    @Test func `a text of ten megabytes is saved, edited and read`() throws {
        let device = try Device(seed: 1, path: path)
        let line = "Zwölf Boxkämpfer, 十二. "
        let long = String(String(repeating: line, count: Limits.maximumTextBytes / line.utf8.count))
        let id = try device.add(long)
        try device.edit(id, long + "End.")
        #expect(try device.text(id)?.utf8.count == long.utf8.count + 4)
        #expect(throws: StoreError.invalid(InvalidChange(.textTooLong))) {
            _ = try device.add(String(repeating: "a", count: Limits.maximumTextBytes + 1))
        }
    }

    @Test func `unknown records and handles are named`() throws {
        let device = try Device(seed: 1)
        let unknown = RecordID(milliseconds: 1, random: (2, 3))
        #expect(throws: StoreError.notFound("\(unknown)")) { try device.change(unknown) { [$0.deleting()] } }
        #expect(throws: StoreError.notFound("\(unknown)")) { try device.store.read { try $0.resolve("\(unknown)") } }
        for name in ["zzzz", "", "ä", "not a handle"] {
            #expect(throws: StoreError.notFound(name)) { try device.store.read { try $0.resolve(name) } }
        }
    }
}

/// On or off, from any thread.
final class Switch: Sendable {
    private let state = Mutex(false)
    var value: Bool {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
