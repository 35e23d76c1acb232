import Models
import TestSupport

/// Histories of one record on several replicas: the log of each, in its order.
enum Histories {
    static let fields: [Field] = [.title, .speaker, .source]
    static let tags: [ExactString] = ["rust", "Ünicode", "日本"]

    /// What programs of ours write: replicas that see any part of each other's logs.
    static func ours(seed: UInt64, stepCount: Int = 40) -> [[Change]] {
        var chance = Chance(seed: seed)
        var copies = (1...3).map { Copy(UInt64($0)) }
        var taken = Array(repeating: [0, 0, 0], count: 3)
        var wall: UInt64 = 1_385_100_000_000
        for _ in 0..<stepCount {
            wall += UInt64(chance.below(3))
            let one = chance.below(3)
            let other = chance.below(3)
            if one != other, chance.oneIn(2) {
                let news = copies[other].log.dropFirst(taken[one][other]).prefix(1 + chance.below(3))
                taken[one][other] += news.count
                copies[one].take(Array(news))
            } else {
                let lead: UInt64 = one == 1 ? 40_000_000 : 0
                copies[one].write(at: wall + lead) { state in
                    (0...chance.below(3)).reduce(into: [Operation?]()) { operations, _ in
                        operations.append(operation(on: state, &chance))
                    }.uniqued
                }
            }
        }
        return copies.map(\.log)
    }

    private static func operation(on state: RecordState, _ chance: inout Chance) -> Operation? {
        let field = fields[chance.below(fields.count)]
        let tag = tags[chance.below(tags.count)]
        return switch chance.below(12) {
        case 0...3: state.setting(field, to: chance.oneIn(5) ? .none : .text("v\(chance.below(6))"))
        case 4: state.settling(field, with: .integer(Int64(chance.below(3))))
        case 5, 6: state.including(tag, in: .tags)
        case 7: state.excluding(tag, from: .tags)
        case 8: state.deleting()
        case 9: state.purging()
        case 10: state.lacksRevival ? .revive(seen: state.seen) : nil
        default: state.restoring()
        }
    }

    /// What nobody of ours writes and what must merge all the same: operations that name any stamp at
    /// all, several for one field in one change, values that replace themselves.
    static func wild(seed: UInt64, changeCount: Int = 24) -> [[Change]] {
        var chance = Chance(seed: seed)
        var logs: [[Change]] = [[], [], []]
        for index in 0..<changeCount {
            let one = index < 3 ? index : chance.below(3)
            let time = (logs[one].last?.time ?? 0) + 1 + UInt64(chance.below(3))
            let replaces = (0..<chance.below(4)).map { _ in
                Stamp(time: UInt64(1 + chance.below(20)), replica: ReplicaID(UInt64(1 + chance.below(4))))
            }
            logs[one].append(
                Change(
                    replica: ReplicaID(UInt64(one + 1)),
                    sequence: UInt64(logs[one].count) + 1,
                    time: time,
                    record: Copy.record,
                    kind: RecordKind(rawValue: UInt32(1 + chance.below(3))),
                    operations: (0...chance.below(4)).map { _ in wildOperation(replaces, &chance) }
                )
            )
        }
        return logs
    }

    private static func wildOperation(_ replaces: [Stamp], _ chance: inout Chance) -> Operation {
        let field = fields[chance.below(2)]
        let tag = tags[chance.below(2)]
        return switch chance.below(8) {
        case 0: .set(field, .integer(Int64(chance.below(4))), replaces: replaces)
        case 1: .include(.tags, tag, replaces: replaces)
        case 2: .exclude(.tags, tag, replaces: replaces)
        case 3: .delete(seen: replaces)
        case 4: .restore(replaces: replaces)
        case 5: .purge(seen: replaces)
        case 6: .revive(seen: replaces)
        default: .unknown
        }
    }
}

extension [Operation?] {
    /// At most one operation for each field and element, as a save of ours has it.
    var uniqued: [Operation?] {
        var kept: [Operation?] = []
        for case let operation? in self where !kept.contains(where: { $0?.isAbout(operation) ?? false }) {
            kept.append(operation)
        }
        return kept
    }
}

extension Operation {
    fileprivate func isAbout(_ other: Operation) -> Bool {
        switch (self, other) {
        case (.set(let a, _, _), .set(let b, _, _)): a == b
        case (.include(_, let a, _), .include(_, let b, _)), (.include(_, let a, _), .exclude(_, let b, _)),
            (.exclude(_, let a, _), .include(_, let b, _)), (.exclude(_, let a, _), .exclude(_, let b, _)):
            a == b
        case (.delete, .delete), (.delete, .restore), (.restore, .delete), (.restore, .restore): true
        case (.purge, .purge), (.revive, .revive): true
        default: false
        }
    }
}
