import Models
import Store

extension StoreError: CommandErrorConvertible {
    /// What happened, what is safe, what to do next.
    var commandError: CommandError {
        switch self {
        case .newerProgram(let found, let known):
            CommandError(
                .versionMismatch,
                "the notebook was written by a newer webinar (form \(found), this program knows \(known))",
                hints: "it was left as it is, and your notes are safe in it",
                "install the newer webinar here and try again"
            )
        case .corrupt(let what):
            CommandError(
                .inputOutput,
                "the notebook is damaged: \(what)",
                hints: "nothing was changed; do not delete its files, most of it can usually be read",
                "what was synced can be fetched anew into another folder: "
                    + "export WEBINAR_HOME=/path/to/folder, then `webinar device link`",
                "look with `webinar doctor`, and put right what can be with `webinar verify --repair`"
            )
        case .readOnly(let what):
            CommandError(
                .cannotCreate,
                "the notebook cannot be written: \(what)",
                hints: "nothing was saved, and what was saved before is safe",
                "make its folder writable, or choose another: export WEBINAR_HOME=/path/to/folder"
            )
        case .diskFull:
            CommandError(
                .inputOutput,
                "the disk is full",
                hints: "this was not saved; everything saved before is safe",
                "make room and try again"
            )
        case .busy:
            CommandError(
                .offline,
                "another program holds the notebook",
                hints: "this was not saved; everything saved before is safe",
                "try again in a moment"
            )
        case .inputOutput(let what):
            CommandError(
                .inputOutput,
                "the notebook cannot be read or written: \(what)",
                hints: "this was not saved; everything saved before is safe",
                "look at the disk, then run `webinar doctor`"
            )
        case .notFound(let name):
            CommandError(
                .notFound,
                "nothing here is called `\(name)`",
                hints: "nothing was changed; `webinar log` and `webinar session list` show the ids"
            )
        case .ambiguous(let name, let candidates):
            CommandError(
                .notFound,
                "`\(name)` can mean \(candidates.count) records",
                hints: candidates.map { "\(Handle.text(of: $0, length: Handle.fullLength))  \($0)" }
                    + ["nothing was changed; type one more character"]
            )
        case .invalid(let problem):
            CommandError(
                .badData,
                "this cannot be kept: \(problem)",
                hints: "nothing was saved; a title or name takes \(Limits.maximumRegisterBytes) bytes, "
                    + "a tag or speaker \(Limits.maximumElementBytes), a text \(Limits.maximumTextBytes)"
            )
        case .unknownVersion(let what):
            CommandError(
                .notFound,
                "there is no version \(what)",
                hints: "nothing was changed; `webinar note history ID` lists the versions"
            )
        case .textDoesNotFit(let record):
            CommandError(
                .bug,
                "the edit of \(record) does not fit its text",
                hints: "nothing was saved, and the text is as it was",
                "please report this with the output of `webinar doctor`"
            )
        }
    }
}
