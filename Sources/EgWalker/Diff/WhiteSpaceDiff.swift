extension WordDiff {
    /// Where there is but more or less white space before a word than there was, the word stays: of two who tidy the same
    /// place each would type it again.
    static func keepingWords(_ hunk: Hunk, _ left: [UInt32], _ right: [UInt32]) -> [Hunk] {
        let bound = 1...EgWalkerLimits.maximumTidiedScalarCount
        guard bound.contains(hunk.left.count), bound.contains(hunk.right.count) else { return [hunk] }
        let (leftTokens, rightTokens) = (Tokens(left, in: hunk.left), Tokens(right, in: hunk.right))
        var names: [ArraySlice<UInt32>: Int32] = [:]
        let leftNames = leftTokens.bareNames(in: left, &names)
        let rightNames = rightTokens.bareNames(in: right, &names)
        var matching = TokenMatching(leftNames, rightNames, nameCount: names.count)
        var kept: [Hunk] = []
        var (leftStart, rightStart) = (hunk.left.lowerBound, hunk.right.lowerBound)
        func add(_ hunk: Hunk) {
            if !hunk.left.isEmpty || !hunk.right.isEmpty { kept.append(hunk) }
        }
        for (leftToken, rightToken) in matching.pairs() {
            let leftSpace = leftTokens.start(leftToken)..<leftTokens.word(leftToken, in: left)
            let rightSpace = rightTokens.start(rightToken)..<rightTokens.word(rightToken, in: right)
            let space = Hunk(left: leftSpace, right: rightSpace).withoutCommonEnds(left, right)
            // What somebody types in front of it needs white space behind it to stand, and of two who take some away both
            // have to leave the same.
            guard let before = leftSpace.first, let after = rightSpace.first, space.left.isEmpty || space.right.isEmpty,
                space.left.isEmpty || left[before] == right[after]
            else { continue }
            add(Hunk(left: leftStart..<leftSpace.lowerBound, right: rightStart..<rightSpace.lowerBound))
            add(space)
            (leftStart, rightStart) = (leftTokens.end(leftToken), rightTokens.end(rightToken))
        }
        add(Hunk(left: leftStart..<hunk.left.upperBound, right: rightStart..<hunk.right.upperBound))
        return kept
    }
}

extension Tokens {
    /// Where the white space of a token ends.
    fileprivate func word(_ token: Int, in scalars: [UInt32]) -> Int {
        (start(token)..<end(token)).first { !isWhiteSpace(scalars[$0]) } ?? end(token)
    }

    /// Equal numbers for equal words, whatever white space is before them. What is no word, or makes one cluster with its
    /// white space, is equal to none.
    fileprivate func bareNames(in scalars: [UInt32], _ names: inout [ArraySlice<UInt32>: Int32]) -> [Int32] {
        (0..<max(count, 0)).map { token in
            let word = word(token, in: scalars)
            let isApart = word == start(token) || (word < end(token) && isAlwaysBreak(scalars[word - 1], scalars[word]))
            let key = isApart ? scalars[word..<end(token)] : []
            if let name = names[key], isApart { return name }
            let name = Int32(names.count)
            names[isApart ? key : [UInt32.max, UInt32(name)]] = name
            return name
        }
    }
}

extension WordDiff.Hunk {
    /// Without what both texts have at its beginning and end, where no cluster is cut by that.
    fileprivate func withoutCommonEnds(_ old: [UInt32], _ new: [UInt32]) -> Self {
        guard (old[left] + new[right]).allSatisfy({ isAlwaysBreak($0, $0) }) else { return self }
        var hunk = self
        while let l = hunk.left.first, let r = hunk.right.first, old[l] == new[r] {
            hunk.left.removeFirst()
            hunk.right.removeFirst()
        }
        while let l = hunk.left.last, let r = hunk.right.last, old[l] == new[r] {
            hunk.left.removeLast()
            hunk.right.removeLast()
        }
        return hunk
    }
}
