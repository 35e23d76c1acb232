import Digest
public import NIOCore
import Synchronization

/// What a server seals session tickets with: two keys, in memory only.
///
/// New tickets are sealed with the current key. After ``lifetime`` that becomes the previous one, which still opens
/// tickets, and after another it is gone; so a ticket is good for one to two lifetimes at most, and a thief of the
/// server's memory can use no older one. Traffic itself is safe even then: every resumption has its own
/// Diffie-Hellman exchange (RFC 8446, section 4.2.9, psk_dhe_ke).
public final class TicketKeys: Sendable {
    /// How long a key is the current one, and how long a ticket is offered to be used.
    public let lifetime: TimeAmount
    private let ring: Mutex<TicketKeyRing>
    private let now: @Sendable () -> NIODeadline

    /// Two days: a device that syncs once a day resumes every time.
    public static let defaultLifetime = TimeAmount.hours(48)

    /// - Parameters:
    ///   - lifetime: At most seven days (RFC 8446, section 4.6.1).
    ///   - now: The clock that keys grow old by.
    public init(
        lifetime: TimeAmount = defaultLifetime,
        now: @escaping @Sendable () -> NIODeadline = { .now() }
    ) {
        precondition(
            lifetime > .zero && lifetime <= .seconds(TLSLimits.maximumTicketLifetimeSeconds),
            "a ticket lifetime of at most seven days"
        )
        self.lifetime = lifetime
        self.now = now
        ring = Mutex(TicketKeyRing(lifetime: lifetime, at: now()))
    }

    /// Makes a new current key at once; the one before still opens tickets.
    public func rotate() {
        let now = now()
        ring.withLock { $0.rotate(at: now) }
    }

    func sealingKey() -> TicketKey {
        let now = now()
        return ring.withLock { $0.sealingKey(at: now) }
    }

    func openingKey(named name: [UInt8]) -> TicketKey? {
        let now = now()
        return ring.withLock { $0.openingKey(named: name, at: now) }
    }
}

/// One key: a name that stands in the clear on each ticket, and two secrets (RFC 5077, section 4).
struct TicketKey: Equatable {
    static let nameByteCount = 16

    let name: [UInt8]
    /// AES-256-CBC.
    let cipherKey: [UInt8]
    /// HMAC-SHA-256.
    let macKey: [UInt8]

    init() {
        name = RandomBytes.bytes(Self.nameByteCount)
        cipherKey = RandomBytes.bytes(32)
        macKey = RandomBytes.bytes(32)
    }
}

/// Which keys there are at a time. A value, so that its rule can be tested without a clock.
struct TicketKeyRing {
    private let lifetime: TimeAmount
    private(set) var current = TicketKey()
    private(set) var previous: TicketKey?
    private var currentSince: NIODeadline

    init(lifetime: TimeAmount, at now: NIODeadline) {
        self.lifetime = lifetime
        currentSince = now
    }

    mutating func sealingKey(at now: NIODeadline) -> TicketKey {
        age(to: now)
        return current
    }

    mutating func openingKey(named name: [UInt8], at now: NIODeadline) -> TicketKey? {
        age(to: now)
        return [current, previous].compactMap(\.self).first { $0.name == name }
    }

    mutating func rotate(at now: NIODeadline) {
        previous = current
        current = TicketKey()
        currentSince = now
    }

    private mutating func age(to now: NIODeadline) {
        guard now - currentSince >= lifetime else { return }
        let isPreviousTooOld = now - currentSince >= lifetime * 2
        rotate(at: now)
        if isPreviousTooOld {
            previous = nil
        }
    }
}
