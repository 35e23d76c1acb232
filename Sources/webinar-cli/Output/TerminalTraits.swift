import Glibc

/// When to colour what we print.
enum ColorChoice: String, CaseIterable, Sendable {
    case auto, always, never
}

/// What the commands know about the place they print to. A value, so that every layout can be tested without a
/// terminal.
struct TerminalTraits: Equatable, Sendable {
    /// The width in cells: from the terminal, else `COLUMNS`, else 80.
    var columns: Int
    /// Whether standard output gets colours. Colour never carries meaning alone.
    var usesColor: Bool
    /// Whether standard output is a terminal.
    var isTerminal: Bool
    /// Whether progress and hints may be shown: standard error is a terminal that can move its cursor.
    var showsProgress: Bool

    static let defaultColumns = 80
    /// Narrower widths are taken as a mistake: nothing readable fits.
    static let minimumColumns = 20
    static let maximumColumns = 1000

    /// Decides from what was found, without looking itself. `terminalColumns` is what the terminal reports, nil or 0
    /// if it does not know.
    ///
    /// `NO_COLOR` (any value but the empty one, see <https://no-color.org>) and `TERM=dumb` turn colours off unless
    /// the caller asked for them with `always`.
    init(
        outputIsTerminal: Bool,
        errorIsTerminal: Bool = false,
        terminalColumns: Int?,
        environment: [String: String],
        color: ColorChoice
    ) {
        let isDumb = environment["TERM"] == "dumb"
        let refusesColor = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        columns = Self.columns(terminal: outputIsTerminal ? terminalColumns : nil, environment: environment)
        isTerminal = outputIsTerminal
        showsProgress = errorIsTerminal && !isDumb
        switch color {
        case .always: usesColor = true
        case .never: usesColor = false
        case .auto: usesColor = outputIsTerminal && !isDumb && !refusesColor
        }
    }

    private static func columns(terminal: Int?, environment: [String: String]) -> Int {
        for candidate in [terminal, environment["COLUMNS"].flatMap { Int($0) }] {
            if let candidate, candidate > 0 {
                return min(max(candidate, minimumColumns), maximumColumns)
            }
        }
        return defaultColumns
    }

    /// Asks the system about standard output and standard error.
    static func current(environment: [String: String], color: ColorChoice) -> TerminalTraits {
        var size = winsize()
        let answered = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0
        return TerminalTraits(
            outputIsTerminal: isatty(STDOUT_FILENO) == 1,
            errorIsTerminal: isatty(STDERR_FILENO) == 1,
            terminalColumns: answered ? Int(size.ws_col) : nil,
            environment: environment,
            color: color
        )
    }
}

/// Colours, or the text unchanged where colours are off.
struct Paint: Sendable {
    var isOn: Bool

    func heading(_ text: String) -> String { painted(text, "1") }
    func quiet(_ text: String) -> String { painted(text, "2") }
    func good(_ text: String) -> String { painted(text, "32") }
    func attention(_ text: String) -> String { painted(text, "33") }
    func failure(_ text: String) -> String { painted(text, "31") }

    private func painted(_ text: String, _ code: String) -> String {
        isOn && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
