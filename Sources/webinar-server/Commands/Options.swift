import ArgumentParser
import Foundation
import SyncServer

/// Where the server's data is.
struct DataOptions: ParsableArguments {
    @Option(name: .long, help: "The server's folder. [default: $XDG_DATA_HOME/webinar-server]", completion: .directory)
    var data: String?

    func folder() throws -> String {
        let environment = ProcessInfo.processInfo.environment
        if let folder = data ?? Environment.value("DATA") { return folder }
        guard let folder = ServerAdministration.defaultFolder(environment: environment) else {
            throw CommandError(
                .configuration,
                "there is no home to keep the server's folder in",
                hints: "say where it is: --data DIR"
            )
        }
        return folder
    }
}

/// The variables that stand in for options.
enum Environment {
    /// `WEBINAR_SERVER_…`; an empty one counts as none.
    static func value(_ name: String) -> String? {
        let value = ProcessInfo.processInfo.environment["WEBINAR_SERVER_" + name]
        return value?.isEmpty == false ? value : nil
    }
}
