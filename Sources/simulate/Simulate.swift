import ArgumentParser
import Foundation
import Simulation

@main
struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Plays histories of devices, a server and faults, and checks that everybody ends up equal.",
        discussion: """
            Each history is decided by its seed: the same seed gives the same history, always. One that breaks a law is
            printed with as few steps as break it still.

              simulate --histories 20000
              simulate --seed 4711 --histories 1 --verbose
            """
    )

    @Option(help: "The seed of the first history.") var seed: UInt64 = 1
    @Option(help: "How many histories.") var histories: UInt64 = 1000
    @Option(help: "Steps in a history.") var steps = 30
    @Option(help: "How many to play at a time, each in a process of its own.")
    var jobs = ProcessInfo.processInfo.activeProcessorCount
    @Flag(help: "Print the events of each history; plays one at a time.") var verbose = false
    @Flag(help: "Print all steps of a history that fails, not as few as fail.") var whole = false
    @Flag(help: .hidden) var asWorker = false

    func validate() throws {
        guard steps >= 0, (1...1024).contains(jobs), !seed.addingReportingOverflow(histories).overflow else {
            throw ValidationError("--steps counts from 0, --jobs from 1 to 1024, the seeds go up to 2^64 - 1.")
        }
    }

    func run() async throws {
        let seeds = seed..<seed + histories
        if asWorker { return Workers.work(seeds, stepCount: steps) }
        let began = ContinuousClock.now
        let hash: UInt64
        if verbose || histories < 2 {
            var run = Run(seeds: seeds, stepCount: steps)
            run.play { events in if verbose { print(events.joined(separator: "\n")) } }
            if let failure = run.failure { try report(failure) }
            hash = run.hash
        } else {
            let workers = Workers(seeds: seeds, stepCount: steps)
            await workers.play(jobs: jobs)
            if let outcome = workers.failure { try report(outcome) }
            hash = workers.hash
        }
        let seconds = (ContinuousClock.now - began).components.seconds
        print("\(histories) histories from seed \(seed): all equal, hash \(String(hash, radix: 16)), \(seconds) s")
    }

    private func report(_ failure: Violation) throws -> Never {
        // One that ends the program would end this one as well.
        print(whole || failure.events.isEmpty ? failure : failure.shrunk(stepCount: steps))
        throw ExitCode(1)
    }
}
