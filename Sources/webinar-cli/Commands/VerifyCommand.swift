import ArgumentParser
import Models
import Store
import SyncClient

struct VerifyCommand: NetworkCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Look whether this device and its server hold the same, and repair what is damaged.",
        discussion: """
              webinar verify
              webinar verify --repair
              webinar verify --repair --json
              webinar verify --local                     this device alone

            Looks at everything here as `webinar doctor` does, then compares with the
            server: its log, and the state of each record in 256 buckets. Sends and
            keeps nothing. What waits to be sent or read is no damage, and is said.

            With --repair, what follows from the rest is put right, a turned byte is
            found by its hash, lost bytes come from the side that has them, and a state
            that is not what its log adds up to is built anew. Nothing is deleted, and
            nothing is taken over that a hash does not prove. Cut off at any point, the
            next one goes on from there.

            Exit status 0 if all is equal or only waits for a sync, 74 if something is
            damaged, 75 if the server could not be asked.
            """
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var connection: ConnectionChoice
    @Flag(help: "Put right what is found, here and on the server.")
    var repair = false
    @Flag(help: "Look at this device alone.")
    var local = false

    func validate() throws {
        if local, connection.connect != nil { throw ValidationError("Either --local, or --connect for the server.") }
    }

    func run(on device: Device, printing printer: Printer) async throws {
        let address = try connection.address()
        let engine = VerifyEngine(store: try device.store(), repairs: repair)
        let shows = printer.terminal.showsProgress && !printer.isJSON
        let onStep: VerifyEngine.OnStep = { step in if shows { StandardError.write([step.words]) } }
        var report = try engine.runHere(onStep)
        let server = try linkedServer(of: device)
        var failure: (any Error)?
        if let server {
            do {
                report = try await compare(report, engine, server, address, device, onStep)
            } catch let error as ConnectionError {
                failure = error
            } catch let error as VerifyError {
                failure = error
            }
        }
        let text = VerifyText(report: report, repairs: repair, server: server.map { "\(address ?? $0.address)" })
        try text.print(isAsked: failure == nil, on: printer)
        try printer.flush()
        try text.refuse(device)
        if let failure { throw VerifyErrorText.explained(failure) }
    }

    /// Nil where this device works without one, or is to be looked at alone.
    private func linkedServer(of device: Device) throws -> LinkedServer? {
        if local { return nil }
        guard connection.connect == nil else { return try device.server() }
        return try SmallFile.read(device.home.server) == nil ? nil : try device.server()
    }

    private func compare(
        _ report: VerifyReport,
        _ engine: VerifyEngine,
        _ server: LinkedServer,
        _ address: ServerAddress?,
        _ device: Device,
        _ onStep: VerifyEngine.OnStep
    ) async throws -> VerifyReport {
        let home = device.home
        return try await RemoteVerifyServer.connected(
            to: server,
            at: address,
            ticket: try SmallFile.readBytes(home.ticket).flatMap { server.ticket($0) },
            onTicket: { Device.keepTicket(LinkedServer.bytes(of: $0), in: home) }
        ) { try await engine.run(with: $0, after: report, onStep) }
    }
}

extension VerifyEngine.Step {
    fileprivate var words: String {
        switch self {
        case .checking(let part): "checking \(part.words)"
        case .repairingHere: "repairing here"
        case .comparing: "comparing with the server"
        case .repairingThere: "repairing on the server"
        }
    }
}

/// What a person reads when the server could not be compared with.
enum VerifyErrorText {
    /// The rest is said where all errors of the network are.
    static func explained(_ error: any Error) -> any Error {
        switch error {
        case ConnectionError.refused(404, _, _):
            CommandError(
                .versionMismatch,
                "the server is of an older version, which cannot be compared with",
                hints: "your notes are safe here, and this device was looked at",
                "update webinar-server there, then here: webinar verify"
            )
        case VerifyError.keepsMoving:
            CommandError(
                .offline,
                "other devices write all the time, so that there was nothing to compare with",
                hints: "nothing is wrong with that, and your notes are safe here",
                "try again in a moment: webinar verify"
            )
        case VerifyError.protocolBroken(let what):
            CommandError(
                .versionMismatch,
                "the server does not keep to the protocol: \(what)",
                hints: "your notes are safe here",
                "look whether the server and this program are of the same version"
            )
        default: error
        }
    }
}
