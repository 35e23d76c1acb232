import ArgumentParser

/// Text from the command line that may begin with a dash.
///
/// ArgumentParser takes `- a list item` for a bundle of options, and refuses the note. An argument that begins with
/// a dash and cannot be an option, because a blank or a character beyond ASCII follows, is therefore shielded with a
/// noncharacter before parsing, and the shield is taken off here.
struct TypedText: ExpressibleByArgument, Equatable, Sendable {
    var text: String

    init(_ text: String) { self.text = text }

    init(argument: String) {
        text = argument.unicodeScalars.first == Self.shield ? String(argument.unicodeScalars.dropFirst()) : argument
    }

    /// Nobody types it: it is no character, and the parser drops it again.
    private static let shield: Unicode.Scalar = "\u{10FFFF}"

    /// The arguments as ArgumentParser is to see them.
    static func shielded(_ arguments: [String]) -> [String] {
        arguments.map { isDashedText($0) ? String(shield) + $0 : $0 }
    }

    private static func isDashedText(_ argument: String) -> Bool {
        guard argument.utf8.first == UInt8(ascii: "-"),
            let next = argument.utf8.first(where: { $0 != UInt8(ascii: "-") })
        else { return argument.unicodeScalars.first == shield }
        return next <= 0x20 || next >= 0x80
    }
}
