import Models
import Synchronization

/// The order of the snapshot that was asked for last: whoever loads asks for page after page of the same, and making
/// it anew looks at the whole log.
final class SnapshotOrders: Sendable {
    private let last = Mutex<(log: Cursor, order: SnapshotOrder)?>(nil)

    func order(of log: Cursor, _ make: () throws -> SnapshotOrder) rethrows -> SnapshotOrder {
        if let last = last.withLock({ $0 }), last.log == log { return last.order }
        let order = try make()
        last.withLock { $0 = (log, order) }
        return order
    }
}
