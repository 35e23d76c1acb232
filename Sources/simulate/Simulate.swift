import ArgumentParser
import Simulation

@main
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Plays histories of devices, a server and faults, and checks that everybody ends up equal.",
        discussion: """
            Each history is decided by its seed: the same seed gives the same history, always.

              simulate --histories 20000
              simulate --seed 4711 --histories 1 --verbose
            """
    )

    @Option(help: "The seed of the first history.") var seed: UInt64 = 1
    @Option(help: "How many histories.") var histories = 1000
    @Option(help: "Steps in a history.") var steps = 60
    @Flag(help: "Print the events of each history.") var verbose = false

    func run() throws {
        var hash: UInt64 = 0
        for offset in 0..<UInt64(max(0, histories)) {
            var world = try World(seed: seed &+ offset)
            do {
                try world.play(stepCount: steps)
            } catch let violation as Violation {
                print(violation)
                throw ExitCode(1)
            } catch {
                print("seed \(seed &+ offset): \(error)")
                world.events.forEach { print("  \($0)") }
                throw ExitCode(1)
            }
            if verbose { world.events.forEach { print($0) } }
            for event in world.events { for byte in event.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 } }
        }
        print("\(histories) histories from seed \(seed): all equal, hash \(String(hash, radix: 16))")
    }
}
