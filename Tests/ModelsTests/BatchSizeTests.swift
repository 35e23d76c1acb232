import Models
import TestSupport
import Testing

@Suite struct BatchSizeTests {
    @Test(arguments: [Int.min, 0, 1, Limits.minimumBatchBytes, 300_000, Limits.maximumBatchBytes, .max])
    func `a batch stays within its bounds`(bytes: Int) {
        let size = BatchSize(bytes: bytes)
        #expect((Limits.minimumBatchBytes...Limits.maximumBatchBytes).contains(size.bytes))
    }

    @Test func `a fast link carries more each time, up to the bound`() {
        var size = BatchSize(bytes: 0)
        var last = 0
        while size.bytes != last {
            #expect(size.bytes > last)
            last = size.bytes
            size.succeeded(inMilliseconds: 50)
        }
        #expect(last == Limits.maximumBatchBytes)
    }

    @Test func `a slow or broken link carries less each time, down to the bound`() {
        for shrink in [{ (size: inout BatchSize) in size.failed() }, { $0.succeeded(inMilliseconds: 60_000) }] {
            var size = BatchSize(bytes: .max)
            var last = Int.max
            while size.bytes != last {
                #expect(size.bytes < last)
                last = size.bytes
                shrink(&size)
            }
            #expect(last == Limits.minimumBatchBytes)
        }
    }

    @Test(arguments: [
        Limits.exchangeGoalMilliseconds / 2, Limits.exchangeGoalMilliseconds, Limits.exchangeGoalMilliseconds * 2,
    ])
    func `an exchange that takes about as long as it should changes nothing`(milliseconds: UInt64) {
        var size = BatchSize(bytes: 100_000)
        size.succeeded(inMilliseconds: milliseconds)
        #expect(size.bytes == 100_000)
    }
}
