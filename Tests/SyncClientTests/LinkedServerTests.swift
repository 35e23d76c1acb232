import Models
import SyncClient
import SyncTLS
import TestSupport
import Testing

@Suite struct LinkedServerTests {
    private func server(name: String = "Büro = 東京") throws -> LinkedServer {
        LinkedServer(
            address: try #require(ServerAddress("home.example.org:4430")),
            pins: [
                try #require(KeyPin(String(repeating: "A", count: 52))),
                try #require(KeyPin(String(repeating: "A", count: 51) + "Q")),
            ],
            credential: try #require(Credential(bytes: Array(0..<32))),
            device: 7,
            deviceName: name,
            notebook: NotebookID(UUIDBits(high: 1, low: 2))
        )
    }

    @Test(arguments: ["laptop", "Büro = 東京", " leading and trailing ", "a=b=c", "#"])
    func `what is kept of a server survives its text`(name: String) throws {
        let server = try server(name: name)
        let read = try #require(LinkedServer(text: server.text))
        #expect(read.pins == server.pins)
        #expect(read.address == server.address)
        #expect(read.credential == server.credential)
        #expect(read.device == server.device)
        #expect(read.notebook == server.notebook)
        #expect(read.deviceName == name.drop { $0 == " " })
    }

    @Test func `lines of a later program are left alone`() throws {
        let server = try server()
        #expect(LinkedServer(text: "later = x\n# a comment\n\n" + server.text + "also = later\n") == server)
    }

    @Test func `an editor may end its lines as it likes`() throws {
        let server = try server()
        for end in ["\r\n", "\r"] {
            let read = try #require(LinkedServer(text: server.text.replacing("\n", with: end)))
            #expect(read == server && LinkedServer(text: read.text) == server)
        }
    }

    @Test func `without any one of its lines it is not read`() throws {
        let lines = try server().text.split(separator: "\n")
        for index in lines.indices {
            var rest = lines
            rest.remove(at: index)
            #expect(LinkedServer(text: rest.joined(separator: "\n")) == nil, "without \(lines[index])")
        }
    }

    @Test(arguments: ["address = nowhere", "pins = AAAA", "pins = ", "credential = x", "device = -1", "notebook = 7"])
    func `a line that cannot be read is not guessed at`(line: String) throws {
        let key = line.prefix { $0 != "=" }
        let lines = try server().text.split(separator: "\n").map { $0.hasPrefix(key) ? Substring(line) : $0 }
        #expect(LinkedServer(text: lines.joined(separator: "\n")) == nil)
    }

    @Test func `bytes that are no ticket of this server are no ticket`() throws {
        let server = try server()
        #expect(server.ticket([]) == nil)
        #expect(server.ticket(Array(repeating: 7, count: 300)) == nil)
    }
}
