import Models
import TestSupport
import Testing

@Suite struct HandleTests {
    private static let alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

    private func id(_ low: UInt64) -> RecordID { RecordID(milliseconds: 7, random: (0, low)) }

    @Test(arguments: Seeds.some)
    func `every prefix of a handle finds its record`(seed: UInt64) throws {
        var chance = Chance(seed: seed)
        let id = id(chance.next())
        for length in 1...Handle.fullLength {
            let text = Handle.text(of: id, length: length)
            #expect(text.utf8.count == length)
            #expect(text.allSatisfy(Self.alphabet.contains))
            let keys = try #require(Handle.keys(startingWith: text))
            #expect(keys.contains(Handle.key(of: id)))
        }
    }

    @Test(arguments: Seeds.some)
    func `a prefix means exactly the keys that begin with it`(seed: UInt64) throws {
        var chance = Chance(seed: seed)
        let one = id(chance.next())
        let other = id(chance.next())
        for length in 1...Handle.fullLength {
            let prefix = Handle.text(of: one, length: length)
            let keys = try #require(Handle.keys(startingWith: prefix))
            #expect(keys.contains(Handle.key(of: other)) == (Handle.text(of: other, length: length) == prefix))
        }
    }

    @Test func `neighbouring ranges touch and do not overlap`() throws {
        var last: Int64 = -1
        for digit in Self.alphabet {
            let keys = try #require(Handle.keys(startingWith: "z\(digit)"))
            if last >= 0 { #expect(keys.lowerBound == last + 1) }
            last = keys.upperBound
        }
        #expect(last == Handle.keys(startingWith: "z")?.upperBound)
        #expect(Handle.keys(startingWith: "0")?.lowerBound == 0)
        #expect(Handle.keys(startingWith: "z")?.upperBound == (1 << 60) - 1)
    }

    @Test(arguments: [("O0I1", "0011"), ("oLl8", "0118"), ("ABCD", "abcd")])
    func `a handle is read as Crockford asks`(typed: String, meant: String) {
        #expect(Handle.keys(startingWith: typed) == Handle.keys(startingWith: meant))
    }

    @Test(arguments: ["", "u", "abc-d", "ä", "0123456789abc", " 1"])
    func `what is no handle means nothing`(text: String) {
        #expect(Handle.keys(startingWith: text) == nil)
    }

    @Test(arguments: 0...12)
    func `a handle is one character longer than what it shares with a neighbour`(shared: Int) {
        let key: Int64 = 0x0AAA_AAAA_AAAA_AAAA
        let other = shared == 12 ? key : key ^ (1 << Int64(59 - 5 * shared))
        let length = Handle.length(of: key, before: nil, after: other)
        #expect(length == min(max(shared + 1, Handle.shortestLength), Handle.fullLength))
        #expect(Handle.length(of: key, before: other, after: nil) == length)
    }

    @Test func `a record alone has the shortest handle`() {
        #expect(Handle.length(of: 5, before: nil, after: nil) == Handle.shortestLength)
    }

    @Test(arguments: Seeds.some)
    func `handles of that length are unique among any records`(seed: UInt64) {
        var chance = Chance(seed: seed)
        // Few bits, so that neighbours share many digits.
        let ids = Set(
            (0..<40).map { _ in id((chance.next() & 0x3) << 60 | (chance.next() & 0x7) << 30 | chance.next() & 0x3C) }
        )
        let keys = ids.map(Handle.key).sorted()
        let handles = ids.map { id in
            let key = Handle.key(of: id)
            let length = Handle.length(
                of: key,
                before: keys.last { $0 < key },
                after: keys.first { $0 > key }
            )
            return Handle.text(of: id, length: length)
        }
        for (one, handle) in zip(ids, handles) {
            let found = ids.filter { Handle.keys(startingWith: handle)?.contains(Handle.key(of: $0)) == true }
            #expect(found.map(Handle.key) == [Handle.key(of: one)], "seed \(seed)")
        }
    }
}
