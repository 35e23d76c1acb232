/// The maxima of all rooms, each with its reason.
///
/// Elsewhere stand only those of the rooms that know nothing of this one (`EgWalkerLimits`; `TLSLimits` and
/// `TLSConnectionLimits` in `SyncTLS`), what the store holds in memory and asks of SQLite (`Applier`, `StoreCheck`,
/// `NotebookStore`), and how much is read, computed or shown at a time.
public enum Limits {
    /// Bytes of one text (a note's body, a highlight) in UTF-8. Ten megabytes is a book; a
    /// text beyond that is a file, not a note.
    public static let maximumTextBytes = 10_000_000

    /// Bytes of one register's text: titles, names, links.
    public static let maximumRegisterBytes = 64 * 1024

    /// Bytes of one tag or speaker.
    public static let maximumElementBytes = 1024

    /// Bytes of one change as it is stored and sent: a text at its limit, replaced whole.
    public static let maximumChangeBytes = 12 * 1024 * 1024

    /// Operations in one change: all fields of a record, all its tags, and room to grow.
    public static let maximumOperationCount = 4096

    /// Stamps that one operation replaces, and replicas that one delete has seen. A person's
    /// devices over many years, each with a few incarnations, and what each issued again (``singlyNamedCount``).
    public static let maximumReferenceCount = 4096

    /// The latest time we accept anywhere: the end of the year 9999, which still leaves the
    /// 48 bits of a stamp room.
    public static let maximumMilliseconds: UInt64 = 253_402_300_799_999

    /// Where this program's own stamps begin to end: so much room is left to count on from there.
    public static let maximumStampMilliseconds = maximumMilliseconds - 366 * 86_400_000

    /// How far a stamp may lie ahead of the server's clock. Generous against clocks that
    /// drift, small against one that would win every merge for years.
    public static let maximumClockLeadMilliseconds: UInt64 = 5 * 60 * 1000

    /// Bytes of one exchange's body before compression: a few seconds on a slow server.
    public static let maximumExchangeBytes = 32 * 1024 * 1024

    /// Fields of one message, with those of the messages in it: nearly twice what the largest exchange has.
    public static let maximumFieldCount = 250_000

    /// Changes in one exchange, so that one transaction stays short.
    public static let maximumExchangeChangeCount = 20_000

    /// Inflated bytes a single deflated byte may turn into. Plain text rarely passes 20.
    public static let maximumInflateRatio = 200

    /// Bodies up to this many bytes are not deflated, in either direction: there is nothing to gain.
    public static let minimumDeflateBytes = 200

    /// Points of a log compared in one exchange after a fork: a log of a million takes five.
    public static let maximumProbeCount = 32

    /// A server proves a log at every so many changes: about as many as the smallest batch carries.
    public static let proofSpacing: UInt64 = 64

    /// Replicas of a notebook that one exchange may name: a person's devices over many years, each with many
    /// incarnations.
    public static let maximumReplicaCount = 16_384

    /// Answers in a row that bring a sync no further before it gives up: a few corrections each for
    /// clock, gap and fork.
    public static let maximumCorrectionCount = 24

    /// Changes that a server remembers to have refused for their stamps; the oldest are forgotten.
    public static let maximumRefusalCount = 4096

    /// The smallest batch: one that 3G carries in a second.
    public static let minimumBatchBytes = 16 * 1024

    /// The largest batch a client asks for: a second on a LAN.
    public static let maximumBatchBytes = 4 * 1024 * 1024

    /// How long an exchange should take; batches grow and shrink to meet it.
    public static let exchangeGoalMilliseconds: UInt64 = 2000

    /// Milliseconds a deleted record stays in the trash: 30 days.
    public static let trashMilliseconds: UInt64 = 30 * 24 * 60 * 60 * 1000

    /// How long a device that was not seen keeps changes from being folded: 180 days.
    public static let absentDeviceMilliseconds: UInt64 = 180 * 24 * 60 * 60 * 1000

    /// How often a device notes how far it was level, and a server how far a device has read: once a day.
    public static let markMilliseconds: UInt64 = 24 * 60 * 60 * 1000

    /// Changes that one sync looks at to fold what they replace, and records that it purges: a fraction of a second.
    /// The next one goes on from there.
    public static let maximumTidiedCount = 5000

    /// Purged records that somebody had touched, whose histories are read at a time to write them again.
    public static let maximumRevivedCount = 100

    /// Spans of salvaged words that are taken out again; of those with more, which no program of ours writes, they stay.
    public static let maximumTakenOutSpanCount = 64

    /// Changes of which each gets a log of its own when they are issued again: more than a person mostly writes between
    /// two syncs. Each name stands among a record's authors for good (``maximumReferenceCount``).
    public static let singlyNamedCount = 64

    /// Milliseconds a link can be redeemed: 10 minutes (OWASP ASVS 5.0, 6.5.5).
    public static let linkMilliseconds: UInt64 = 10 * 60 * 1000

    /// Bytes of a device's name, in UTF-8.
    public static let maximumDeviceNameBytes = 128

    /// Devices one person may link. A bound on rows, not on people.
    public static let maximumDeviceCount = 256

    /// Exchanges in one run of sync: at the smallest batch this is 1.6 GB.
    public static let maximumExchangeCount = 100_000

    /// Links that wait to be redeemed.
    public static let maximumOpenLinkCount = 64

    /// Records that one sync may delete unasked: a session's notes, thrown away by hand.
    public static let unaskedDeletionCount = 20

    /// The share of the live records, in percent, that one sync may delete unasked, where that is more.
    public static let unaskedDeletionPercent = 20

    /// How long a device waits for its server to take the connection. The TLS handshake has its own time.
    public static let connectTimeoutMilliseconds: UInt64 = 10_000

    /// How long a device waits for an answer after it began to send the request, and for each further part of it.
    public static let stallTimeoutMilliseconds: UInt64 = 30_000

    /// Bytes of a request that are sent at a time. Each piece that went begins that wait anew, so that it may take long.
    public static let sentPieceBytes = 64 * 1024

    // MARK: Verifying

    /// Bytes of changes or of records' states that one answer to a device that verifies was computed from: a fraction
    /// of a second on a slow server.
    public static let verifyLookBytes = 8 * 1024 * 1024

    /// Bytes of one question of a device that verifies: the ends of ``maximumReplicaCount`` logs, in JSON.
    public static let maximumVerifyQuestionBytes = 4 * 1024 * 1024

    /// Records that such an answer names: one MiB of names and digests.
    public static let maximumVerifyRecordCount = 20_000

    /// Spans of changes that one question names: a faulty disk rarely has as many in one notebook, and what is left
    /// is asked for next.
    public static let maximumVerifySpanCount = 1024

    /// Faults of a log that are named at a time; the rest show once these are mended.
    public static let maximumLogFaultCount = 1024

    /// How often a comparison begins again because others wrote meanwhile.
    public static let maximumVerifyRestartCount = 5

    /// Rounds of repair: what one mends shows what is behind it.
    public static let maximumRepairRoundCount = 8

    /// Bytes hashed in search of the one byte of a change that was turned: a second or two.
    public static let turnedByteSearchBytes = 256 * 1024 * 1024

    // MARK: Bundles

    /// Bytes of changes in one block of a bundle before compression: what a device holds of the file at a time.
    public static let bundleBlockBytes = 4 * 1024 * 1024

    /// Bytes of a bundle's header: its devices with all their heads.
    public static let maximumBundleHeaderBytes = 32 * 1024 * 1024

    /// Devices that a bundle knows: a person's, and what they were before they were set up anew.
    public static let maximumBundleDeviceCount = 32

    /// How long a bundle waits for a device that has had it once: 180 days.
    public static let bundleDeviceMilliseconds: UInt64 = 180 * 24 * 60 * 60 * 1000

    // MARK: The server

    /// Bytes of a link's text: a host name of 253, and the white space of a wrapped line.
    public static let maximumLinkTextBytes = 2048

    /// Proofs that may be wrong before a link ends. The secret has 128 bits, so nobody guesses
    /// it; but whoever tries shall be seen to fail.
    public static let maximumLinkAttemptCount = 5

    /// Replicas one device may write under: a new one after each restore or clone.
    public static let maximumReplicaCountPerDevice = 1024

    /// Bytes of a small request body (linking, renaming) as it travels.
    public static let maximumSmallBodyBytes = 4096

    /// Bytes of a request's header fields together, and of one. Ours has 300.
    public static let maximumHeaderBytes = 8 * 1024

    /// Header fields of a request.
    public static let maximumHeaderFieldCount = 64

    /// Connections of a server: each takes up to about 50 KB, and most systems allow 1024 open files at
    /// least, of which the databases need some.
    public static let maximumConnectionCount = 900

    /// Connections that a server takes even where the system allows hardly any files.
    public static let minimumConnectionCount = 8

    /// Open files that a server asks the system for, where more are allowed. Each connection needs one.
    public static let maximumOpenFileCount = 65_536

    /// Of these, so many are left to databases, their logs and the listening sockets.
    public static let reservedFileCount = 64

    /// Connections from one address. A household's devices behind one address have two each.
    public static let maximumConnectionCountPerAddress = 64

    /// Until the TLS handshake has ended.
    public static let handshakeTimeoutMilliseconds: UInt64 = 10_000

    /// From the end of the handshake to the end of the first request's header fields, as a whole.
    public static let headTimeoutMilliseconds: UInt64 = 10_000

    /// From the end of an answer to the end of the next request's header fields, as a whole.
    public static let idleTimeoutMilliseconds: UInt64 = 60_000

    /// For a body as a whole, in either direction: this, and the time that ``minimumBytesPerSecond`` needs.
    public static let bodyTimeoutMilliseconds: UInt64 = 20_000

    /// Slower than this is no link that a sync could end on (2G carries about 5,000).
    public static let minimumBytesPerSecond = 2048

    /// The longest time for one body, whatever its length.
    public static let maximumBodyTimeoutMilliseconds: UInt64 = 15 * 60 * 1000

    /// How long a stopping server waits for what it accepted.
    public static let stopMilliseconds: UInt64 = 8000

    /// How long one end of a closing connection waits for the other.
    public static let closeTimeoutMilliseconds: UInt64 = 2000

    /// Requests that wait for one notebook; the next is asked to come again.
    public static let maximumWaitingExchangeCount = 256

    /// Bytes of request bodies that all requests together may hold at a time, as they travel.
    public static let maximumBodyBytesInFlight = 128 * 1024 * 1024

    /// How old the time that a device was last seen may be on disk. Each write costs a sync of the disk.
    public static let seenPrecisionMilliseconds: UInt64 = 5 * 60 * 1000

    /// Free bytes of the disk below which a server says that it is not ready.
    public static let minimumFreeDiskBytes: UInt64 = 64 * 1024 * 1024

    /// How long an answer to "are you ready" holds: it asks the disk, and anybody may ask.
    public static let readinessMilliseconds: UInt64 = 1000

    /// Bytes of one line on the control socket.
    public static let maximumControlLineBytes = 64 * 1024

    /// How long either end of the control socket waits for the other. Both are on one machine.
    public static let controlTimeoutMilliseconds: UInt64 = 30_000

    /// How often a command tries for the lock of a server that is just starting or stopping.
    public static let maximumLockAttemptCount = 50

    /// How long it waits before it tries again.
    public static let lockPauseMilliseconds: UInt64 = 100

    /// Bytes of a file of keys or certificates; a chain of certificates is rarely over 10 KB.
    public static let maximumKeyFileBytes = 1024 * 1024

    // MARK: The device's command

    /// Bytes of a small file beside a notebook (session, server, ticket, sync log), and of a link on standard input:
    /// ours have a few hundred, but for the sync log.
    public static let maximumSmallFileBytes = 64 * 1024

    /// Syncs in the sync log: more say nothing about today, and would not fit into a small file.
    public static let maximumSyncLogCount = 100

    /// Characters of an error's text in the sync log, so that a hundred errors fit as well.
    public static let maximumSyncLogErrorCharacterCount = 200

    /// Bytes of one line of an import: a text at its limit with every byte escaped, and the fields beside it.
    public static let maximumImportLineBytes = 64 * 1024 * 1024

    /// Arrays and objects of JSON inside each other. Records have few; each level takes stack.
    public static let maximumJSONDepth = 64

    /// Bytes of a time zone's name, which may come from another device. The longest of IANA's has 32.
    public static let maximumZoneNameBytes = 64

    /// Milliseconds of a duration, a place in a session or a look back as they are typed: 100 hours. Longer ones are
    /// taken as slips of the finger.
    public static let maximumTypedMilliseconds: Int64 = 100 * 3_600_000

    /// Milliseconds after its beginning at which a session is over: 12 hours. What is typed later has no place in it
    /// by itself.
    public static let longestSessionMilliseconds: Int64 = 12 * 3_600_000
}
