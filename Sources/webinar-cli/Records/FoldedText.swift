import Foundation

/// A copy of a text for searching: compatibility forms composed (NFKC), in lower case. The text itself is never
/// normalised.
///
/// Each scalar of the copy remembers which scalar of the text its cluster begins at, so that what is found can be
/// pointed at.
struct FoldedText {
    private var scalars: [UInt32] = []
    /// For each scalar of the copy, where its cluster begins and ends in the text, in scalars.
    private var sources: [Range<Int32>] = []

    init(_ text: String) {
        let count = text.utf8.count
        scalars.reserveCapacity(count)
        sources.reserveCapacity(count)
        if text.utf8.allSatisfy({ $0 < 0x80 }) {
            appendASCII(text)
        } else {
            appendClusters(text)
        }
    }

    var isEmpty: Bool { scalars.isEmpty }

    func contains(_ needle: FoldedText) -> Bool { firstIndex(of: needle.scalars, from: 0) != nil }

    /// Where `needle` occurs, in Unicode scalars of the text; hits do not overlap.
    func ranges(of needle: FoldedText) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var start = 0
        while let found = firstIndex(of: needle.scalars, from: start) {
            let last = found + needle.scalars.count - 1
            ranges.append(Int(sources[found].lowerBound)..<Int(sources[last].upperBound))
            start = found + needle.scalars.count
        }
        return ranges
    }

    private func firstIndex(of needle: [UInt32], from start: Int) -> Int? {
        guard let first = needle.first, scalars.count - start >= needle.count else { return nil }
        var index = start
        let last = scalars.count - needle.count
        while index <= last {
            if scalars[index] == first, scalars[index..<index + needle.count].elementsEqual(needle) { return index }
            index += 1
        }
        return nil
    }

    private mutating func appendASCII(_ text: String) {
        var position: Int32 = 0
        for byte in text.utf8 {
            let isUpper = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            scalars.append(UInt32(isUpper ? byte | 0x20 : byte))
            sources.append(position..<position + 1)
            position += 1
        }
    }

    private mutating func appendClusters(_ text: String) {
        var position: Int32 = 0
        for cluster in text {
            let length = Int32(cluster.unicodeScalars.count)
            let source = position..<position + length
            position += length
            if length == 1, let scalar = cluster.unicodeScalars.first, Self.standsAsItIs(scalar) {
                append(scalar.value, source)
                continue
            }
            let folded = String(cluster).precomposedStringWithCompatibilityMapping.lowercased()
            for scalar in folded.precomposedStringWithCompatibilityMapping.unicodeScalars {
                append(scalar.value, source)
            }
        }
    }

    /// Han, kana and hangul syllables have neither case nor another form; most of the texts are made of them.
    private static func standsAsItIs(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x40, 0x61...0x7A, 0x3041...0x3096, 0x30A1...0x30FA, 0x3400...0x4DBF, 0x4E00...0x9FFF,
            0xAC00...0xD7A3:
            true
        default:
            false
        }
    }

    private mutating func append(_ scalar: UInt32, _ source: Range<Int32>) {
        scalars.append(scalar)
        sources.append(source)
    }
}
