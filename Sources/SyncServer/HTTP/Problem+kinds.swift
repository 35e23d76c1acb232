import Deflate
import Models
import Store
import SyncTLS
import Wire

// Every problem there is, and the one place from an error to it.

extension Problem {
    // MARK: The connection

    static let notHTTP = Problem(400, "bad-request", "This is not HTTP as RFC 9112 has it.")
    static let headTooLarge = Problem(431, "head-too-large", "The header fields are too large.")
    static let versionNotSupported = Problem(505, "http-version", "Speak HTTP/1.1.")
    static let timedOut = Problem(408, "timed-out", "The request took too long to arrive.")

    // MARK: The request

    static let notFound = Problem(404, "not-found", "There is no such thing here.")
    static let noHost = Problem(400, "bad-request", "The request names no host.")
    static let unexpectedBody = Problem(400, "body-unexpected", "This request takes no body.")
    static let lengthRequired = Problem(411, "length-required", "Say how long the body is.")
    static let unknownExpectation = Problem(417, "expectation", "Only 100-continue can be expected.")
    static let notAcceptable = Problem(
        406,
        "not-acceptable",
        "Accept application/x-protobuf or application/json."
    )
    static let unsupportedType = Problem(
        415,
        "media-type",
        "Send application/x-protobuf or application/json."
    ).with(header: "Accept", "application/x-protobuf, application/json")
    static let unsupportedEncoding = Problem(415, "content-encoding", "Send the body deflated (zlib), or as it is.")
        .with(header: "Accept-Encoding", "deflate")

    static func methodNotAllowed(_ allowed: [String]) -> Problem {
        Problem(405, "method-not-allowed", "This cannot be done here.")
            .with(header: "Allow", allowed.joined(separator: ", "))
    }

    static func bodyTooLarge(maximum: Int) -> Problem {
        Problem(413, "body-too-large", "The body is too large.").with("maximum_bytes", maximum)
    }

    static func malformed(_ detail: String) -> Problem {
        Problem(400, "body-malformed", "The body cannot be read.").with(detail: detail)
    }

    // MARK: Who asks

    /// One for every reason, so that it tells nothing.
    static let unauthorized = Problem(401, "unauthorized", "No device of this server shows this credential.")
        .with(header: "WWW-Authenticate", "Bearer")
    static let linkGone = Problem(
        410,
        "link-gone",
        "This link was used, is older than 10 minutes, or never was."
    )
    static let tooManyDevices = Problem(403, "too-many-devices", "There are too many devices: revoke one first.")

    static func wrongProof(attemptsLeft: Int) -> Problem {
        Problem(403, "link-proof", "The link's secret was not proven.").with("attempts_left", attemptsLeft)
    }

    // MARK: Changes

    static func forbidden(_ replica: ReplicaID) -> Problem {
        Problem(403, "replica-forbidden", "The device may not write this replica's log.")
            .with("replica", replica.description)
    }

    static func invalidChange(_ replica: ReplicaID, _ sequence: UInt64, _ reason: String) -> Problem {
        Problem(400, "change-invalid", "A change cannot be accepted; nothing was stored.")
            .with(detail: reason)
            .with("replica", replica.description)
            .with("sequence", sequence)
    }

    // MARK: The server

    static let busy = Problem(503, "busy", "Too much is waiting: come again later.").with(header: "Retry-After", "2")
    static let stopping = Problem(503, "stopping", "The server is stopping.").with(header: "Retry-After", "5")
    static let diskFull = Problem(507, "disk-full", "The server's disk is full; nothing was stored.")
    static let storage = Problem(500, "storage", "The server cannot use its data; nothing was stored.")
    static let bug = Problem(500, "bug", "Something is wrong with the server.")

    static func notReady(_ reason: String) -> Problem {
        Problem(503, "not-ready", "The server cannot work.").with(detail: reason).with(header: "Retry-After", "10")
    }
}

extension Problem {
    /// The one place from an error to a status.
    init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let error as WireError: self.init(error)
        case let error as InflateError: self.init(error)
        case let error as ExchangeError: self.init(error)
        case let error as RunError: self.init(error)
        case let error as StoreError: self.init(error)
        case is ServerBusy: self = .busy
        case is ServerStopping, is CancellationError: self = .stopping
        default: self = .bug
        }
    }

    private init(_ error: WireError) {
        switch error.reason {
        case .tooLarge(let maximum): self = .bodyTooLarge(maximum: maximum)
        case .malformed, .invalidField, .tooManyFields: self = .malformed(error.description)
        }
    }

    private init(_ error: InflateError) {
        switch error {
        case .tooManyBytes(let maximum): self = .bodyTooLarge(maximum: maximum)
        case .ratioTooHigh(let maximum):
            self = .bodyTooLarge(maximum: Limits.maximumExchangeBytes)
                .with(detail: "it inflates to more than \(maximum) times its size")
        case .truncated: self = .malformed("the deflated body is cut short")
        case .trailingBytes, .corrupt, .needsDictionary: self = .malformed("the deflated body is damaged")
        case .outOfMemory: self = .busy
        }
    }

    private init(_ error: ExchangeError) {
        switch error {
        case .forbidden(let replica): self = .forbidden(replica)
        case .timeNotRising(let replica, let sequence):
            self = .invalidChange(replica, sequence, "its time is not after the one before")
        case .textDoesNotFit(let replica, let sequence):
            self = .invalidChange(replica, sequence, "its text does not fit the version it was made from")
        }
    }

    private init(_ error: RunError) {
        switch error {
        case .invalid(let replica, let sequence, let change):
            self = .invalidChange(replica, sequence, change.description)
        case .gap(let replica, let expected):
            self = .invalidChange(replica, expected, "the log goes on here")
        case .forked(let replica, let sequence):
            self = .invalidChange(replica, sequence, "another change has this number")
        }
    }

    private init(_ error: StoreError) {
        switch error {
        case .diskFull: self = .diskFull
        case .busy: self = .busy
        default: self = .storage
        }
    }
}
