import FoundationEssentials
import Models
import SwiftProtobuf

extension SnapshotPosition {
    init(_ message: Webinar_V1_SnapshotPosition) throws(WireError) {
        self.init(log: try Cursor(message.log), offset: message.offset)
        guard offset <= log.version else { throw WireError(.invalidField("snapshot.offset")) }
    }

    var message: Webinar_V1_SnapshotPosition {
        var message = Webinar_V1_SnapshotPosition()
        if log != .start { message.log = log.message }
        message.offset = offset
        return message
    }
}

extension SnapshotPage {
    init(_ message: Webinar_V1_SnapshotPage) throws(WireError) {
        guard message.changes.count <= Limits.maximumExchangeChangeCount,
            message.replicas.count <= Limits.maximumReplicaCount,
            message.heads.count <= Limits.maximumReplicaCount
        else { throw WireError(.invalidField("snapshot")) }
        var changes: [SnapshotChange] = []
        changes.reserveCapacity(message.changes.count)
        for change in message.changes {
            guard change.replicaIndex < message.replicas.count,
                message.replicas[Int(change.replicaIndex)] != 0,
                (1...UInt64(Int64.max) / 2).contains(change.sequence)
            else { throw WireError(.invalidField("snapshot.changes")) }
            guard change.change.count <= Limits.maximumChangeBytes else {
                throw WireError(.tooLarge(maximum: Limits.maximumChangeBytes))
            }
            changes.append(
                SnapshotChange(
                    replica: ReplicaID(message.replicas[Int(change.replicaIndex)]),
                    sequence: change.sequence,
                    body: [UInt8](change.change)
                )
            )
        }
        var heads: [Head] = []
        for head in message.heads { heads.append(try checkedHead(head)) }
        self.init(changes: changes, next: try SnapshotPosition(message.next), heads: heads)
    }

    var message: Webinar_V1_SnapshotPage {
        var message = Webinar_V1_SnapshotPage()
        var indices: [ReplicaID: UInt32] = [:]
        for change in changes {
            let index = indices[change.replica] ?? UInt32(message.replicas.count)
            if indices.updateValue(index, forKey: change.replica) == nil {
                message.replicas.append(change.replica.rawValue)
            }
            var one = Webinar_V1_SnapshotChange()
            one.replicaIndex = index
            one.sequence = change.sequence
            one.change = Data(change.body)
            message.changes.append(one)
        }
        message.next = next.message
        message.heads = heads.map(\.message)
        return message
    }
}
