import ArgumentParser
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
    @Option(help: "How many to play at a time, at most one on each processor.") var jobs = 64
    @Flag(help: "Print the events of each history.") var verbose = false
    @Flag(help: "Print all steps of a history that fails, not as few as fail.") var whole = false

    func validate() throws {
        guard steps >= 0, (1...1024).contains(jobs) else {
            throw ValidationError("--steps counts from 0, --jobs from 1 to 1024.")
        }
    }

    func run() async throws {
        let began = ContinuousClock.now
        let prints = verbose
        let run = Run(first: seed, count: histories, stepCount: steps) { events in
            if prints { print(events.joined(separator: "\n")) }
        }
        await run.play(jobs: jobs)
        if let failure = run.failure {
            print(whole ? failure : failure.shrunk(stepCount: steps))
            throw ExitCode(1)
        }
        let seconds = (ContinuousClock.now - began).components.seconds
        let hash = String(run.hash, radix: 16)
        print("\(histories) histories from seed \(seed): all equal, hash \(hash), \(seconds) s")
    }
}
