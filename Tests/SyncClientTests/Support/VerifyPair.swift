import Models
import Store
import SyncClient
import SyncServer
import TestSupport
import Wire

/// A device and a server in real files, level, whose files a test damages.
struct VerifyPair {
    let folder: TemporaryFolder
    var device: TestDevice
    var server: TestServer
    var devicePath: String { folder.file("device.sqlite") }
    var serverPath: String { folder.file("server.sqlite") }

    init() throws {
        folder = try TemporaryFolder()
        device = try TestDevice(seed: 1)
        server = try TestServer()
        try reopenDevice()
        server.store = try NotebookStore(path: serverPath, surroundings: server.machine.surroundings)
        let other = try TestDevice(seed: 2)
        for number in 1...4 {
            let id = try device.add("note \(number) of one")
            _ = try other.add("note \(number) of two")
            try other.sync(server)
            try device.sync(server)
            try device.edit(id, "note \(number) of one, edited")
        }
        try device.sync(server)
    }

    /// - Parameter willCommit: what it throws rolls a transaction back.
    mutating func reopenDevice(willCommit: @escaping @Sendable () throws -> Void = {}) throws {
        device.store = try NotebookStore(
            path: devicePath,
            surroundings: device.machine.surroundings,
            willCommit: willCommit
        )
    }

    var asked: MemoryServer { MemoryServer(handler: VerifyHandler(store: server.store)) }

    /// As `webinar verify` does.
    func verify(repairs: Bool, with server: MemoryServer? = nil) async throws -> VerifyReport {
        let engine = VerifyEngine(store: device.store, repairs: repairs)
        return try await engine.run(with: server ?? asked, after: try engine.runHere())
    }

    func path(_ side: Side) -> String { side == .device ? devicePath : serverPath }

    enum Side: CaseIterable { case device, server }

    /// Both are sound, hold the same, and say so in an exchange.
    func isLevel() throws -> Bool {
        try device.sync(server).isLevel && device.store.check().findings.isEmpty
            && server.store.check().findings.isEmpty
    }
}

/// Answers as over the network: through the bytes of all messages.
struct MemoryServer: VerifyServer {
    let handler: VerifyHandler
    /// What a server of somebody else's says instead.
    var twist: @Sendable (inout VerifyAnswer) -> Void = { _ in }

    func ask(_ question: VerifyQuestion) async throws -> VerifyAnswer {
        let received = try VerifyQuestion(body: question.body(.protobuf), format: .protobuf)
        var answer = try handler.answer(received)
        twist(&answer)
        return try VerifyAnswer(body: answer.body(.protobuf), format: .protobuf)
    }

    func repair(_ request: RepairRequest) async throws -> RepairAnswer {
        try handler.repair(try RepairRequest(body: request.body(.json), format: .json))
    }
}
