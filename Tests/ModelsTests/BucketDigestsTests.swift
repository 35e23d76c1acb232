import Models
import Testing

@Suite struct BucketDigestsTests {
    private static func record(_ number: UInt64) -> RecordDigest {
        let word = number &* 0x9E37_79B9_7F4A_7C15
        let bytes = (0..<32).map { UInt8(truncatingIfNeeded: word >> UInt64($0 % 8 * 8)) ^ UInt8($0) }
        return RecordDigest(
            record: RecordID(milliseconds: number, random: (word, word)),
            digest: ContentHash(bytes: bytes) ?? .zero
        )
    }

    private static let records = (1...500).map { record($0) }

    private func buckets(_ records: some Sequence<RecordDigest>) -> BucketDigests {
        var buckets = BucketDigests()
        for record in records { buckets.toggle(record) }
        return buckets
    }

    @Test func `the order of records does not matter, and twice is not at all`() {
        let all = buckets(Self.records)
        #expect(buckets(Self.records.reversed()) == all)
        #expect(buckets(Self.records + Self.records) == BucketDigests())
        #expect(BucketDigests(all.digests) == all)
        #expect(BucketDigests(Array(all.digests.dropLast())) == nil)
    }

    @Test(arguments: [0, 1, 7, 499, 500])
    func `parts add up to the whole`(count: Int) {
        var sum = buckets(Self.records.prefix(count))
        sum.add(buckets(Self.records.dropFirst(count)))
        #expect(sum == buckets(Self.records))
    }

    @Test func `one record that differs is found in its bucket`() {
        let all = buckets(Self.records)
        for record in Self.records.prefix(50) {
            var other = all
            other.toggle(record)
            #expect(all.differing(from: other) == [BucketDigests.bucket(of: record.record)])
        }
        #expect(all.differing(from: all).isEmpty)
    }

    @Test func `spans that touch are one, in whatever order they come`() {
        let (one, two) = (ReplicaID(1), ReplicaID(2))
        let spans = [
            ChangeSpan(replica: two, first: 1, last: 1), ChangeSpan(replica: one, first: 4, last: 6),
            ChangeSpan(replica: one, first: 1, last: 3), ChangeSpan(replica: one, first: 2, last: 5),
            ChangeSpan(replica: one, first: 8, last: 8), ChangeSpan(replica: one, first: .max, last: .max),
        ]
        let joined = [
            ChangeSpan(replica: one, first: 1, last: 6), ChangeSpan(replica: one, first: 8, last: 8),
            ChangeSpan(replica: one, first: .max, last: .max), ChangeSpan(replica: two, first: 1, last: 1),
        ]
        #expect(ChangeSpan.joined(spans) == joined)
        #expect(ChangeSpan.joined(spans.reversed()) == joined)
    }
}
