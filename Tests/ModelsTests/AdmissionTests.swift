import Models
import TestSupport
import Testing

/// The rows of the table in docs/sync-protocol.md.
@Suite struct AdmissionTests {
    private static let now: UInt64 = 1_000_000

    /// Any hash: the server's chain has `hash(n)` at sequence n.
    private func hash(_ number: UInt64, fork: UInt8 = 0) -> ContentHash {
        guard number > 0 else { return .zero }
        let bytes = Hexadecimal.bigEndian(number) + [UInt8](repeating: fork, count: 24)
        return ContentHash(bytes: bytes) ?? .zero
    }

    /// A run of `count` changes from `first` on, of which those from `forkedAt` on are others than the server's.
    private func judge(
        first: UInt64,
        count: Int,
        serverHas head: UInt64,
        forkedAt: UInt64 = .max,
        times: [UInt64]? = nil,
        refusedAt: UInt64 = 0
    ) -> Admission {
        let sequences = (0..<count).map { first + UInt64($0) }
        return Admission.judge(
            firstSequence: first,
            previous: hash(first - 1, fork: first - 1 >= forkedAt ? 1 : 0),
            candidates: sequences.enumerated().map { index, sequence in
                Admission.Candidate(
                    time: times?[index] ?? (sequence << 16),
                    hash: hash(sequence, fork: sequence >= forkedAt ? 1 : 0)
                )
            },
            head: Head(replica: ReplicaID(1), sequence: head, hash: hash(head)),
            headTime: head << 16,
            serverMilliseconds: Self.now,
            knownHash: { $0 <= head ? hash($0) : nil },
            wasAhead: { refusedAt > 0 && $0 == hash(refusedAt) }
        )
    }

    @Test(arguments: 0...5 as ClosedRange<UInt64>, 1...4)
    func `what follows the head is accepted`(head: UInt64, count: Int) {
        #expect(judge(first: head + 1, count: count, serverHas: head) == .accept(from: 0))
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>, 1...6)
    func `what is known already is success, and only the rest is appended`(first: UInt64, count: Int) {
        let head: UInt64 = 6
        let known = min(count, Int(head + 1 - first))
        #expect(judge(first: first, count: count, serverHas: head) == .accept(from: known))
    }

    @Test(arguments: 2...9 as ClosedRange<UInt64>)
    func `a gap is answered with where to send from`(first: UInt64) {
        #expect(judge(first: first, count: 1, serverHas: first - 2) == .sendFrom(first - 1))
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>, 1...6 as ClosedRange<UInt64>)
    func `another change under a known number is a fork, with the last one alike`(first: UInt64, fork: UInt64) {
        let verdict = judge(first: first, count: Int(7 - first), serverHas: 6, forkedAt: fork)
        // Where the run begins behind the fork, it does not say where that was.
        #expect(verdict == .forked(common: fork < first ? 0 : fork - 1))
    }

    @Test func `a run that goes on from another change than the head is a fork`() {
        #expect(judge(first: 7, count: 2, serverHas: 6, forkedAt: 6) == .forked(common: 0))
    }

    @Test(arguments: [0, 1, 2])
    func `a stamp far beyond the server's clock is refused by its place`(index: Int) {
        let latest = Self.now + Limits.maximumClockLeadMilliseconds
        let times = (0..<3).map { UInt64($0 < index ? $0 + 1 : Int(latest) + 7 + $0) << 16 }
        #expect(judge(first: 1, count: 3, serverHas: 0, times: times) == .clockAhead(at: index))
    }

    @Test func `what was refused for its stamp once is refused when it comes later, too`() {
        #expect(judge(first: 1, count: 3, serverHas: 0, refusedAt: 2) == .clockAhead(at: 1))
        #expect(judge(first: 1, count: 3, serverHas: 2, refusedAt: 2) == .accept(from: 2))
        #expect(judge(first: 1, count: 3, serverHas: 0, refusedAt: 4) == .accept(from: 0))
    }

    @Test func `a stamp at the bound is accepted, one millisecond beyond is not`() {
        let latest = Self.now + Limits.maximumClockLeadMilliseconds
        #expect(judge(first: 1, count: 1, serverHas: 0, times: [latest << 16 | 0xFFFF]) == .accept(from: 0))
        #expect(judge(first: 1, count: 1, serverHas: 0, times: [(latest + 1) << 16]) == .clockAhead(at: 0))
    }

    @Test func `a known change may lie ahead of the clock: it was accepted when it came`() {
        let far = (Self.now + Limits.maximumClockLeadMilliseconds * 10) << 16
        #expect(judge(first: 1, count: 2, serverHas: 2, times: [far, far + 1]) == .accept(from: 2))
    }

    @Test(arguments: [[5, 5], [5, 4], [1 << 16, 0]] as [[UInt64]])
    func `times that do not rise are refused by number`(times: [UInt64]) {
        #expect(judge(first: 1, count: 2, serverHas: 0, times: times) == .timeNotRising(sequence: 2))
    }

    @Test func `the first new time must lie after the head's`() {
        #expect(judge(first: 3, count: 1, serverHas: 2, times: [2 << 16]) == .timeNotRising(sequence: 3))
        #expect(judge(first: 3, count: 1, serverHas: 2, times: [2 << 16 | 1]) == .accept(from: 0))
    }

    @Test func `an empty run is accepted and appends nothing`() {
        #expect(judge(first: 1, count: 0, serverHas: 0) == .accept(from: 0))
        #expect(judge(first: 2, count: 0, serverHas: 4) == .accept(from: 0))
    }
}
