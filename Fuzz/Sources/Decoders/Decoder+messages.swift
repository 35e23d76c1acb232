import Deflate
import Models
import Wire

/// The messages of the protocol: what stands in the bodies of requests and answers.
extension Decoder {
    static func readExchange(_ bytes: [UInt8], _ format: WireFormat) {
        read(SyncRequest.self, bytes, format)
        read(SyncAnswer.self, bytes, format)
        read(LinkRequest.self, bytes, format)
        read(LinkAnswer.self, bytes, format)
        read(DeviceList.self, bytes, format)
        read(DeviceRename.self, bytes, format)
    }

    static func readVerifying(_ bytes: [UInt8], _ format: WireFormat) {
        read(VerifyQuestion.self, bytes, format)
        read(VerifyAnswer.self, bytes, format)
        read(RepairRequest.self, bytes, format)
        read(RepairAnswer.self, bytes, format)
    }

    /// The body of a request as the server takes it: deflated or not, in one of two forms.
    static func readBody(_ bytes: [UInt8]) {
        guard let form = bytes.first else { return }
        var body = Array(bytes.dropFirst())
        if form & 1 == 1 {
            let most = Limits.maximumExchangeBytes
            guard
                let inflated = try? Deflate.inflate(body, maximumBytes: most, maximumRatio: Limits.maximumInflateRatio)
            else { return }
            body = inflated
        }
        readExchange(body, form & 2 == 2 ? .json : .protobuf)
        readVerifying(body, form & 2 == 2 ? .json : .protobuf)
    }

    private static func read<Message: WireMessage & Equatable>(
        _ type: Message.Type,
        _ bytes: [UInt8],
        _ format: WireFormat
    ) {
        guard let message = try? Message(body: bytes, format: format) else { return }
        for format in [WireFormat.protobuf, .json] {
            let again = try? Message(body: message.body(format), format: format)
            precondition(again == message, "a message is read back as another")
        }
        look(at: message)
    }

    /// What is done with a message before it is held against a notebook.
    private static func look(at message: any WireMessage) {
        switch message {
        case let request as SyncRequest: hash(request.runs)
        case let request as RepairRequest: hash(request.runs)
        case let answer as VerifyAnswer: look(at: answer.content)
        default: break
        }
    }

    private static func look(at answer: VerifyAnswer.Content) {
        switch answer {
        case .position: break
        case .log(let look): _ = look.faults.filter(\.isAskable).map { ChangeSpan($0) }
        case .state(let look):
            var buckets = look.buckets
            for record in look.records + look.records { buckets.toggle(record) }
            precondition(buckets.differing(from: look.buckets).isEmpty, "what was added and taken out again is there")
        case .touched(let look):
            let spans = ChangeSpan.joined(look.spans)
            precondition(ChangeSpan.joined(spans) == spans, "joined spans can be joined")
        case .changes(let found): hash(found.runs)
        }
    }

    private static func hash(_ runs: [ChangeRun]) {
        for run in runs { _ = Chain.hashes(of: run) }
    }
}
