import Digest
import HTTPTypes
import HummingbirdCore
import Logging
import Models
import NIOCore
import Store
import SyncTLS
import Wire

/// What each route does.
struct Routes: Sendable {
    private let accounts: Accounts
    private let notebooks: Notebooks
    private let connections: ConnectionTable
    private let sparePin: KeyPin
    private let readiness: Readiness
    private let bodies: BodyReader
    /// For what takes a processor a while: large bodies. Two at a time bound the memory, too.
    private let computing: Lane
    private let logger: Logger

    /// Below this a body is read where the request is: handing it over would take longer.
    private static let smallByteCount = 16 * 1024

    init(_ server: SyncServer, bodies: BodyReader, logger: Logger) {
        accounts = server.accounts
        notebooks = server.notebooks
        connections = server.connections
        sparePin = server.keys.sparePin
        readiness = Readiness(server)
        self.bodies = bodies
        computing = Lane(
            threads: server.threads,
            width: 2,
            maximumWaitingCount: Limits.maximumWaitingExchangeCount
        )
        self.logger = logger
    }

    func answer(_ task: RequestTask, body: RequestBody, on channel: any Channel) async throws -> Answer {
        switch (task.route, task.device) {
        case (.sync(let notebook), let device?):
            try await sync(notebook, device, task, body)
        case (.verify(let notebook), _?):
            try await verify(notebook, task, body)
        case (.repair(let notebook), _?):
            try await repair(notebook, task, body)
        case (.devices, let device?):
            try await listDevices(device, task)
        case (.renameDevice(let id), let device?):
            try await rename(id, device, task, body)
        case (.revokeDevice(let id), let device?):
            try await revoke(id, device)
        case (.link, _):
            try await link(task, body, channel)
        case (.health, _):
            Answer(type: "text/plain; charset=utf-8", body: Array("ok\n".utf8))
        case (.readiness, _):
            try await readiness.answer()
        case (_, nil):
            throw Problem.unauthorized
        }
    }

    // MARK: Sync

    private func sync(
        _ notebook: NotebookID,
        _ device: AccountDevice,
        _ task: RequestTask,
        _ body: RequestBody
    ) async throws -> Answer {
        let request = try await large(SyncRequest.self, task, body)
        let answer = try await notebooks.answer(
            request,
            in: notebook,
            rights: accounts.rights(of: device, in: notebook),
            from: device.id
        )
        let byteCount = answer.runs.reduce(0) { $0 + $1.bodies.reduce(0) { $0 + $1.count } }
        return try await compute(byteCount: byteCount) { BodyReader.answer(answer, task.forms) }
    }

    /// A message of any size that the route allows.
    private func large<Message: WireMessage>(
        _ type: Message.Type,
        _ task: RequestTask,
        _ body: RequestBody
    ) async throws -> Message {
        try await bodies.withBody(body, of: task) { bytes in
            try await compute(byteCount: bytes.count) {
                try BodyReader.message(type, bytes, task.forms, maximumBytes: task.route.maximumBodyBytes ?? 0)
            }
        }
    }

    private func compute<Result: Sendable>(
        byteCount: Int,
        _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        byteCount <= Self.smallByteCount ? try body() : try await computing.run(body)
    }

    // MARK: Verifying

    private func verify(_ notebook: NotebookID, _ task: RequestTask, _ body: RequestBody) async throws -> Answer {
        let question = try await large(VerifyQuestion.self, task, body)
        let answer = try await notebooks.answer(question, in: notebook)
        return try await computing.run { BodyReader.answer(answer, task.forms) }
    }

    private func repair(_ notebook: NotebookID, _ task: RequestTask, _ body: RequestBody) async throws -> Answer {
        let request = try await large(RepairRequest.self, task, body)
        let answer = try await notebooks.repair(request, in: notebook)
        logger.notice(
            "repaired a notebook",
            metadata: [
                "healed": "\(answer.healedCount)", "mended": "\(answer.mendedCount)", "rebuilt": "\(answer.isRebuilt)",
            ]
        )
        return BodyReader.answer(answer, task.forms)
    }

    // MARK: Linking

    private func link(_ task: RequestTask, _ body: RequestBody, _ channel: any Channel) async throws -> Answer {
        let request = try await small(LinkRequest.self, task, body)
        let exporter: [UInt8]
        do {
            exporter = try await channel.tlsKeyingMaterial(
                label: LinkProof.exporterLabel,
                context: [],
                length: LinkProof.exporterByteCount
            ).get()
        } catch {
            throw ConnectionBroken()
        }
        guard let credential = Credential(bytes: RandomBytes.bytes(Credential.byteCount)) else { throw Problem.bug }
        switch try await accounts.redeem(request, exporter: exporter, credential: credential) {
        case .linked(let device, let person, let notebook, let otherDevices):
            logger.notice("linked a device", metadata: ["device": "\(device.id)"])
            return BodyReader.answer(
                LinkAnswer(
                    notebook: notebook.id,
                    credential: credential,
                    device: device.id,
                    person: person.name,
                    notebookName: notebook.name,
                    sparePin: sparePin.digest.bytes,
                    otherDevices: otherDevices
                ),
                task.forms
            )
        case .gone:
            throw Problem.linkGone
        case .wrongProof(let attemptsLeft):
            logger.warning("a link's secret was not proven", metadata: ["attempts_left": "\(attemptsLeft)"])
            throw Problem.wrongProof(attemptsLeft: attemptsLeft)
        case .tooManyDevices:
            throw Problem.tooManyDevices
        }
    }

    private func small<Message: WireMessage>(
        _ type: Message.Type,
        _ task: RequestTask,
        _ body: RequestBody
    ) async throws -> Message {
        try await bodies.withBody(body, of: task) { bytes in
            try BodyReader.message(type, bytes, task.forms, maximumBytes: Limits.maximumSmallBodyBytes)
        }
    }

    // MARK: Devices

    private func listDevices(_ asking: AccountDevice, _ task: RequestTask) async throws -> Answer {
        let devices = try await accounts.devices(of: asking.person)
        return BodyReader.answer(
            DeviceList(
                devices: devices.map { device in
                    DeviceList.Device(
                        id: device.id,
                        name: device.name,
                        linkedMilliseconds: device.linkedMilliseconds,
                        seenMilliseconds: device.seenMilliseconds,
                        isRevoked: device.isRevoked,
                        isCurrent: device.id == asking.id
                    )
                }
            ),
            task.forms
        )
    }

    private func rename(
        _ id: UInt64,
        _ asking: AccountDevice,
        _ task: RequestTask,
        _ body: RequestBody
    ) async throws -> Answer {
        let name = try await small(DeviceRename.self, task, body).name
        guard try await accounts.rename(id, of: asking.person, to: name) else { throw Problem.notFound }
        return Answer(status: .noContent)
    }

    private func revoke(_ id: UInt64, _ asking: AccountDevice) async throws -> Answer {
        guard try await accounts.revoke(id, of: asking.person) else { throw Problem.notFound }
        logger.notice("revoked a device", metadata: ["device": "\(id)", "by": "\(asking.id)"])
        var answer = Answer(status: .noContent)
        // The device that asked may be the one, and shall have its answer.
        answer.afterwards = { [connections] in connections.close(device: id) }
        answer.endsConnection = id == asking.id
        return answer
    }
}
