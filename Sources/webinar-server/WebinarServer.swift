import ArgumentParser

@main
struct WebinarServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webinar-server",
        abstract: "Keeps the notebooks of your devices in step.",
        discussion: """
            A server is one folder: `webinar-server serve` makes it, with its key, and needs no other setting.
            Then `webinar-server link` prints a link for each device.

            Variables stand in for --data, --listen, --public and --log-level: WEBINAR_SERVER_DATA,
            WEBINAR_SERVER_LISTEN, WEBINAR_SERVER_PUBLIC, WEBINAR_SERVER_LOG_LEVEL.
            """,
        version: "0.1.0",
        subcommands: [ServeCommand.self, LinkCommand.self, DeviceCommand.self]
    )
}
