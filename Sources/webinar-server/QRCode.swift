import CQrencode

/// A QR code for a link, drawn with half blocks: one cell is one module wide and two high.
///
/// Error correction is level L, for the smallest code: a screen does not get dirty. A text of upper-case letters,
/// digits and ` $%*+-./:` takes the alphanumeric mode, which needs a third less room.
struct QRCode: Equatable {
    /// Modules a side, without the quiet zone.
    let size: Int
    /// Row by row, true is dark.
    private let modules: [Bool]

    /// The light border that the standard demands, in modules.
    static let quietZone = 4

    /// Nil if `text` is empty, has a U+0000 or is too long for any QR code.
    init?(_ text: String) {
        guard !text.isEmpty, !text.utf8.contains(0),
            let code = QRcode_encodeString(text, 0, QR_ECLEVEL_L, QR_MODE_8, 1)
        else {
            return nil
        }
        defer { QRcode_free(code) }
        guard let data = code.pointee.data else {
            return nil
        }
        size = Int(code.pointee.width)
        // The lowest bit of each byte is the colour; the others say what the module is for.
        modules = (0..<size * size).map { data[$0] & 1 == 1 }
    }

    /// Whether the module is dark. Everything outside the code is light, as the quiet zone is.
    func isDark(row: Int, column: Int) -> Bool {
        (0..<size).contains(row) && (0..<size).contains(column) && modules[row * size + column]
    }

    /// The width in cells of a drawn line, quiet zone included.
    var cellCount: Int { size + 2 * Self.quietZone }

    /// The lines to print, quiet zone included; empty on a terminal that cannot set colours (`TERM=dumb`).
    ///
    /// Dark on light by explicit colours of the fixed 256-colour cube: an inverted code fails in many scanners, and
    /// a theme may have changed the eight basic colours.
    func lines(term: String?) -> [String] {
        if term == "dumb" {
            return []
        }
        let range = -Self.quietZone..<size + Self.quietZone
        return stride(from: range.lowerBound, to: range.upperBound, by: 2).map { row in
            let blocks = range.map { column in
                switch (isDark(row: row, column: column), isDark(row: row + 1, column: column)) {
                case (false, false): " "
                case (true, false): "▀"
                case (false, true): "▄"
                case (true, true): "█"
                }
            }
            return "\u{1B}[38;5;16;48;5;231m" + blocks.joined() + "\u{1B}[0m"
        }
    }
}
