import Foundation
import SyncTLS
import Testing

@testable import SyncServer

@Suite struct DataFolderTests {
    let temporary: TemporaryFolder
    let path: String

    init() throws {
        temporary = try TemporaryFolder()
        path = temporary.path + "/a/b/data"
    }

    @Test func `a new folder and what is in it belong to their owner alone`() throws {
        let folder = try DataFolder.open(path, for: .serving)
        _ = try ServerKeys.load(from: folder, names: ["localhost"], nowSeconds: 1_700_000_000)
        _ = try folder.accountsPath()
        #expect(try temporary.mode("a/b/data") == 0o700)
        for name in ["lock", "key.pem", "certificate.pem", "spare-key.pem", "accounts.sqlite"] {
            #expect(try temporary.mode("a/b/data/" + name) == 0o600, "\(name)")
        }
    }

    @Test func `one process at a time has a folder`() throws {
        let folder = try DataFolder.open(path, for: .serving)
        #expect(throws: SyncServerError.folderInUse(path + "/lock", process: Int(getpid()))) {
            try DataFolder.open(path, for: .serving)
        }
        folder.unlock()
        _ = try DataFolder.open(path, for: .serving)
    }

    @Test func `a folder with something else in it is left alone`() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        #expect(FileManager.default.createFile(atPath: path + "/thesis.txt", contents: nil))
        #expect(throws: SyncServerError.folderNotOurs(path)) { try DataFolder.open(path, for: .serving) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["thesis.txt"])
    }

    @Test func `a command makes no folder`() throws {
        #expect(throws: SyncServerError.noServer(path)) { try DataFolder.open(path, for: .administration) }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `keys outlive restarts, and a certificate is renewed under the same key`() throws {
        let folder = try DataFolder.open(path, for: .serving)
        let first = try ServerKeys.load(from: folder, names: ["localhost"], nowSeconds: 1_700_000_000)
        let second = try ServerKeys.load(from: folder, names: ["localhost"], nowSeconds: 1_700_000_100)
        #expect(first.isNew && !second.isNew)
        #expect(first.identity == second.identity && first.sparePin == second.sparePin)
        let later = try ServerKeys.load(from: folder, names: ["localhost"], nowSeconds: 1_700_000_000 + 360 * 86_400)
        #expect(later.identity.certificatePEM != first.identity.certificatePEM)
        #expect(later.identity.pin == first.identity.pin)
        #expect(later.sparePin == first.sparePin && later.sparePin != later.identity.pin)
    }

    @Test func `a lost key is an error, not a new key`() throws {
        let folder = try DataFolder.open(path, for: .serving)
        _ = try ServerKeys.load(from: folder, names: ["localhost"], nowSeconds: 1_700_000_000)
        unlink(path + "/key.pem")
        #expect(throws: SyncServerError.self) {
            try ServerKeys.load(from: folder, names: ["localhost"], nowSeconds: 1_700_000_000)
        }
        try FileBytes.write(Array("no key".utf8), to: path + "/key.pem")
        #expect(throws: SyncServerError.self) {
            try ServerKeys.load(from: folder, names: ["localhost"], nowSeconds: 1_700_000_000)
        }
    }
}
