import ArgumentParser
import Glibc
import Models
import Store
import SyncClient

struct DeviceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "device",
        abstract: "Your devices and their server.",
        discussion: "  webinar device link",
        subcommands: [
            DeviceLinkCommand.self, DeviceListCommand.self, DeviceRenameCommand.self, DeviceRevokeCommand.self,
        ]
    )
}

struct DeviceLinkCommand: NetworkCommand {
    static let configuration = CommandConfiguration(
        commandName: "link",
        abstract: "Link this device to a server.",
        discussion: """
              webinar device link                   paste the link
              webinar device link WEBINAR:…         shows up in the shell's history
              ssh server webinar-server link … | webinar device link - --name phone

            The link comes from `webinar-server link`: it is good once, for 10 minutes.
            """
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var connection: ConnectionChoice
    @Argument(help: "The link, or - for standard input.")
    var link: String?
    @Option(help: ArgumentHelp("What to call this device; else the name of the machine.", valueName: "name"))
    var name: TypedText?

    func run(on device: Device, printing printer: Printer) async throws {
        let link = try LinkText(try typedLink(printer))
        let name = try deviceName()
        let replica = try device.write { try $0.reader.notebook().replica }
        let home = device.home
        let outcome = try await DeviceLinking.redeem(
            link,
            deviceName: name,
            replica: replica,
            onTicket: { Device.keepTicket(LinkedServer.bytes(of: $0), in: home) }
        )
        let unsentCount = try device.write { writer in
            try DeviceLinking.adopt(outcome, in: writer)
            return try writer.reader.unsentCount()
        }
        try device.setServer(outcome.server)
        try print(outcome, unsentCount, printer)
    }

    private func typedLink(_ printer: Printer) throws -> String {
        if let link, link != "-" { return link }
        if link == nil {
            guard isatty(STDIN_FILENO) == 1 else {
                throw CommandError(
                    .usage,
                    "no link given",
                    hints: "write it as an argument, or - to read it from standard input"
                )
            }
            StandardError.write(["Paste the link, then press Enter (and once more, if it was wrapped):"])
            var text = ""
            while let line = readLine(), !line.isEmpty { text += line }
            return text
        }
        return try TextInput.read(descriptor: STDIN_FILENO, maximumBytes: Limits.maximumSmallFileBytes)
    }

    private func deviceName() throws -> String {
        if let name { return try DeviceName.checked(name.text) }
        return DeviceName.ofThisMachine
    }

    private func print(_ outcome: DeviceLinking.Outcome, _ unsentCount: UInt64, _ printer: Printer) throws {
        let server = outcome.server
        if printer.isJSON {
            return try printer.json([
                "schema": .string(RecordJSON.schema), "type": "link", "device": .string(server.deviceName),
                "server": .string("\(server.address)"), "notebook": .string("\(server.notebook)"),
                "notebook_name": .string(outcome.notebookName), "person": .string(outcome.person),
                "other_devices": .array(outcome.otherDevices.map { .string($0) }), "unsent": .unsigned(unsentCount),
            ])
        }
        let others = outcome.otherDevices
        let company =
            others.isEmpty
            ? "the first device"
            : "\(Timeline.counted(others.count, "other device")): \(others.joined(separator: ", "))"
        let lines = [
            "The key of \(server.address) matches the link.",
            "Linked as \"\(server.deviceName)\" to \"\(outcome.notebookName)\" (\(company)).",
            "\(Timeline.counted(Int(clamping: unsentCount), "change")) to send: webinar sync",
        ]
        for line in lines {
            try printer.lines(line.madeVisible(keepingLines: false).wrapped(toCells: printer.terminal.columns))
        }
    }
}

/// A device's name.
enum DeviceName {
    static func checked(_ text: String) throws(CommandError) -> String {
        let name = TypedSigns.trimmed(text)
        guard !name.isEmpty, name.utf8.count <= Limits.maximumDeviceNameBytes,
            !name.unicodeScalars.contains(where: \.isUnsafeOnTerminal)
        else {
            throw CommandError(
                .usage,
                "a device's name has 1 to \(Limits.maximumDeviceNameBytes) bytes on one line",
                hints: "nothing was changed"
            )
        }
        return name
    }

    /// What the machine is called, without its domain.
    static var ofThisMachine: String {
        var buffer = [CChar](repeating: 0, count: 256)
        gethostname(&buffer, buffer.count - 1)
        let host = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return host.isEmpty ? "device" : String(host.prefix { $0 != "." })
    }
}

struct DeviceListCommand: NetworkCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List your devices, as the server knows them.",
        discussion: "  webinar device list --json"
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var connection: ConnectionChoice

    func run(on device: Device, printing printer: Printer) async throws {
        let remote = RemoteDevices(try device.server(), connectingTo: try connection.address())
        let devices = try await remote.list()
        if printer.isJSON {
            return try printer.json(
                .array(
                    devices.map { known in
                        [
                            "schema": .string(RecordJSON.schema), "type": "device", "id": .unsigned(known.id),
                            "name": .string(known.name), "linked": moment(known.linkedMilliseconds),
                            "seen": known.seenMilliseconds == 0 ? .null : moment(known.seenMilliseconds),
                            "revoked": .bool(known.isRevoked), "current": .bool(known.isCurrent),
                        ]
                    }
                )
            )
        }
        func when(_ milliseconds: UInt64) -> String {
            if milliseconds == 0 { return "never" }
            let moment = Int64(clamping: milliseconds)
            return TimeText.full(moment, offsetMinutes: device.zone.offsetMinutes(at: moment))
        }
        try printer.table(
            ["", "ID", "LINKED", "SEEN", "NAME"],
            devices.map { known in
                let state = known.isRevoked ? " (revoked)" : ""
                return [
                    known.isCurrent ? "*" : "", "\(known.id)", when(known.linkedMilliseconds),
                    when(known.seenMilliseconds), known.name + state,
                ]
            },
            maximumCells: 30
        )
    }

    private func moment(_ milliseconds: UInt64) -> JSONValue { RecordJSON.moment(Int64(clamping: milliseconds)) }
}

extension RemoteDevices {
    /// The device of that number, or of that name if only one has it.
    fileprivate func find(_ name: TypedText) async throws -> DeviceList.Device {
        let devices = try await list()
        if let device = devices.first(where: { "\($0.id)" == name.text }) { return device }
        let named = devices.filter { $0.name == name.text && !$0.isRevoked }
        guard named.count == 1, let device = named.first else {
            throw CommandError(
                .notFound,
                named.isEmpty ? "no device is called `\(name.text)`" : "several devices are called `\(name.text)`",
                hints: "nothing was changed; `webinar device list` shows their numbers"
            )
        }
        return device
    }
}

struct DeviceRenameCommand: NetworkCommand {
    static let configuration = CommandConfiguration(
        commandName: "rename",
        abstract: "Call a device something else.",
        discussion: "  webinar device rename phone-1 \"old phone\""
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var connection: ConnectionChoice
    @Argument(help: "Its name or number.")
    var device: TypedText
    @Argument(help: "The new name.")
    var name: TypedText

    func run(on here: Device, printing printer: Printer) async throws {
        let name = try DeviceName.checked(name.text)
        var server = try here.server()
        let remote = RemoteDevices(server, connectingTo: try connection.address())
        let known = try await remote.find(device)
        try await remote.rename(known.id, to: name)
        if known.isCurrent {
            server.deviceName = name
            try here.setServer(server)
            try here.write { try DeviceLinking.name(name, in: $0) }
        }
        if printer.isJSON {
            return try printer.json([
                "schema": .string(RecordJSON.schema), "type": "device", "id": .unsigned(known.id),
                "name": .string(name),
            ])
        }
        try printer.line("\(known.name) is called \(name) now".madeVisible(keepingLines: false))
    }
}

struct DeviceRevokeCommand: NetworkCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "End a device's access, at once.",
        discussion: """
              webinar device revoke phone-1

            It keeps its copy of the notes, but gets and sends nothing any more.
            """
    )

    @OptionGroup var options: CommonOptions
    @OptionGroup var connection: ConnectionChoice
    @Argument(help: "Its name or number.")
    var device: TypedText

    func run(on here: Device, printing printer: Printer) async throws {
        let remote = RemoteDevices(try here.server(), connectingTo: try connection.address())
        let known = try await remote.find(device)
        try await remote.revoke(known.id)
        if printer.isJSON {
            return try printer.json([
                "schema": .string(RecordJSON.schema), "type": "device", "id": .unsigned(known.id),
                "name": .string(known.name), "revoked": true,
            ])
        }
        try printer.lines(
            "\(known.name) was revoked. It keeps its copy, and gets and sends nothing any more."
                .madeVisible(keepingLines: false).wrapped(toCells: printer.terminal.columns)
        )
    }
}
