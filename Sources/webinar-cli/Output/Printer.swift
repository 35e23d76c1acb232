import Glibc

/// Everything a command prints on standard output, and what it needs to know to lay it out.
final class Printer {
    let terminal: TerminalTraits
    let isJSON: Bool
    let isPlain: Bool
    let paint: Paint
    private var output = StandardOutput()

    init(terminal: TerminalTraits, isJSON: Bool, isPlain: Bool) {
        self.terminal = terminal
        self.isJSON = isJSON
        self.isPlain = isPlain
        paint = Paint(isOn: terminal.usesColor)
    }

    /// Prints lines that are ours. What a record holds goes through ``text(_:)`` or a table first.
    func lines(_ lines: [String]) throws { try output.write(lines) }

    func line(_ line: String) throws { try output.write(line) }

    /// Prints what somebody wrote, whole: controls made visible, nothing cut or wrapped.
    func text(_ text: String) throws {
        try output.write(text.madeVisible(keepingLines: true))
    }

    func json(_ value: JSONValue) throws { try output.write(value) }

    /// A hint for the person: on standard error, and only where somebody reads it.
    func hint(_ text: String) {
        if !isJSON, isatty(STDERR_FILENO) == 1 { StandardError.write([text]) }
    }

    func flush() throws { try output.flush() }

    /// A table of `rows`, the last cell being the text.
    func table(_ titles: [String], _ rows: [[String]], maximumCells: Int = 24) throws {
        let layout = TableLayout(
            titles: titles,
            fitting: rows,
            maximumCells: maximumCells,
            width: terminal.columns,
            isPlain: isPlain
        )
        try lines(layout.heading)
        for row in rows { try lines(layout.lines(for: row)) }
    }
}
