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
              simulate --steps 200 --push-bytes 200 --aging
            """
    )

    @Option(help: "The seed of the first history.") var seed: UInt64 = 1
    @Option(help: "How many histories.") var histories: UInt64 = 1000
    @Option(help: "Steps in a history.") var steps = 30
    @Option(help: "The most bytes of changes that a device sends at a time; few end pushes in the middle.")
    var pushBytes = Int.max
    @Flag(help: "Let months pass often, so that trash is purged and devices are away for long.") var aging = false
    @Option(help: "How many to play at a time, each in a process of its own.")
    var jobs = ProcessInfo.processInfo.activeProcessorCount
    @Flag(help: "Print the events of each history; plays one at a time.") var verbose = false
    @Flag(help: "Print all steps of a history that fails, not as few as fail.") var whole = false
    @Flag(help: .hidden) var asWorker = false

    func validate() throws {
        guard steps >= 0, pushBytes > 0, (1...1024).contains(jobs), !seed.addingReportingOverflow(histories).overflow
        else {
            throw ValidationError(
                "--steps counts from 0, --push-bytes from 1, --jobs from 1 to 1024, the seeds go up to 2^64 - 1."
            )
        }
    }

    func run() async throws {
        var faults = Faults.all
        faults.maximumPushBytes = pushBytes
        faults.isAging = aging
        var played = Run(seeds: seed..<seed + histories, stepCount: steps, faults: faults)
        if asWorker { return Workers.work(played) }
        let began = ContinuousClock.now
        let hash: UInt64
        if verbose || histories < 2 {
            played.play { events in if verbose { print(events.joined(separator: "\n")) } }
            if let failure = played.failure { try report(failure, faults) }
            hash = played.hash
        } else {
            let workers = Workers(played)
            await workers.play(jobs: jobs)
            if let failure = workers.failure { try report(failure, faults) }
            hash = workers.hash
        }
        let seconds = (ContinuousClock.now - began).components.seconds
        print("\(histories) histories from seed \(seed): all equal, hash \(String(hash, radix: 16)), \(seconds) s")
    }

    private func report(_ failure: Violation, _ faults: Faults) throws -> Never {
        // One that ends the program would end this one as well.
        print(whole || failure.events.isEmpty ? failure : failure.shrunk(stepCount: steps, faults: faults))
        throw ExitCode(1)
    }
}
