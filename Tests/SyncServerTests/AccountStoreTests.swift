import Digest
import Models
import Store
import Testing
import Wire

@testable import SyncServer

@Suite struct AccountStoreTests {
    let folder: TemporaryFolder
    let clock = TestClock()
    let store: AccountStore
    let owner: Person
    let notebook: AccountNotebook
    let exporter = [UInt8](repeating: 7, count: 32)

    init() throws {
        folder = try TemporaryFolder()
        store = try AccountStore(path: folder.path + "/accounts.sqlite", surroundings: clock.surroundings)
        owner = try store.read { try $0.owner() }
        notebook = try #require(try store.read { try $0.notebooks(of: 1) }.first)
    }

    private func makeLink(_ byte: UInt8 = 1) throws -> NewLink? {
        let secret = [UInt8](repeating: byte, count: 16)
        return try store.write { try $0.makeLink(person: owner.id, notebook: notebook.id, secret: secret) }
    }

    private func redeem(
        _ link: NewLink,
        name: String = "phone",
        replica: UInt64 = 1,
        exporter: [UInt8]? = nil,
        provedName: String? = nil,
        secret: [UInt8]? = nil
    ) throws -> LinkRedemption {
        let request = LinkRequest(
            link: LinkProof.linkID(ofSecret: link.secret),
            proof: LinkProof.proof(
                secret: secret ?? link.secret,
                exporter: exporter ?? self.exporter,
                deviceName: provedName ?? name
            ),
            deviceName: name,
            replica: ReplicaID(replica)
        )
        let credential = SHA256.hash(RandomBytes.bytes(32))
        return try store.write { try $0.redeem(request, exporter: self.exporter, credential: credential) }
    }

    private func linkedDevice(replica: UInt64 = 1) throws -> AccountDevice {
        let link = try #require(try makeLink(UInt8(truncatingIfNeeded: RandomBytes.uint64())))
        guard case .linked(let device, _, _, _) = try redeem(link, replica: replica) else {
            throw SyncServerError.neverStarted
        }
        return device
    }

    @Test func `the first opening makes an owner with one notebook, and the second finds them`() throws {
        let again = try AccountStore(path: folder.path + "/accounts.sqlite", surroundings: clock.surroundings)
        #expect(try again.read { try $0.owner() } == owner)
        #expect(try again.read { try $0.notebooks(of: owner.id) } == [notebook])
        #expect(try again.read { try $0.memberships() } == [Membership(notebook: notebook.id, person: owner.id)])
    }

    @Test func `a link is good once`() throws {
        let link = try #require(try makeLink())
        guard case .linked(let device, owner, notebook, []) = try redeem(link) else {
            Issue.record("not linked")
            return
        }
        #expect(device.name == "phone")
        #expect(try redeem(link) == .gone)
    }

    @Test func `a link is good for ten minutes`() throws {
        let link = try #require(try makeLink())
        clock.advance(milliseconds: Limits.linkMilliseconds - 1000)
        let second = try #require(try makeLink(2))
        clock.advance(milliseconds: 1000)
        #expect(try redeem(link) == .gone)
        guard case .linked = try redeem(second) else {
            Issue.record("the second link is not that old")
            return
        }
    }

    @Test func `five wrong proofs end a link`() throws {
        let link = try #require(try makeLink())
        for left in [4, 3, 2, 1, 0] {
            #expect(try redeem(link, secret: [1, 2, 3]) == .wrongProof(attemptsLeft: left))
        }
        #expect(try redeem(link) == .gone)
    }

    @Test func `a proof holds for one connection and one name`() throws {
        let link = try #require(try makeLink())
        #expect(try redeem(link, exporter: [UInt8](repeating: 8, count: 32)) == .wrongProof(attemptsLeft: 4))
        #expect(try redeem(link, name: "mine", provedName: "phone") == .wrongProof(attemptsLeft: 3))
    }

    @Test func `no more links wait than the limit says`() throws {
        for byte in 0..<Limits.maximumOpenLinkCount { #expect(try makeLink(UInt8(byte)) != nil) }
        #expect(try makeLink(200) == nil)
        clock.advance(milliseconds: Limits.linkMilliseconds)
        #expect(try makeLink(200) != nil)
    }

    @Test func `no more devices are linked than the limit says, and a revoked one makes room`() throws {
        var last: AccountDevice?
        for replica in 1...Limits.maximumDeviceCount { last = try linkedDevice(replica: UInt64(replica)) }
        let link = try #require(try makeLink(3))
        #expect(try redeem(link, replica: 9999) == .tooManyDevices)
        let id = try #require(last).id
        #expect(try store.write { try $0.revoke(id, of: owner.id) })
        guard case .linked = try redeem(link, replica: 9999) else {
            Issue.record("the link was not kept")
            return
        }
    }

    @Test func `a replica belongs to the device that wrote under it first`() throws {
        let device = try linkedDevice(replica: 5)
        let again = try linkedDevice(replica: 6)
        #expect(try store.write { try $0.claim(ReplicaID(5), of: notebook.id, for: device) })
        #expect(try !store.write { try $0.claim(ReplicaID(5), of: notebook.id, for: again) })
    }

    @Test func `a device writes under the replica alone that it claimed last, and keeps the others`() throws {
        let device = try linkedDevice(replica: 5)
        let other = try linkedDevice(replica: 6)
        #expect(try store.write { try $0.claim(ReplicaID(7), of: notebook.id, for: device) })
        #expect(try store.read { try $0.writer(of: ReplicaID(5), in: notebook.id) } == nil)
        #expect(try store.read { try $0.writer(of: ReplicaID(7), in: notebook.id) } == device.id)
        #expect(try !store.write { try $0.claim(ReplicaID(5), of: notebook.id, for: other) })
    }

    @Test func `a device that was revoked and is linked again goes on under its replica`() throws {
        let before = try linkedDevice(replica: 5)
        #expect(try store.write { try $0.revoke(before.id, of: owner.id) })
        #expect(try store.read { try $0.writer(of: ReplicaID(5), in: notebook.id) } == nil)
        let again = try linkedDevice(replica: 5)
        #expect(try store.read { try $0.writer(of: ReplicaID(5), in: notebook.id) } == again.id)
        let other = try linkedDevice(replica: 6)
        #expect(try !store.write { try $0.claim(ReplicaID(5), of: notebook.id, for: other) })
    }

    @Test func `another person's device cannot be seen, renamed or revoked`() throws {
        let device = try linkedDevice()
        #expect(try store.read { try $0.device(device.id, of: 99) } == nil)
        #expect(try !store.write { try $0.rename(device.id, of: 99, to: "x") })
        #expect(try !store.write { try $0.revoke(device.id, of: 99) })
        #expect(try store.read { try $0.devices(of: owner.id) } == [device])
    }

    @Test func `a secret is gone from the file once its link is`() throws {
        let link = try #require(try makeLink(0x5A))
        _ = try redeem(link)
        try store.close()
        let bytes = try #require(try FileBytes.read(folder.path + "/accounts.sqlite"))
        #expect(!bytes.isEmpty)
        #expect(bytes.firstRange(of: link.secret) == nil)
    }
}
