import GRDB
public import Models

/// Why a store could not do what it was asked.
public enum StoreError: Error, Hashable, Sendable {
    /// The file was written by a newer program. It was left as it is.
    case newerProgram(found: Int, known: Int)
    /// The file is no notebook, or is damaged.
    case corrupt(String)
    /// The folder or the file cannot be written.
    case readOnly(String)
    case diskFull
    /// Another program holds the file.
    case busy
    case inputOutput(String)
    /// No record has this id or handle.
    case notFound(String)
    /// Several records begin with this handle.
    case ambiguous(String, candidates: [RecordID])
    /// A change that breaks a limit.
    case invalid(InvalidChange)
    /// The text was changed from a version that this store does not know.
    case unknownVersion(String)
    /// The text edit does not fit the version it was made for.
    case textDoesNotFit(String)

    /// Whether it is about what was to be written, not about the file.
    var isRefusal: Bool {
        switch self {
        case .invalid, .textDoesNotFit, .unknownVersion, .notFound: true
        default: false
        }
    }
}

extension StoreError {
    /// Runs `body` and turns what SQLite reports into our words.
    static func translating<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw StoreError(error)
        } catch let error as RowDecodingError {
            throw StoreError.corrupt("\(error)")
        }
    }

    /// <https://www.sqlite.org/rescode.html>
    private init(_ error: DatabaseError) {
        let message = error.message ?? "result code \(error.resultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_FULL: self = .diskFull
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH: self = .readOnly(message)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .corrupt(message)
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy
        case .SQLITE_IOERR: self = .inputOutput(message)
        default: self = .inputOutput(error.description)
        }
    }
}
