import Models
import Store
import SyncClient
import TestSupport
import Testing
import Wire

/// What becomes of words that were typed into a record that others purged, and mostly forgot.
extension TrashTests {
    /// A note that `one` has nothing of any more, and that `two` edits, who sends that and is cut off before the answer.
    func editWhatOthersForgot() throws -> RecordID {
        let id = try one.add("The whole of the note.")
        try one.store.write { try $0.change(id) { [$0.including("rust", in: .tags)].compactMap { $0 } } }
        for device in [one, two, one] { try device.sync(server) }
        try remove(id, on: one)
        try pass(days: 220, syncing: [one])
        #expect(try !holds("The whole", one.store))
        try two.edit(id, "The whole of the unforgettable note.")
        _ = try server.answer(try two.session().request())
        return id
    }

    @Test func `of an edit upon what nobody has any more the typed words stay`() throws {
        let id = try editWhatOthersForgot()
        try one.sync(server)
        let text = try #require(try one.text(id))
        #expect(text.contains("unforgettable"), "\(text)")
        try expectWhole(server.store, one.store)
    }

    @Test func `words that were salvaged beside what somebody typed give way to the whole, too`() throws {
        let id = try editWhatOthersForgot()
        // The note is blank as long as nobody wrote it again.
        let answer = try server.answer(one.session().request())
        try one.store.write { writer in for run in answer.runs { try writer.append(run) } }
        #expect(try one.text(id) == "")
        try one.edit(id, "Beside.")
        #expect(try one.sync(server).revivedCount == 1)
        #expect(try one.text(id) == "Beside.\n unforgettable")
        for device in [two, one] { #expect(try device.sync(server).isLevel) }
        let text = try #require(try one.text(id))
        #expect(
            text.split(separator: "unforgettable").count == 2 && text.split(separator: "Beside.").count == 1,
            "\(text)"
        )
        try expectWhole(server.store, one.store, two.store)
    }

    @Test(arguments: [nil, "The unforgettable words."])
    func `the typed words that others wrote again give way to the whole once its author comes`(edited: String?) throws {
        let id = try editWhatOthersForgot()
        #expect(try one.sync(server).revivedCount == 1)
        if let edited {
            try one.edit(id, "Some unforgettable note")
            try one.edit(id, edited)
        }
        try one.sync(server)
        #expect(try two.sync(server).revivedCount == 1)
        for device in [one, two] { #expect(try device.sync(server).revivedCount == 0) }
        let text = try #require(try one.text(id))
        #expect(text.hasPrefix("The whole of the unforgettable note."), "\(text)")
        let first = "The whole of the unforgettable note."
        #expect(text == (edited == nil ? first : first + "\nThe  words."))
        #expect(text.split(separator: "unforgettable").count == 2, "\(text)")
        #expect(try one.store.read { try $0.record(id)?.state.elements(.tags) } == ["rust"])
        try expectWhole(server.store, one.store, two.store)
    }

    @Test func `what is salvaged after its author wrote the whole again goes`() throws {
        let three = try TestDevice(seed: 3)
        let id = try one.add("The whole of the note.")
        for device in [one, two, three] { try device.sync(server) }
        try remove(id, on: one)
        try pass(days: 220, syncing: [one])
        three.machine.now = one.machine.now
        let new = try TestDevice(seed: 4)
        new.machine.now = one.machine.now
        #expect(try new.sync(server).isLevel)
        try two.edit(id, "The whole of the unforgettable note.")
        _ = try server.answer(try two.session().request())
        // Reads the edit, salvages its words, and is cut off before it sends them.
        var session = new.session()
        let request = try session.request()
        _ = try session.take(try server.answer(request), to: request, tookMilliseconds: 1)
        #expect(try new.text(id)?.contains("unforgettable") == true)
        #expect(try two.sync(server).revivedCount == 1)
        for _ in 0..<2 { for device in [new, two, one, three] { try device.sync(server) } }
        for device in [new, two, one, three] {
            let text = try #require(try device.text(id))
            #expect(text == "The whole of the unforgettable note.")
            #expect(try device.sync(server).revivedCount == 0)
        }
        try expectWhole(server.store, one.store, two.store, new.store, three.store)
    }

    /// One exchange of `device`, which is cut off before it sends what it wrote then.
    private func exchangeOnce(_ device: TestDevice) throws {
        var session = device.session()
        let request = try session.request()
        _ = try session.take(try server.answer(request), to: request, tookMilliseconds: 1)
    }

    /// A third device that has read what is there.
    private func third() throws -> TestDevice {
        let three = try TestDevice(seed: 3)
        three.machine.now = one.machine.now
        try three.sync(server)
        return three
    }

    /// A note that `one` deletes, and purges in so many days, while `two` and a third who have it are away.
    private func purge(_ text: String, days: Int) throws -> (RecordID, TestDevice) {
        let id = try one.add(text)
        try one.sync(server)
        let three = try third()
        for device in [two, one] { try device.sync(server) }
        try remove(id, on: one)
        try pass(days: days, syncing: [one])
        three.machine.now = one.machine.now
        return (id, three)
    }

    private func expectLevel(_ devices: TestDevice...) throws {
        for _ in 0..<2 { for device in devices { try device.sync(server) } }
        for device in devices {
            let report = try device.sync(server)
            #expect(report.isLevel && report.revivedCount == 0)
            try expectWhole(server.store, device.store)
        }
    }

    @Test func `salvaged words that were purged themselves hold up nobody's sync`() throws {
        let id = try one.add("The whole of the note.")
        for device in [one, two, one] { try device.sync(server) }
        try remove(id, on: one)
        try pass(days: 220, syncing: [one])
        try two.edit(id, "The whole of the unforgettable note.")
        try exchangeOnce(two)
        #expect(try one.sync(server).revivedCount == 1)
        try remove(id, on: one)
        try pass(days: 33, syncing: [one])
        #expect(try one.store.read { try $0.record(id)?.state.isPurged } == true)
        try expectLevel(two, one)
    }

    @Test func `a word that was typed into what is forgotten stays, whoever writes the rest again`() throws {
        let id = try one.add("The whole of the note.")
        try one.sync(server)
        let three = try third()
        try one.edit(id, "The whole of the note.\nA paragraph that was appended.")
        for device in [one, two, one] { try device.sync(server) }
        try remove(id, on: one)
        try pass(days: 220, syncing: [one])
        three.machine.now = one.machine.now
        // Sends its edit, and never comes back.
        try two.edit(id, "The whole of the note.\nA paragraph that was unforgettably appended.")
        _ = try server.answer(try two.session().request())
        #expect(try three.sync(server).revivedCount == 1)
        try expectLevel(one, three)
        let text = try #require(try one.text(id))
        #expect(text.hasPrefix("The whole of the note.") && text.contains("unforgettably"), "\(text)")
    }

    @Test func `salvaged words go only where they stand already`() throws {
        let (id, three) = try purge("The whole of the note.", days: 220)
        try two.edit(id, "The whole of the unforgettable note.")
        try exchangeOnce(two)
        try three.edit(id, "The whole of the note, irretrievable.")
        _ = try server.answer(try three.session().request())
        #expect(try one.sync(server).revivedCount == 1)
        try expectLevel(two, one)
        let text = try #require(try one.text(id))
        for word in ["unforgettable", "irretrievable"] {
            #expect(text.split(separator: word, omittingEmptySubsequences: false).count == 2, "\(text)")
        }
    }

    @Test func `what a person writes beside salvaged words stays as it is`() throws {
        let id = try one.add("The whole of the note.")
        for device in [one, two, one] { try device.sync(server) }
        try remove(id, on: one)
        try pass(days: 220, syncing: [one])
        try two.edit(id, "The whole of the note. a")
        _ = try server.answer(try two.session().request())
        #expect(try one.sync(server).revivedCount == 1)
        let salvaged = try #require(try one.text(id))
        try one.edit(id, "What about all this?" + salvaged)
        for device in [one, two] { try device.sync(server) }
        try expectLevel(one, two)
        #expect(try one.text(id) == "The whole of the note. a\nWhat about all this?")
    }

    @Test(arguments: [0, 33])
    func `who deletes a record knowing all that people did to it has the last word`(daysLater: Int) throws {
        let (id, three) = try purge("The whole of the note.", days: 31)
        try two.edit(id, "The whole of the long note.")
        _ = try server.answer(try two.session().request())
        // Writes the note again, and is cut off before that is sent.
        try exchangeOnce(three)
        #expect(try three.text(id) == "The whole of the long note.")
        #expect(try one.sync(server).revivedCount == 1)
        try remove(id, on: one)
        try one.sync(server)
        try pass(days: daysLater, syncing: [one])
        try expectLevel(three, one, two)
        let state = try #require(try one.store.read { try $0.record(id)?.state })
        #expect(state.isDeleted)
    }

    @Test func `what was written again and purged once more is written again whole`() throws {
        let (id, three) = try purge("The whole of the note.", days: 31)
        try two.edit(id, "The whole of the long note.")
        #expect(try two.sync(server).revivedCount == 1)
        try three.edit(id, "The whole of the note, irretrievable.")
        _ = try server.answer(try three.session().request())
        try exchangeOnce(two)
        let appended = try #require(try two.text(id))
        #expect(appended.contains("irretrievable"))
        try two.edit(id, appended + " And more.")
        #expect(try one.sync(server).revivedCount == 1)
        try remove(id, on: one)
        try pass(days: 33, syncing: [one])
        #expect(try one.store.read { try $0.record(id)?.state.isPurged } == true)
        try expectLevel(two, one)
        #expect(try one.text(id) == "The whole of the long note, irretrievable. And more.")
    }

    @Test func `what a person did to a note stands as they left it, though it was purged and written again meanwhile`()
        throws
    {
        let (id, three) = try purge("The first whole of the note.", days: 31)
        try two.edit(id, "The first whole of the long note.")
        #expect(try two.sync(server).revivedCount == 1)
        try three.edit(id, "The whole, irretrievable, of the note.")
        try expectLevel(three, two, one)
        #expect(try one.text(id) == "The whole, irretrievable, of the long note.")
    }

    @Test func `so has who deletes what took the place of salvaged words`() throws {
        let (id, three) = try purge("The whole of the note.", days: 220)
        try two.edit(id, "The whole of the long note.")
        _ = try server.answer(try two.session().request())
        #expect(try one.sync(server).revivedCount == 1)
        // Writes the whole in their place, and is cut off before that is sent.
        try exchangeOnce(three)
        #expect(try three.text(id) == "The whole of the long note.")
        try remove(id, on: one)
        try one.sync(server)
        try expectLevel(three, one)
        #expect(try trash(one.store) == [id])
    }

    @Test func `who has the note writes it again, though others forgot that they had written it again`() throws {
        let (id, three) = try purge("The whole of the note.", days: 31)
        try three.edit(id, "The whole of the long note.")
        #expect(try three.sync(server).revivedCount == 1)
        try one.sync(server)
        try remove(id, on: one)
        try pass(days: 220, syncing: [one])
        two.machine.now = one.machine.now
        try two.edit(id, "The whole of the unforgettable note.")
        #expect(try two.sync(server).revivedCount == 1)
        try expectLevel(two, one)
        let text = try #require(try one.text(id))
        #expect(text.hasPrefix("The whole of the unforgettable note."), "\(text)")
    }
}
