import Glibc

/// The folder that holds everything of one device: the notebook and the small files beside it.
///
/// `$WEBINAR_HOME`, else `$XDG_DATA_HOME/webinar`, else `~/.local/share/webinar`; mode 0700.
///
/// - `notebook.sqlite`: the notebook, with SQLite's own files beside it.
/// - `install`: which copy of the notebook this is (see ``Device/write(_:)``).
/// - `current`: the session that entries go to. Local, never synced.
/// - `server`, `ticket`: the server this device is linked to; `SyncClient` owns their form.
/// - `synclog`: how the last syncs went (see ``SyncLog``).
struct DeviceHome: Equatable, Sendable {
    var folder: String

    init(folder: String) { self.folder = folder }

    /// Decides from the environment alone.
    init(environment: [String: String]) throws(CommandError) {
        func value(_ name: String) -> String? {
            environment[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        if let folder = value("WEBINAR_HOME") {
            self.folder = folder
        } else if let data = value("XDG_DATA_HOME"), data.hasPrefix("/") {
            // A relative path there is to be ignored, says the XDG base directory specification.
            folder = "\(data)/webinar"
        } else if let home = value("HOME") {
            folder = "\(home)/.local/share/webinar"
        } else {
            throw CommandError(
                .configuration,
                "no folder for your notes: neither WEBINAR_HOME nor HOME is set",
                hints: "nothing was saved; set one, for example: export WEBINAR_HOME=/path/to/folder"
            )
        }
    }

    var notebook: String { "\(folder)/notebook.sqlite" }
    var install: String { "\(folder)/install" }
    var current: String { "\(folder)/current" }
    var server: String { "\(folder)/server" }
    var ticket: String { "\(folder)/ticket" }
    var syncLog: String { "\(folder)/synclog" }

    /// Whether anything was ever kept here.
    var hasNotebook: Bool { access(notebook, F_OK) == 0 }

    /// Makes the folder and those above it.
    func make() throws(CommandError) {
        var status = stat()
        if stat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            return
        }
        var path = folder.hasPrefix("/") ? "" : "."
        for part in folder.split(separator: "/") {
            path += "/\(part)"
            guard mkdir(path, 0o700) == 0 || errno == EEXIST || errno == EISDIR else {
                throw unusable(errno)
            }
        }
        guard stat(folder, &status) == 0 else {
            throw unusable(errno)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw unusable(ENOTDIR)
        }
    }

    private func unusable(_ code: Int32) -> CommandError {
        CommandError(
            .cannotCreate,
            "cannot make the folder for your notes, \(folder): \(SystemError.text(code))",
            hints: "nothing was saved; choose a folder that can be written: export WEBINAR_HOME=/path/to/folder"
        )
    }
}

/// The environment of this process.
enum ProcessEnvironment {
    /// What is not UTF-8 is left out: no setting of ours can be meant by it.
    static func current() -> [String: String] {
        var result: [String: String] = [:]
        var cursor = environ
        while let entry = cursor.pointee {
            if let text = String(validatingCString: entry), let sign = text.firstIndex(of: "=") {
                result[String(text[..<sign])] = String(text[text.index(after: sign)...])
            }
            cursor += 1
        }
        return result
    }
}
