import Models
import Store
import SyncClient

/// Sync through a file that goes round (docs/decisions/0013): so changes come without what they build on, before what
/// they replace, and to the server first from who did not write them.
extension World {
    /// A device takes the stick, or an older copy of it, or a new one: reads what is on it and writes it anew.
    mutating func syncByFile(_ index: Int) throws {
        let device = devices[index]
        let file = random.oneIn(8) ? nil : random.oneIn(4) ? files.randomElement(using: &random) : files.last
        if let file, random.oneIn(6) { return try checkRefused(damaged(file), by: device) }
        let bundle = BundleSync(
            store: device.store,
            surroundings: device.machine.surroundings,
            deviceName: device.name,
            isLinked: true,
            blockBytes: 1 << (7 + random.below(10)),
            mayDeleteMany: !random.oneIn(3)
        )
        do {
            var plan = try bundle.take(file.map(Self.source))
            hasGiven = true
            let received = plan.report.receivedCount
            if random.oneIn(3) {
                plan = try bundle.take(file.map(Self.source))
                guard plan.report.receivedCount == 0 else { throw violation("a file brings the same changes twice") }
            }
            let isKept = !random.oneIn(8)
            if isKept { try write(plan, bundle) }
            let what = "\(received) received" + (plan.report.tookNewReplica ? ", new replica" : "")
            note("\(device.name) takes the file: \(what)\(isKept ? "" : ", and does not write it")")
        } catch is Crash {
            note("\(device.name) takes the file: crash")
        } catch BundleRefusal.deletesMany(let count, of: _) {
            note("\(device.name) takes the file: it asks before it deletes \(count)")
        } catch BundleRefusal.loading {
            note("\(device.name) takes the file: it is loading")
        }
    }

    private mutating func write(_ plan: BundleSync.Plan, _ bundle: BundleSync) throws {
        guard plan.header != nil else { return }
        var bytes: [UInt8] = []
        _ = try bundle.write(plan) { bytes += $0 }
        files.append(bytes)
    }

    /// Cut short, with a byte more or with another byte.
    private mutating func damaged(_ file: [UInt8]) -> [UInt8] {
        var file = file
        switch random.below(3) {
        case 0: file.removeLast(1 + random.below(file.count))
        case 1: file.append(UInt8(random.below(256)))
        default: file[random.below(file.count)] ^= UInt8(1 + random.below(255))
        }
        return file
    }

    /// A damaged file is refused whole, by who looks at it first and by who does not.
    private mutating func checkRefused(_ file: [UInt8], by device: Device) throws {
        let bundle = BundleSync(
            store: device.store,
            surroundings: device.machine.surroundings,
            deviceName: device.name,
            isLinked: true,
            mayDeleteMany: true
        )
        let before = try device.store.read { try $0.logEnd().hash }
        for read in [{ try BundleSync.check(Self.source(file)) }, { _ = try bundle.take(Self.source(file)) }] {
            do {
                try read()
                throw violation("a damaged file is taken for whole")
            } catch is BundleError {
            } catch is BundleRefusal {
            }
        }
        let after = try device.store.read { try $0.logEnd().hash }
        guard before == after else { throw violation("\(device.name) took in a part of a damaged file") }
        note("\(device.name) refuses a damaged file")
    }

    private static func source(_ bytes: [UInt8]) -> BundleSync.Source {
        var left = bytes[...]
        return { count in
            defer { left = left.dropFirst(count) }
            return Array(left.prefix(count))
        }
    }
}
