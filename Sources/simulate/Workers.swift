import Foundation
import Simulation
import Synchronization

/// Processes that play a run's histories side by side, some at a time.
///
/// Threads would wait for each other more than they play: all connections of one process share SQLite's allocator.
final class Workers: Sendable {
    private struct State {
        var left: Range<UInt64>
        var hash: UInt64 = 0
        var failure: Violation?
    }

    private let state: Mutex<State>
    private let run: Run

    /// Histories that one process plays: some seconds' worth, against some milliseconds to begin with.
    private static let shareCount: UInt64 = 1000

    init(_ run: Run) {
        state = Mutex(State(left: run.seeds))
        self.run = run
    }

    /// Over all events of all histories.
    var hash: UInt64 { state.withLock(\.hash) }

    /// The failure with the lowest seed; nil if there is none.
    var failure: Violation? { state.withLock(\.failure) }

    /// Plays until all shares are played, or those that were begun when one failed.
    func play(jobs: Int) async {
        let count = state.withLock { UInt64($0.left.count) }
        let share = max(1, min(Self.shareCount, (count + UInt64(jobs) - 1) / UInt64(jobs)))
        await withTaskGroup { group in
            for _ in 0..<jobs {
                group.addTask {
                    while let seeds = self.next(share) { await self.note(await self.outcome(of: seeds), seeds) }
                }
            }
        }
    }

    private func next(_ share: UInt64) -> Range<UInt64>? {
        state.withLock { state in
            guard state.failure == nil, let first = state.left.first else { return nil }
            let end = state.left.upperBound - first > share ? first + share : state.left.upperBound
            state.left = end..<state.left.upperBound
            return first..<end
        }
    }

    private func note(_ outcome: Outcome, _ seeds: Range<UInt64>) async {
        let failure: Violation?
        switch outcome {
        case .equal(let hash): return state.withLock { $0.hash &+= hash }
        case .broken(let seed): failure = World.violation(seed: seed, steps: 0..<run.stepCount, faults: run.faults)
        case .ended(let how):
            failure = await seedThatEnds(seeds).map { Violation(seed: $0, law: "the program ends: \(how)") }
        }
        let fallback = Violation(seed: seeds.lowerBound, law: "a history broke a law once, and not again")
        state.withLock { state in
            let found = failure ?? fallback
            if found.seed < state.failure?.seed ?? .max { state.failure = found }
        }
    }

    /// The first history that ends its process, or hangs, when it is played alone.
    private func seedThatEnds(_ seeds: Range<UInt64>) async -> UInt64? {
        for seed in seeds {
            if case .ended = await outcome(of: seed..<seed + 1) { return seed }
        }
        return nil
    }

    // MARK: One process

    private enum Outcome: Sendable {
        case equal(hash: UInt64)
        case broken(seed: UInt64)
        case ended(String)

        /// As a worker prints it.
        var line: String {
            switch self {
            case .equal(let hash): "equal \(hash)"
            case .broken(let seed): "broken \(seed)"
            case .ended(let how): how
            }
        }

        init?(line: some StringProtocol) {
            let words = line.split(separator: " ")
            guard words.count == 2, let number = UInt64(words[1]) else { return nil }
            switch words[0] {
            case "equal": self = .equal(hash: number)
            case "broken": self = .broken(seed: number)
            default: return nil
            }
        }
    }

    /// What a worker's process does.
    static func work(_ run: Run) {
        var run = run
        run.play()
        let outcome = run.failure.map { Outcome.broken(seed: $0.seed) } ?? .equal(hash: run.hash)
        print(outcome.line)
    }

    private func outcome(of seeds: Range<UInt64>) async -> Outcome {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe")
        process.arguments = [
            "--as-worker", "--seed", "\(seeds.lowerBound)", "--histories", "\(seeds.count)",
            "--steps", "\(run.stepCount)", "--push-bytes", "\(run.faults.maximumPushBytes)",
        ]
        if run.faults.isAging { process.arguments?.append("--aging") }
        process.standardOutput = output
        // A history takes some milliseconds.
        DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(60 + seeds.count)) {
            if process.isRunning { process.terminate() }
        }
        return await withCheckedContinuation { continuation in
            process.terminationHandler = { ended in
                let bytes = output.fileHandleForReading.readDataToEndOfFile()
                let line = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .newlines)
                let how = "\(ended.terminationReason == .exit ? "status" : "signal") \(ended.terminationStatus)"
                continuation.resume(returning: Outcome(line: line) ?? .ended(how))
            }
            do { try process.run() } catch { continuation.resume(returning: .ended("\(error)")) }
        }
    }
}
