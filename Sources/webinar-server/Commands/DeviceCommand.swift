import ArgumentParser
import Foundation
import SyncServer

struct DeviceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "device",
        abstract: "See, rename and revoke devices.",
        subcommands: [List.self, Rename.self, Revoke.self],
        defaultSubcommand: List.self
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show all devices.")

        @OptionGroup var data: DataOptions
        @Flag(name: .long, help: "Print an array of objects.")
        var json = false

        func run() async throws {
            try await ExitStatus.reporting {
                let devices = try await DeviceCommand.ask(.devices, data)
                if json { return try StandardOutput.write(json: devices.map(DeviceReport.init)) }
                StandardOutput.write(DeviceTable.lines(for: devices))
            }
        }
    }

    struct Rename: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Give a device another name.")

        @OptionGroup var data: DataOptions
        @Flag(name: .long, help: "Print the device as an object.")
        var json = false
        @Argument(help: "The device: its number, or its name.")
        var device: String
        @Argument(help: "Its new name.")
        var name: String

        func run() async throws {
            try await ExitStatus.reporting {
                let devices = try await DeviceCommand.ask(.rename(device: device, name: name), data)
                if json { return try StandardOutput.write(json: devices.first.map(DeviceReport.init)) }
                StandardOutput.write(devices.map { "Device \($0.id) is now \"\(DeviceTable.visible($0.name))\"." })
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a device's access away, for good.",
            discussion: """
                Its credential is void from now on, on open connections too. What it holds it keeps. To give it access
                again, link it anew.
                """
        )

        @OptionGroup var data: DataOptions
        @Flag(name: .long, help: "Print the device as an object.")
        var json = false
        @Argument(help: "The device: its number, or its name.")
        var device: String

        func run() async throws {
            try await ExitStatus.reporting {
                let devices = try await DeviceCommand.ask(.revoke(device: device), data)
                if json { return try StandardOutput.write(json: devices.first.map(DeviceReport.init)) }
                StandardOutput.write(
                    devices.map { "Device \($0.id) \"\(DeviceTable.visible($0.name))\" has no access any more." }
                )
            }
        }
    }

    private static func ask(_ request: AdminRequest, _ data: DataOptions) async throws -> [AdminDevice] {
        let (answer, _) = try await ServerAdministration.ask(request, folder: data.folder())
        guard case .devices(let devices) = answer else {
            throw CommandError(.bug, "the server answered something else")
        }
        return devices
    }
}
