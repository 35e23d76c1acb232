import Models

extension Decoder {
    var links: [String] {
        guard let address = ServerAddress("desk.example.org:8443") else { preconditionFailure("an address") }
        let link = LinkText(
            address: address,
            pin: Array(repeating: 3, count: LinkText.pinByteCount),
            secret: Array(repeating: 4, count: LinkText.secretByteCount)
        )
        let pins = [
            "ADSU-H6QE-YKYZ-3Q5T-WAQM-4EIN-7DXK-J2LP-RGBO-VIC6-5FNS-UYHX-MWTA", "sha256//\(base64)", base64,
        ]
        return ["\(link)", "[::1]:8443", "k7qf", "\(record)", String(repeating: "A", count: 43)] + pins
    }

    /// As a device keeps its server, with a line of a later program; and as an editor may leave it that ends lines
    /// otherwise.
    var serverFiles: [String] {
        let name = "name = Büro = 東京"
        let others = [
            "address = desk.example.org:8443",
            "pins = \(String(repeating: "A", count: 52)) \(String(repeating: "A", count: 51))Q",
            "credential = \(String(repeating: "A", count: 43))", "device = 7", "notebook = \(record)", "later = x",
        ]
        return [
            others.joined(separator: "\n") + "\n\(name)\n", others.joined(separator: "\n") + "\n\(name)\r",
            others.joined(separator: "\r\n") + "\r\n\(name)\r\n",
        ]
    }

    /// Of a server whose key is pinned, and of one with a name.
    var tickets: [[UInt8]] {
        let session: [UInt8] = [0x30, 0x82, 0x01, 0x02]
        let pin = [UInt8](repeating: 3, count: 32)
        return ["", "desk.example.org"].map { name in
            Array("wtk1".utf8) + pin + [UInt8(name.utf8.count)] + Array(name.utf8) + session
        }
    }

    var problems: [String] {
        [
            #"{"type":"urn:webinar:problem:not-found","title":"There is no such thing here.","status":404,"#
                + #""detail":"a\u00e9😀","instance":"urn:webinar:request:0123abcd","limit":3}"#,
            #"{"title":null}"#, #"{"title":"# + String(repeating: "[", count: 4000),
        ]
    }

    /// A command's requests and a server's replies.
    var controlLines: [String] {
        [
            #"{"link":{}}"#, #"{"devices":{}}"#, #"{"rename":{"device":"7","name":"Büro"}}"#,
            #"{"revoke":{"device":"laptop"}}"#,
            #"{"done":{"_0":{"link":{"_0":{"link":"WEBINAR:H:1/A/B","server":"h:1","pin":"AAAA","#
                + #""expiresMilliseconds":1385100000000}}}}}"#,
            #"{"done":{"_0":{"devices":{"_0":[{"id":7,"name":"a\u00e9😀","linkedMilliseconds":1,"#
                + #""seenMilliseconds":0,"revokedMilliseconds":3}]}}}}"#,
            #"{"failed":{"_0":{"ambiguousDevice":{"_0":"laptop","ids":[7,18446744073709551615]}}}}"#,
            #"{"failed":{"_0":{"tooManyLinks":{"maximum":64}}}}"#, #"{"failed":{"_0":{"diskFull":{}}}}"#,
            #"{"failed":{"_0":{"other":{"_0":"why"}}}}"#,
        ]
    }

    private var base64: String { String(repeating: "AwMD", count: 10) + "AwM=" }
}
