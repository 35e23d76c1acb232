public import Models
public import Store
import Wire

/// Exchanges changes through a file that goes back and forth between devices, with no server: takes in what the
/// file has, and writes into it what the others lack as far as the file tells (docs/decisions/0013).
///
/// Pure over a store and bytes; where they come from and go to is the caller's.
public struct BundleSync: Sendable {
    private let store: NotebookStore
    private let surroundings: Surroundings
    private let deviceName: String
    private let isLinked: Bool
    private let joins: Bool
    private let blockBytes: Int
    private let mayDeleteMany: Bool

    /// - Parameters:
    ///   - deviceName: what others shall call this device, if it has no name yet.
    ///   - isLinked: a server has this notebook, so it cannot become a replica of another.
    ///   - joins: whether this notebook becomes a replica of the file's, with all that is in it.
    ///   - blockBytes: bytes of changes that are held at a time.
    ///   - mayDeleteMany: a person said yes to many deletions, both here and elsewhere (see `DeletionGuard`).
    public init(
        store: NotebookStore,
        surroundings: Surroundings,
        deviceName: String,
        isLinked: Bool,
        joins: Bool = false,
        blockBytes: Int = Limits.bundleBlockBytes,
        mayDeleteMany: Bool = false
    ) {
        self.store = store
        self.surroundings = surroundings
        self.deviceName = deviceName
        self.isLinked = isLinked
        self.joins = joins
        self.blockBytes = blockBytes
        self.mayDeleteMany = mayDeleteMany
    }

    /// What the file is to hold next.
    public struct Plan: Sendable {
        /// What was taken in, and how the devices of the file stand after it.
        public var report: BundleReport
        /// Nil where the file says all of it already.
        public fileprivate(set) var header: BundleHeader?
        /// The log as it was then; what came later goes into the next file.
        fileprivate var end: (version: UInt64, hash: ContentHash)
    }

    /// Gives the next bytes of a file, as many as asked for at most; none at its end.
    public typealias Source = (Int) throws -> [UInt8]

    /// Reads a whole file and keeps nothing, so that a damaged one is refused before the notebook is locked.
    ///
    /// - Throws: `BundleError`, and what `source` throws.
    public static func check(_ source: @escaping Source) throws {
        var file = try BundleReader(source)
        try file.finish()
    }

    /// Takes in what a file has, in one transaction: all of it or nothing.
    ///
    /// - Parameter source: at the file's beginning; nil where there is no file yet.
    /// - Throws: ``BundleRefusal``, `BundleError`, `StoreError`, and what `source` throws, with nothing changed.
    public func take(_ source: Source?) throws -> Plan {
        var file = try source.map { try BundleReader($0) }
        let found = file?.header
        return try store.write { writer in
            guard try writer.reader.loading() == nil else { throw BundleRefusal.loading }
            var report = BundleReport()
            if let found { try meet(found, writer, &report) }
            let here = try writer.reader.lastRow()
            var isRestored = false
            while let runs = try file?.next() {
                for run in runs { isRestored = try admit(run, writer, &report) || isRestored }
            }
            if let found { isRestored = try compareHeads(of: found, writer) || isRestored }
            try askAboutDeletions(here: here, writer, &report)
            if isRestored, !report.tookNewReplica {
                try writer.takeNewReplica()
                report.tookNewReplica = true
            }
            return try plan(found, report, writer)
        }
    }

    /// Writes what `plan` says to `sink`; returns how many changes that another lacks are in it.
    ///
    /// A log that fits into one block goes whole, so that a device which the file does not know yet can begin with it.
    ///
    /// - Throws: `StoreError/busy` where the log was written anew meanwhile.
    public func write(_ plan: Plan, to sink: @escaping ([UInt8]) throws -> Void) throws -> Int {
        guard let header = plan.header, let own = header.devices.first else { return 0 }
        let held = header.heldByAll(but: own.replica)
        return try store.read { reader in
            guard try reader.logHash(at: plan.end.version) == plan.end.hash else { throw StoreError.busy }
            let writer = try BundleWriter(header, to: sink)
            var known: [Head] = []
            var version: UInt64 = 0
            var count = 0
            while version < plan.end.version {
                let (runs, through) = try reader.changes(
                    after: version,
                    through: plan.end.version,
                    known: known,
                    maximumBytes: blockBytes
                )
                if version == 0, known.isEmpty, !held.isEmpty, through < plan.end.version {
                    known = held.map { Head(replica: $0.key, sequence: $0.value, hash: .zero) }
                    continue
                }
                if !runs.isEmpty { try writer.write(runs) }
                for run in runs { count += run.bodies.count - run.count(through: held[run.replica] ?? 0) }
                version = through
            }
            try writer.finish()
            return count
        }
    }

    // MARK: Whose notebook

    /// A notebook in which nothing was written gives way to one in which something was.
    private func meet(_ file: BundleHeader, _ writer: StoreWriter, _ report: inout BundleReport) throws {
        let ours = try writer.reader.notebook().notebook
        guard ours != file.notebook, !file.isOfEmptyNotebook else { return }
        guard !isLinked else { throw BundleRefusal.otherNotebookWhileLinked(file.notebook) }
        guard try joins || writer.reader.logEnd().version == 0 else {
            throw BundleRefusal.otherNotebook(file.notebook, writtenBy: file.devices.first?.name ?? "")
        }
        try writer.adopt(file.notebook)
        report.joinedNotebook = true
    }

    private func askAboutDeletions(here: Int64, _ writer: StoreWriter, _ report: inout BundleReport) throws {
        report.deletedCount = try writer.deletedCount(through: here)
        if mayDeleteMany { return }
        let live = try writer.reader.count(of: RecordKind.personal) + report.deletedCount
        if DeletionGuard.asks(deleting: report.deletedCount, of: live) {
            throw BundleRefusal.deletesMany(report.deletedCount, of: live)
        }
    }

    // MARK: What it has

    /// - Returns: whether it brought changes that this device wrote before its disk was put back. Somebody may know
    ///   still more of them.
    private func admit(_ run: ChangeRun, _ writer: StoreWriter, _ report: inout BundleReport) throws -> Bool {
        let read: ReadRun
        do {
            read = try ReadRun(run)
        } catch RunError.invalid(let replica, let sequence, let problem) {
            throw BundleRefusal.invalid(replica, sequence: sequence, "\(problem)")
        }
        let (head, headTime) = try writer.reader.headAndTime(of: run.replica)
        let admission = try Admission.judge(
            firstSequence: run.firstSequence,
            previous: run.previous,
            candidates: zip(read.changes, read.hashes).map { Admission.Candidate(time: $0.time, hash: $1) },
            head: head,
            headTime: headTime,
            // Whoever wrote it may have given it to others, too: no clock refuses it.
            serverMilliseconds: Limits.maximumMilliseconds,
            knownHash: { try writer.reader.chainHash(of: run.replica, at: $0) }
        )
        switch admission {
        case .accept(let index):
            if index == read.changes.count { return false }
            let isOurs = try run.replica == writer.reader.notebook().replica
            try writer.append(read, from: index)
            report.receivedCount += read.changes.count - index
            report.aheadCount += read.changes[index...].count { isAhead($0) }
            return isOurs
        case .forked(let common):
            let own = try writer.reader.outgoing().first { $0.isOwn && $0.head.replica == run.replica }
            // Writing the rest anew is allowed only where nobody else has it.
            guard let own, max(own.acknowledged, own.given) <= common, run.firstSequence <= common + 1 else {
                throw BundleRefusal.forked(run.replica, sequence: common + 1)
            }
            try writer.reissue(own, after: common)
            report.tookNewReplica = true
            return try admit(run, writer, &report)
        case .sendFrom:
            report.unreachableCount += read.changes.count
            return false
        case .timeNotRising(let sequence):
            throw BundleRefusal.invalid(run.replica, sequence: sequence, "its time is not later than the one before")
        case .clockAhead:
            preconditionFailure("no clock judges a bundle: the time handed in is the latest there is")
        }
    }

    private func isAhead(_ change: Change) -> Bool {
        change.stamp.milliseconds > surroundings.now() + Limits.maximumClockLeadMilliseconds
    }

    /// Holds what the devices of the file have against what is here now.
    ///
    /// - Returns: whether one of them knows more of this device's own log than it does itself.
    private func compareHeads(of file: BundleHeader, _ writer: StoreWriter) throws -> Bool {
        let reader = try writer.reader
        let ours = try reader.notebook().replica
        var isBehind = false
        for head in file.devices.flatMap(\.heads) {
            if let known = try reader.chainHash(of: head.replica, at: head.sequence) {
                guard known == head.hash else { throw BundleRefusal.forked(head.replica, sequence: head.sequence) }
            } else {
                isBehind = isBehind || head.replica == ours
            }
        }
        return isBehind
    }

    // MARK: What it gets

    private func plan(_ found: BundleHeader?, _ report: BundleReport, _ writer: StoreWriter) throws -> Plan {
        var report = report
        try writer.reviveReturned(isAllSent: true)
        let replica = try writer.reader.notebook().replica
        // An empty notebook stays one: it has nothing to tell, not even a name.
        if try writer.reader.logEnd().version > 0, try writer.reader.record(.device(replica)) == nil {
            try DeviceLinking.name(deviceName, in: writer)
        }
        try writer.giveAway(mayBeSent: isLinked)
        let identity = try writer.reader.notebook()
        let own = BundleDevice(
            replica: identity.replica,
            name: try writer.reader.deviceName(of: identity.replica) ?? deviceName,
            milliseconds: min(surroundings.now(), Limits.maximumMilliseconds),
            heads: try writer.reader.heads()
        )
        let before = found ?? BundleHeader(notebook: identity.notebook, devices: [])
        var header = before.written(by: own)
        header.notebook = identity.notebook
        report.otherDevices = header.devices.dropFirst().map(\.name)
        report.isLevel = header.devices.count > 1 && header.devices.allSatisfy { $0.heads == own.heads }
        // Whoever wrote the file last wrote all of it that anybody lacks, if it had what this device has.
        let isSaid =
            before.notebook == header.notebook && before.devices.first?.heads == own.heads
            && before.devices.contains { $0.replica == own.replica && $0.heads == own.heads }
        return Plan(report: report, header: isSaid ? nil : header, end: try writer.reader.logEnd())
    }
}

extension ChangeRun {
    /// How many of its changes have numbers up to `sequence`.
    fileprivate func count(through sequence: UInt64) -> Int {
        sequence < firstSequence ? 0 : min(bodies.count, Int(clamping: sequence - firstSequence + 1))
    }
}

/// What a sync by file did.
public struct BundleReport: Hashable, Sendable {
    /// Changes in the file that were new here.
    public var receivedCount = 0
    /// Records that others deleted and that are in the trash here now.
    public var deletedCount = 0
    /// Of the received changes, how many bear a time over five minutes ahead of this device's clock.
    public var aheadCount = 0
    /// Changes in the file that build on others which neither it nor this device has. They come with the next
    /// round: the file now says that this device lacks them.
    public var unreachableCount = 0
    /// This notebook became a replica of the file's.
    public var joinedNotebook = false
    /// This device turned out to be a copy, or to be restored, and writes under a new replica now.
    public var tookNewReplica = false
    /// The names of the other devices that had the file, the last that did first.
    public var otherDevices: [String] = []
    /// They all had what this device has.
    public var isLevel = false

    public init() {}
}

/// Why a file was not taken in. Neither it nor the notebook was changed.
public enum BundleRefusal: Error, Hashable, Sendable {
    /// This device has not yet loaded all of its notebook from its server.
    case loading
    /// It is of another notebook, and this one is not empty.
    case otherNotebook(NotebookID, writtenBy: String)
    /// It is of another notebook, and this one is a server's.
    case otherNotebookWhileLinked(NotebookID)
    /// The file and this device have two different changes under one number.
    case forked(ReplicaID, sequence: UInt64)
    /// A change in it breaks the rules.
    case invalid(ReplicaID, sequence: UInt64, String)
    /// It deletes so many records here that a person is to say yes first.
    case deletesMany(Int, of: Int)
}
