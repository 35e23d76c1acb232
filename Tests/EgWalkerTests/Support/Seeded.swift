/// Chance from a seed (SplitMix64): the same seed gives the same test everywhere.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &+ 0x9E37_79B9_7F4A_7C15 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
}

/// Pieces that texts of the tests are made of: ASCII, Chinese, astral, combining marks, emoji with joiners, line ends.
let alphabet: [String] = [
    "a", "b", "c", " ", " ", "\n", "\r\n", "teh", "the", "é", "e\u{301}", "\u{301}", "中", "文", "が", "か\u{3099}", "각",
    "\u{1D69D}", "👍🏽", "👨‍👩‍👧", "🇩🇪", "\u{0600}", "\u{200D}", "\u{FE0F}", ".", "नि", "\u{A0}",
]

func string(of scalars: [Unicode.Scalar]) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
}

func randomText(_ random: inout Seeded, pieces: Int) -> String {
    var text = ""
    for _ in 0..<pieces { text += random.pick(alphabet) }
    return text
}
