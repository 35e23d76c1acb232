import Deflate
import EgWalker
import Models
import Wire

/// What each decoder is first fed with: whole values of its kind, so that chance begins behind the first bytes.
extension Decoder {
    public var seeds: [[UInt8]] {
        switch self {
        case .change: bodies
        case .exchangeProtobuf: messages.map { $0.body(.protobuf) }
        case .exchangeJSON: messages.map { $0.body(.json) }
        case .verifyProtobuf: verifyMessages.map { $0.body(.protobuf) }
        case .verifyJSON: verifyMessages.map { $0.body(.json) }
        case .bundle: bundles
        case .state: states.map { StateCodec.encode($0) }
        case .spans: [SpanCodec.encode([.insert(at: 3, text: "Zwölf 十二"), .delete(at: 7, count: 2)])]
        // Without their checksums, which are added before they are read.
        case .document:
            [document.encoded(), document.encoded(deflating: { Deflate.deflate($0) })].map { $0.dropLast(8) }
        case .link: links.map { Array($0.utf8) }
        case .server: serverFiles.map { Array($0.utf8) }
        case .ticket: tickets
        case .problem: problems.map { Array($0.utf8) }
        case .control: controlLines.map { Array($0.utf8) }
        case .times: ["12:36", "@14:12", "-1m30s", "1h30m", "2013-11-22T14:00+08:00", "now"].map { Array($0.utf8) }
        case .json: [Array(#"{"type":"note","text":"a\u00e9😀","position":1.5e3,"tags":[null,true]}"#.utf8)]
        case .text: [Array("Zwölf 十二".utf8)]
        case .inflate: [Deflate.deflate(Array("to inflate, to inflate, to inflate".utf8))]
        case .body:
            (messages + verifyMessages).flatMap {
                [[0] + $0.body(.protobuf), [2] + $0.body(.json), [1] + Deflate.deflate($0.body(.protobuf))]
            }
        }
    }

    private var document: TextDocument {
        var here = TextDocument(agent: 1)
        var there = TextDocument(agent: 2)
        do {
            try here.setText("one two three")
            try there.apply(here.changes(since: []))
            try here.setText("one 2 three " + String(repeating: "four ", count: 60))
            try there.setText("one two three, 十二 😀")
            try here.apply(there.changes(since: []))
        } catch {
            preconditionFailure("\(error)")
        }
        return here
    }
}
