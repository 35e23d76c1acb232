import ArgumentParser
import Models

/// What every command takes.
struct CommonOptions: ParsableArguments {
    @Flag(help: "Print JSON for scripts (docs/cli-json.md).")
    var json = false

    @Flag(help: "Print one record a line, cells parted by tabs.")
    var plain = false

    @Option(help: ArgumentHelp("When to use colours: auto, always or never.", valueName: "when"))
    var color: ColorChoice = .auto
}

extension ColorChoice: ExpressibleByArgument {}

/// A command that works on the notebook of this device, without a network.
protocol NotebookCommand: ParsableCommand {
    var options: CommonOptions { get }

    func run(on device: Device, printing printer: Printer) throws
}

extension NotebookCommand {
    func run() throws {
        try Device.serving(options.json, options.plain, options.color) { try run(on: $0, printing: $1) }
    }
}

extension Device {
    /// Runs a command's work on the device that the environment names.
    static func serving(
        _ isJSON: Bool,
        _ isPlain: Bool,
        _ color: ColorChoice,
        _ body: (Device, Printer) throws -> Void
    ) throws {
        try ExitStatus.reporting {
            let environment = ProcessEnvironment.current()
            let printer = Printer(
                terminal: .current(environment: environment, color: color),
                isJSON: isJSON,
                isPlain: isPlain
            )
            let device = Device(home: try DeviceHome(environment: environment), environment: environment)
            do {
                try body(device, printer)
            } catch {
                // What was printed before is true and may be waited for.
                try? printer.flush()
                throw error
            }
            try printer.flush()
        }
    }
}
