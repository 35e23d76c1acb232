import EgWalker
import Foundation

/// One byte per character, as the peers' libraries count in different units.
func ascii(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { $0.isASCII ? $0 : "_" }))
}

func ascii(_ span: TextSpan) -> TextSpan {
    if case .insert(let at, let text) = span { return .insert(at: at, text: ascii(text)) }
    return span
}

func measureTraces() throws {
    for name in ["automerge-paper", "seph-blog1", "friendsforever_flat"] {
        let trace = try Traces.sequential(name)
        var document = TextDocument(agent: 1)
        // One save of all, as the peers' whole histories hold it in one block.
        try document.edit(Spans.joined(trace.spans.joined().map(ascii)))
        precondition(document.text == ascii(trace.end))
        let bytes = document.encoded()
        report("\(name): decode, replay, text", try best { _ = try TextDocument(agent: 2, decoding: bytes) })
        let packed = document.encoded(deflating: deflated)
        report("\(name): the same from the deflated file", try best { _ = try TextDocument(agent: 2, decoding: packed, inflating: inflated) })
        report("\(name): file", Double(packed.count) / 1000, unit: "KB")
    }
    for name in ["friendsforever", "node_nodecc"] {
        let trace = try Traces.concurrent(name)
        let changes = trace.changes.map { change in
            var change = change
            change.spans = Spans.joined(change.spans.map(ascii))
            return change
        }
        var document = TextDocument(agent: 1000, isRepairing: false)
        try document.apply(changes)
        precondition(document.text == ascii(trace.end))
        let bytes = document.encoded()
        report("\(name): decode, merge, text", try best { _ = try TextDocument(agent: 2, decoding: bytes, isRepairing: false) })
        report("\(name): file", Double(document.encoded(deflating: deflated).count) / 1000, unit: "KB")
        if name == "friendsforever" {
            var source = TextDocument(agent: 1000, isRepairing: false)
            let frames = try changes.map { change in
                let before = source.heads
                try source.apply([change])
                return source.encoded(since: before)
            }
            report(
                "\(name) as \(frames.count) messages",
                try best(3000) {
                    var document = TextDocument(agent: 2, isRepairing: false)
                    for frame in frames { try document.merge(frame) }
                    precondition(document.text.utf8.count == trace.end.utf8.count)
                }
            )
            resetPeak()
            let before = residentBytes()
            _ = try TextDocument(agent: 2, decoding: bytes, isRepairing: false)
            report("\(name): peak memory of decode, merge, text", Double(max(0, peakBytes() - before)) / 1_048_576, unit: "MiB")
        }
    }
}

enum Spans {
    /// Typing and deleting on, in one save, is one span.
    static func joined(_ spans: [TextSpan]) -> [TextSpan] {
        var joined: [TextSpan] = []
        var open: (at: Int, text: String, count: Int)?
        func close() {
            if let run = open { joined.append(.insert(at: run.at, text: run.text)) }
            open = nil
        }
        for span in spans {
            switch span {
            case .insert(let at, let text):
                if let run = open, at == run.at + run.count {
                    open?.text += text
                    open?.count += text.unicodeScalars.count
                } else {
                    close()
                    open = (at, text, text.unicodeScalars.count)
                }
            case .delete(let at, let count):
                close()
                if case .delete(let before, let length) = joined.last, at == before || at + count == before {
                    joined[joined.count - 1] = .delete(at: at, count: count + length)
                } else {
                    joined.append(span)
                }
            }
        }
        close()
        return joined
    }
}
