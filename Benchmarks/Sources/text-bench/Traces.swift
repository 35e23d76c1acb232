import EgWalker
import Foundation

/// The recorded editing histories beside the tests. Their README says whose they are and what the formats mean.
enum Traces {
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Tests/EgWalkerTests/Traces")

    struct Failure: Error {
        var what: String
    }

    static func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appendingPathComponent(path)))
    }

    static func json(_ path: String) throws -> Any {
        let bytes = try bytes(path)
        return try JSONSerialization.jsonObject(with: Data(path.hasSuffix(".gz") ? gunzip(bytes) : bytes))
    }

    static func lines(_ path: String) throws -> [[String: Any]] {
        try String(decoding: bytes(path), as: UTF8.self).split(separator: "\n").map {
            try need(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
    }

    static func need<Value>(_ value: Value?) throws -> Value {
        guard let value else { throw Failure(what: "a trace does not have the form its README says") }
        return value
    }

    /// A patch of a trace: delete, then insert, at one position.
    static func spans(_ patch: [Any]) throws -> [TextSpan] {
        let position = try need(patch[0] as? Int)
        let deleted = try need(patch[1] as? Int)
        let inserted = try need(patch[2] as? String)
        var spans: [TextSpan] = []
        if deleted > 0 { spans.append(.delete(at: position, count: deleted)) }
        if !inserted.isEmpty { spans.append(.insert(at: position, text: inserted)) }
        return spans
    }

    struct Sequential {
        /// By transaction.
        var spans: [[TextSpan]]
        var end: String
    }

    static func sequential(_ name: String) throws -> Sequential {
        let trace = try need(try json("sequential/\(name).json.gz") as? [String: Any])
        let transactions = try need(trace["txns"] as? [[String: Any]])
        return Sequential(
            spans: try transactions.map { transaction in
                try need(transaction["patches"] as? [[Any]]).flatMap(spans)
            },
            end: try need(trace["endContent"] as? String)
        )
    }

    struct Concurrent {
        var changes: [TextChange]
        var end: String
    }

    /// Transactions that follow one another, by one author and without a branch between, become one change.
    static func concurrent(_ name: String, joinsRuns: Bool = true) throws -> Concurrent {
        let trace = try need(try json("concurrent/\(name).json.gz") as? [String: Any])
        let transactions = try need(trace["txns"] as? [[String: Any]])
        var changes: [TextChange] = []
        var changeOf: [Int] = []
        var eventCounts: [Int: Int] = [:]
        var last: (agent: Int, childCount: Int)?
        for (index, transaction) in transactions.enumerated() {
            let parents = try need(transaction["parents"] as? [Int])
            let agent = try need(transaction["agent"] as? Int)
            let spans = try need(transaction["patches"] as? [[Any]]).flatMap(spans)
            if joinsRuns, parents == [index - 1], last?.agent == agent, last?.childCount == 1 {
                changes[changes.count - 1].spans += spans
            } else {
                let sequence = eventCounts[agent, default: 0]
                changes.append(
                    TextChange(
                        id: ChangeID(agent: UInt64(agent), sequence: UInt64(sequence)),
                        parents: Set(parents.map { changes[changeOf[$0]].id }).sorted(),
                        spans: spans
                    )
                )
            }
            changeOf.append(changes.count - 1)
            for span in spans {
                switch span {
                case .insert(_, let text): eventCounts[agent, default: 0] += text.unicodeScalars.count
                case .delete(_, let count): eventCounts[agent, default: 0] += count
                }
            }
            last = (agent, try need(transaction["numChildren"] as? Int))
        }
        return Concurrent(changes: changes, end: try need(trace["endContent"] as? String))
    }
}
