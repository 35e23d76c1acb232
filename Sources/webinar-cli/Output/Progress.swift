import Models

/// A count on standard error for what takes longer than a second, on a terminal only.
struct Progress {
    private let word: String
    private let surroundings: Surroundings
    private let isShown: Bool
    private let begin: UInt64
    private var count = 0
    private var printed: UInt64?

    /// How many steps go by before the clock is looked at.
    private static let stride = 256
    private static let patienceMilliseconds: UInt64 = 1000
    private static let pauseMilliseconds: UInt64 = 200

    init(_ word: String, surroundings: Surroundings, isShown: Bool) {
        self.word = word
        self.surroundings = surroundings
        self.isShown = isShown
        begin = isShown ? surroundings.uptime() : 0
    }

    mutating func advance() {
        count += 1
        guard isShown, count % Self.stride == 0 else { return }
        let now = surroundings.uptime()
        guard now - (printed ?? begin) >= (printed == nil ? Self.patienceMilliseconds : Self.pauseMilliseconds) else {
            return
        }
        printed = now
        show("\r\(word) \(count)")
    }

    /// Takes the line away again.
    func finish() {
        if printed != nil { show("\r\u{1B}[K") }
    }

    private func show(_ text: String) {
        try? FileOutput.writeAll(Array(text.utf8), to: 2)
    }
}
