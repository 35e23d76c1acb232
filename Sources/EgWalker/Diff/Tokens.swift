/// A text cut into tokens: white space and the word behind it, or one cluster of a script that writes no spaces.
struct Tokens {
    /// Where each token begins, and the end of the last.
    private var edges: [Int]
    /// The first token stands at the very start of the text and has no white space of its own.
    private var hasVirtualBlank: Bool

    init(_ scalars: [UInt32], in region: Range<Int>) {
        edges = [region.lowerBound]
        hasVirtualBlank = false
        guard let first = region.first else { return }
        let clusters = ClusterEdges(scalars, in: region)
        for index in region.dropFirst()
        where isTokenEdge(scalars[index - 1], scalars[index]) && clusters.isEdge(index) {
            edges.append(index)
        }
        edges.append(region.upperBound)
        hasVirtualBlank = first == 0 && !isWhiteSpace(scalars[0]) && !isUnspaced(scalars[0])
    }

    var count: Int { edges.count - 1 }

    func start(_ token: Int) -> Int { edges[token] }
    func end(_ token: Int) -> Int { edges[token + 1] }
    func isVirtual(_ token: Int) -> Bool { token == 0 && hasVirtualBlank }
}

/// Whether a token may end between two scalars, clusters apart.
private func isTokenEdge(_ before: UInt32, _ after: UInt32) -> Bool {
    if isWhiteSpace(before) { return false }
    return isWhiteSpace(after) || isUnspaced(before) || isUnspaced(after)
}

/// Whether a token ends between two scalars, wherever they stand.
func isPlainEdge(_ before: UInt32, _ after: UInt32) -> Bool {
    isTokenEdge(before, after) && isAlwaysBreak(before, after)
}

/// Whether a cluster ends between two scalars wherever they stand: Unicode's rules have nothing but "break everywhere
/// else" for them (UAX #29, GB999).
func isAlwaysBreak(_ before: UInt32, _ after: UInt32) -> Bool { isPlain(before) && isPlain(after) }

func isWhiteSpace(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x20, 0x09...0x0D: true
    case ..<0x85: false
    case 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
    default: false
    }
}

/// Scripts that write no spaces between words, and emoji.
func isUnspaced(_ scalar: UInt32) -> Bool {
    switch scalar {
    case ..<0x1100: false
    case 0x1100...0x11FF, 0x2E80...0x2FFF, 0x3001...0x31FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA960...0xA97F,
        0xAC00...0xD7FF, 0xF900...0xFAFF, 0xFF00...0xFFEF, 0x1B000...0x1B16F, 0x1F000...0x1FAFF, 0x20000...0x3FFFF:
        true
    default: false
    }
}

/// Scalars that no rule but "break everywhere else" speaks of, and that stay alone between two such. A carriage return
/// is left out, for the line feed behind it.
private func isPlain(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x20...0x7E, 0x0A, 0xA1...0xAC, 0xAE...0x2FF, 0x370...0x482, 0x48A...0x52F, 0x2010...0x2027,
        0x2030...0x205E, 0x20A0...0x20CF, 0x2190...0x23FF, 0x3000...0x3029, 0x3041...0x3096, 0x30A1...0x30FA,
        0x4E00...0x9FFF:
        true
    default: false
    }
}

/// Where the grapheme clusters of a region begin; the region begins with one. Only the stretches that are not plain are
/// looked at closely.
private struct ClusterEdges {
    /// Scalars inside a cluster, not at its beginning.
    private var isInside: [Bool]?
    private var base: Int

    init(_ scalars: [UInt32], in region: Range<Int>) {
        base = region.lowerBound
        var index = region.lowerBound + 1
        while index < region.upperBound {
            if isAlwaysBreak(scalars[index - 1], scalars[index]) {
                index += 1
                continue
            }
            // A stretch between two places that always break stands for itself.
            let start = index - 1
            while index < region.upperBound, !isAlwaysBreak(scalars[index - 1], scalars[index]) { index += 1 }
            mark(scalars[start..<index], regionCount: region.count)
            index += 1
        }
    }

    private mutating func mark(_ stretch: ArraySlice<UInt32>, regionCount: Int) {
        var place = stretch.startIndex - base
        var marks = isInside ?? [Bool](repeating: false, count: regionCount)
        isInside = nil
        for cluster in string(of: stretch) {
            let count = cluster.unicodeScalars.count
            for inside in place + 1..<place + max(count, 1) { marks[inside] = true }
            place += count
        }
        isInside = marks
    }

    func isEdge(_ index: Int) -> Bool { !(isInside?[index - base] ?? false) }
}

/// Gives equal tokens equal numbers, counted from 0.
struct TokenNames {
    private(set) var count = 0
    /// Open addressing: a name plus one, or 0.
    private var table = [Int32](repeating: 0, count: 1024)
    /// By name: where its scalars are, all joined.
    private var ends: [Int] = [0]
    private var content: [UInt32] = []

    mutating func names(of tokens: Tokens, in scalars: [UInt32]) -> [Int32] {
        var names: [Int32] = []
        names.reserveCapacity(max(tokens.count, 0))
        for token in 0..<max(tokens.count, 0) {
            names.append(name(of: scalars[tokens.start(token)..<tokens.end(token)], isVirtual: tokens.isVirtual(token)))
        }
        return names
    }

    private mutating func name(of token: ArraySlice<UInt32>, isVirtual: Bool) -> Int32 {
        if count * 2 > table.count { grow() }
        var slot = Self.hash(of: token, isVirtual: isVirtual) & (table.count - 1)
        while table[slot] != 0 {
            let name = Int(table[slot]) - 1
            if matches(content[ends[name]..<ends[name + 1]], token, isVirtual) { return Int32(name) }
            slot = (slot + 1) & (table.count - 1)
        }
        if isVirtual { content.append(0x20) }
        content.append(contentsOf: token)
        ends.append(content.count)
        count += 1
        table[slot] = Int32(count)
        return Int32(count - 1)
    }

    private func matches(_ known: ArraySlice<UInt32>, _ token: ArraySlice<UInt32>, _ isVirtual: Bool) -> Bool {
        guard isVirtual else { return known.elementsEqual(token) }
        return known.first == 0x20 && known.dropFirst().elementsEqual(token)
    }

    private mutating func grow() {
        table = [Int32](repeating: 0, count: table.count * 4)
        for name in 0..<count {
            var slot = Self.hash(of: content[ends[name]..<ends[name + 1]], isVirtual: false) & (table.count - 1)
            while table[slot] != 0 { slot = (slot + 1) & (table.count - 1) }
            table[slot] = Int32(name + 1)
        }
    }

    private static func hash(of token: ArraySlice<UInt32>, isVirtual: Bool) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        if isVirtual { hash = (hash ^ 0x20) &* 0x100_0000_01B3 }
        for scalar in token { hash = (hash ^ UInt64(scalar)) &* 0x100_0000_01B3 }
        hash ^= hash >> 29
        return Int(truncatingIfNeeded: hash & 0x7FFF_FFFF_FFFF_FFFF)
    }
}
