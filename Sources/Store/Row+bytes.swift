import Foundation
import GRDB
import Models

// SQLite's integers are signed and its blobs are bytes; our ids are unsigned words and arrays.

extension Row {
    /// A blob; empty for NULL.
    func bytes(_ index: Int) -> [UInt8] {
        guard let data = try? withUnsafeData(atIndex: index, { $0.map { [UInt8]($0) } }) else { return [] }
        return data
    }

    func word(_ index: Int) -> UInt64 { UInt64(bitPattern: self[index] as Int64) }

    func contentHash(_ index: Int) throws -> ContentHash { try ContentHash(stored: bytes(index)) }

    func record(_ index: Int) throws -> RecordID {
        guard let bits = UUIDBits(bytes: bytes(index)) else { throw StoreError.corrupt("an id is not 16 bytes") }
        return RecordID(bits)
    }
}

extension UInt64 {
    /// As SQLite stores it.
    var stored: Int64 { Int64(bitPattern: self) }
}

extension RecordID {
    var stored: Data { Data(bits.bytes) }
}

extension ContentHash {
    var stored: Data { Data(bytes) }

    init(stored bytes: some Sequence<UInt8>) throws {
        guard let hash = ContentHash(bytes: Array(bytes)) else { throw StoreError.corrupt("a hash is not 32 bytes") }
        self = hash
    }
}
