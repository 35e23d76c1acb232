/// How records are laid out: columns on a wide terminal, cards on a narrow one, tabs for scripts.
///
/// The last column is the text. It comes last so that a character of unknown width cannot shift another column, it
/// is cut with `..` in columns and wrapped, never cut, in cards. Cells may hold anything: what could harm a terminal
/// is made visible here.
struct TableLayout {
    struct Column: Equatable, Sendable {
        var title: String
        /// The width in cells. Longer cells are cut. The last column ignores it and takes what is left.
        var cells: Int

        init(_ title: String, cells: Int = 0) {
            self.title = title
            self.cells = cells
        }
    }

    enum Form: Equatable, Sendable {
        case columns, cards
        /// One record a line, cells parted by tabs, no heading: for `cut` and screen readers (`--plain`).
        case plain
    }

    let columns: [Column]
    let form: Form
    /// The width of the terminal.
    let width: Int

    /// Below this many cells a table becomes cards.
    static let minimumTableWidth = 60
    /// The least that the text column must get; with less, cards read better.
    static let minimumTextCells = 12
    private static let gap = "  "
    private static let cardIndent = "  "

    /// A layout whose column widths are known beforehand, so that any number of records can be printed one by one.
    init(columns: [Column], width: Int, isPlain: Bool = false) {
        precondition(!columns.isEmpty, "a table needs at least its text column")
        let titled = columns.map { Column($0.title, cells: max($0.cells, $0.title.cellWidth)) }
        self.columns = titled
        self.width = width
        if isPlain {
            form = .plain
        } else {
            let before = titled.dropLast().reduce(0) { $0 + $1.cells + Self.gap.count }
            let hasRoom = width >= Self.minimumTableWidth && width - before >= Self.minimumTextCells
            form = hasRoom ? .columns : .cards
        }
    }

    /// A layout that fits `rows`: every column is as wide as its widest cell, but never wider than `maximumCells`.
    init(
        titles: [String],
        fitting rows: [[String]],
        maximumCells: Int = 24,
        width: Int,
        isPlain: Bool = false
    ) {
        let columns = titles.enumerated().map { index, title in
            let widest = rows.lazy.compactMap { index < $0.count ? Self.oneLine($0[index]).cellWidth : nil }.max()
            return Column(title, cells: min(widest ?? 0, maximumCells))
        }
        self.init(columns: columns, width: width, isPlain: isPlain)
    }

    /// The heading: the titles above columns, nothing above cards or plain lines.
    var heading: [String] {
        form == .columns ? [columnLine(columns.map(\.title))] : []
    }

    /// The lines of one record. Missing cells are empty, superfluous ones are an error of the caller.
    func lines(for cells: [String]) -> [String] {
        precondition(cells.count <= columns.count, "\(cells.count) cells in \(columns.count) columns")
        switch form {
        case .columns:
            return [columnLine(cells.map(Self.oneLine))]
        case .cards:
            return cardLines(cells)
        case .plain:
            return [cells.map(Self.oneLine).joined(separator: "\t")]
        }
    }

    private func columnLine(_ cells: [String]) -> String {
        var line = ""
        for (column, cell) in zip(columns.dropLast(), cells) {
            line += cell.truncated(toCells: column.cells).padded(toCells: column.cells) + Self.gap
        }
        if cells.count == columns.count, let text = cells.last {
            line += text.truncated(toCells: width - line.cellWidth)
        }
        while line.last == " " {
            line.removeLast()
        }
        return line
    }

    private func cardLines(_ cells: [String]) -> [String] {
        let head = cells.prefix(columns.count - 1).map(Self.oneLine).filter { !$0.isEmpty }.joined(separator: " ")
        var lines = head.isEmpty ? [] : head.wrapped(toCells: width)
        if cells.count == columns.count, let text = cells.last, !text.isEmpty {
            let room = max(1, width - Self.cardIndent.count)
            lines += text.madeVisible(keepingLines: true).wrapped(toCells: room).map {
                $0.isEmpty ? "" : Self.cardIndent + $0
            }
        }
        return lines
    }

    private static func oneLine(_ cell: String) -> String {
        cell.madeVisible(keepingLines: false)
    }
}
