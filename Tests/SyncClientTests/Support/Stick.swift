import Models
import Store
import SyncClient
import TestSupport

/// A stick with one file on it, or none.
final class Stick {
    var bytes: [UInt8]?
    var blockBytes = Limits.bundleBlockBytes
    private var kept: [UInt8]?

    /// Somebody copies the file away, and later back over a newer one.
    func keep() { kept = bytes }
    func putBack() { bytes = kept ?? bytes }

    func source() -> BundleSync.Source? {
        bytes.map { bytes in
            var place = 0
            return { count in
                let piece = Array(bytes[place..<min(bytes.count, place + count)])
                place += piece.count
                return piece
            }
        }
    }
}

extension TestDevice {
    @discardableResult
    func carry(
        _ stick: Stick,
        _ name: String,
        isLinked: Bool = false,
        joins: Bool = false,
        mayDeleteMany: Bool = false
    ) throws -> BundleReport {
        let sync = BundleSync(
            store: store,
            surroundings: machine.surroundings,
            deviceName: name,
            isLinked: isLinked,
            joins: joins,
            blockBytes: stick.blockBytes,
            mayDeleteMany: mayDeleteMany
        )
        let plan = try sync.take(stick.source())
        if plan.header != nil {
            let file = Stick()
            file.bytes = []
            _ = try sync.write(plan) { file.bytes? += $0 }
            stick.bytes = file.bytes
        }
        return plan.report
    }

    func session(_ title: String) throws -> RecordID {
        try store.write { try $0.create(.session, [.set(.title, .text(title), replaces: [])]) }
    }

    func setTitle(_ id: RecordID, _ title: String) throws {
        try store.write { writer in
            try writer.change(id) { [$0.setting(.title, to: .text(title))].compactMap { $0 } }
        }
    }

    func title(_ id: RecordID) throws -> String? { try store.read { try $0.record(id)?.state.text(.title) } }

    var digest: ContentHash { get throws { try store.read { try $0.digest() } } }
    var end: UInt64 { get throws { try store.read { try $0.logEnd().version } } }
    var notebook: NotebookID { get throws { try store.read { try $0.notebook().notebook } } }
}

extension TestMachine {
    /// Milliseconds of 37 years: a clock that is as far ahead shows the year 2050.
    static let years: UInt64 = 37 * 365 * 24 * 3_600_000
}
