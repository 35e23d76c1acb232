import Models
import Testing

@testable import webinar_cli

@Suite struct JSONTests {
    @Test func `the writer keeps the order and escapes as little as it must`() {
        let value: JSONValue = [
            "z": 1, "a": ["x", nil, true], "text": "a\"b\\c\n\t\u{1}微博 é", "empty": [:], "none": [],
        ]
        #expect(value.text == #"{"z":1,"a":["x",null,true],"text":"a\"b\\c\n\t\u0001微博 é","empty":{},"none":[]}"#)
    }

    @Test func `what could drive a terminal is escaped`() {
        #expect(JSONValue.string("\u{1B}[2J\u{7F}\u{9B}\u{202E}").text == #""\u001b[2J\u007f\u009b\u202e""#)
    }

    @Test func `integers stay exact`() throws {
        for text in [
            "0", "-1", "9007199254740993", "9223372036854775807", "-9223372036854775808", "18446744073709551615",
        ] {
            #expect(try JSONParser.parse(text.utf8).text == text)
        }
        #expect(JSONValue.unsigned(7) == .integer(7))
        #expect(JSONValue.unsigned(.max) == .largeInteger(.max))
        #expect(try JSONParser.parse("18446744073709551615".utf8) == .unsigned(.max))
    }

    @Test(arguments: [
        #"{"a":[1,2.5,-0.25,1e+20],"b":{"c":null}}"#, #""\u001b 微博 \"""#, "[]", "{}", "true", #"[[[["x"]]]]"#, #""""#,
        #"{"":""}"#,
    ])
    func `what was written reads back, byte for byte`(text: String) throws {
        #expect(try JSONParser.parse(text.utf8).text == text)
    }

    @Test func `every scalar survives a string`() throws {
        for value in stride(from: UInt32(1), through: 0x10FFFF, by: 1) where value < 0x3000 || value % 977 == 0 {
            guard let scalar = Unicode.Scalar(value) else {
                continue
            }
            let original = JSONValue.string("a\(scalar)b")
            #expect(try JSONParser.parse(original.bytes) == original)
        }
    }

    @Test func `escapes are read, pairs included`() throws {
        #expect(try JSONParser.parse(#""\ud83d\ude00\u5FAE\/\b\f""#.utf8) == .string("😀微/\u{8}\u{C}"))
        #expect(try JSONParser.parse(" {\"a\" : [ 1 , 2 ] } \r\n".utf8) == ["a": [1, 2]])
    }

    @Test(arguments: [
        ("", JSONSyntaxError.Problem.unexpectedEnd, 0),
        ("{", .unexpectedEnd, 1),
        (#"{"a"}"#, .unexpected(byte: 0x7D), 4),
        ("[1,]", .unexpected(byte: 0x5D), 3),
        ("[1 2]", .unexpected(byte: 0x32), 3),
        ("1 2", .trailingBytes, 2),
        ("nul", .unexpectedEnd, 3),
        ("nulL", .unexpected(byte: 0x4C), 3),
        ("01", .invalidNumber, 0),
        ("-", .unexpectedEnd, 1),
        ("1.", .invalidNumber, 2),
        ("1e", .invalidNumber, 2),
        ("+1", .unexpected(byte: 0x2B), 0),
        ("18446744073709551616", .numberOutOfRange, 0),
        ("1e999", .numberOutOfRange, 0),
        ("\"a\nb\"", .controlCharacter, 2),
        (#""\x""#, .invalidEscape, 1),
        (#""\u12g4""#, .invalidEscape, 5),
        (#""\ud800""#, .loneSurrogate, 1),
        (#""\ud800\u0041""#, .loneSurrogate, 1),
        (#""\udc00""#, .loneSurrogate, 1),
        (#""\u0000""#, .nullCharacter, 1),
        (#"{"a":1,"a":2}"#, .duplicateKey("a"), 7),
        ("\"abc", .unexpectedEnd, 4),
    ])
    func `a broken document is refused with the byte`(text: String, problem: JSONSyntaxError.Problem, offset: Int) {
        #expect(throws: JSONSyntaxError(problem: problem, offset: offset)) {
            try JSONParser.parse(text.utf8)
        }
    }

    @Test func `bytes that are not UTF-8 are refused`() {
        #expect(throws: JSONSyntaxError(problem: .invalidUTF8, offset: 0)) {
            try JSONParser.parse([0x22, 0xCE, 0xA2, 0xD2, 0x22] as [UInt8])
        }
    }

    @Test func `depth is bounded`() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: JSONSyntaxError(problem: .tooDeep, offset: Limits.maximumJSONDepth + 1)) {
            try JSONParser.parse(deep.utf8)
        }
    }

    /// Prints its seed in the name of the case. Any bytes either parse, and then write and parse to the same, or
    /// give an error; none trap.
    @Test(arguments: 0..<40 as Range<UInt64>)
    func `no bytes trap the parser`(seed: UInt64) throws {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func next(_ bound: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(bound))
        }
        let original = Array(#"{"id":"x","n":[1,-2.5e3,null,true],"t":"a\ud83d\ude00\n微"}"#.utf8)
        for _ in 0..<200 {
            var bytes = original
            for _ in 0...next(4) {
                bytes[next(bytes.count)] = UInt8(next(256))
            }
            bytes.removeLast(next(3))
            if let value = try? JSONParser.parse(bytes) {
                #expect(try JSONParser.parse(value.bytes) == value)
            }
        }
    }
}
