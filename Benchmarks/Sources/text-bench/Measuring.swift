import CZlibBench
import Foundation

/// Processor time of this process, in milliseconds: what a busy machine disturbs least.
func processorMilliseconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
}

/// The best of many runs within about a second.
func best(_ budget: Double = 1000, _ body: () throws -> Void) rethrows -> Double {
    var best = Double.infinity
    let start = processorMilliseconds()
    var runs = 0
    while runs < 5 || (processorMilliseconds() - start < budget && runs < 2000) {
        let before = processorMilliseconds()
        try body()
        best = min(best, processorMilliseconds() - before)
        runs += 1
    }
    return best
}

/// The most memory this process has held since `resetPeak()`, in bytes.
func peakBytes() -> Int { status("VmHWM:") }
func residentBytes() -> Int { status("VmRSS:") }

/// Gives freed pages back first: what is taken from them again would not count.
func resetPeak() {
    malloc_trim(0)
    try? "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
}

private func status(_ field: String) -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix(field) }
    return line.flatMap { Int($0.split(whereSeparator: \.isWhitespace)[1]) }.map { $0 * 1024 } ?? 0
}

struct Row: Codable {
    var what: String
    var unit: String
    var value: Double
}

nonisolated(unsafe) var rows: [Row] = []

func report(_ what: String, _ value: Double, unit: String = "ms") {
    rows.append(Row(what: what, unit: unit, value: value))
    FileHandle.standardError.write(Data("\(what): \((value * 10000).rounded() / 10000) \(unit)\n".utf8))
}
