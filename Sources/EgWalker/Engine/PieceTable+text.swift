extension PieceTable {
    /// The text that the pieces spell, `old` being the text before the replay, with `oldCount` scalars. One pass over
    /// the result and, if it has more than ASCII, over `old`.
    func text(old: String, oldCount: Int, store: TextStore) -> String {
        var old = old
        return old.withUTF8 { text(old: $0, isOldASCII: $0.count == oldCount, store: store) }
    }

    private func text(old: UnsafeBufferPointer<UInt8>, isOldASCII: Bool, store: TextStore) -> String {
        // Pieces of the old text are never moved, so one cursor finds them all.
        var scalar = 0
        var byte = 0
        func skip(to target: Int) {
            if isOldASCII {
                byte = target
            } else {
                while scalar < target {
                    byte += utf8Length(lead: old[byte])
                    scalar += 1
                }
            }
        }
        var ranges: [(isOld: Bool, bytes: Range<Int>)] = []
        ranges.reserveCapacity(pieceCount)
        var total = 0
        forEach { piece in
            let range: Range<Int>
            let isOld = piece.source >= Piece.oldText
            if isOld {
                let start = Int(piece.source - Piece.oldText)
                skip(to: start)
                let lower = byte
                skip(to: start + Int(piece.count))
                range = lower..<byte
            } else {
                range = store.byteRange(from: Int(piece.source), count: Int(piece.count))
            }
            ranges.append((isOld, range))
            total += range.count
        }
        return String(unsafeUninitializedCapacity: total) { output in
            // Unsafe for speed only: each range was cut from the buffer it is read from, and `total` is their sum.
            store.bytes.withUnsafeBufferPointer { inserted in
                var filled = 0
                for (isOld, range) in ranges where !range.isEmpty {
                    let source = isOld ? old : inserted
                    _ = output[filled...].update(fromContentsOf: source[range])
                    filled += range.count
                }
                return filled
            }
        }
    }

    /// Takes over what a merge made of this text: `patch` in text order, what is beyond it stays.
    mutating func apply(_ patch: [PatchStep]) {
        if patch.count * 8 > pieceCount {
            rewrite(patch)
            return
        }
        var position = 0
        for step in patch {
            switch step {
            case .keep(let count):
                position += Int(count)
            case .drop(let count):
                delete(at: position, count: Int(count))
            case .insert(let piece):
                insert(piece, at: position)
                position += Int(piece.count)
            }
        }
    }

    private mutating func rewrite(_ patch: [PatchStep]) {
        var source: [Piece] = []
        source.reserveCapacity(pieceCount)
        forEach { source.append($0) }
        var result = PieceTable()
        var index = 0
        var offset: Int32 = 0
        func advance(_ count: Int32, keeping: Bool) {
            var left = count
            while left > 0 {
                let piece = source[index]
                let part = min(left, piece.count - offset)
                if keeping { result.append(Piece(source: piece.source + offset, count: part)) }
                left -= part
                offset += part
                if offset == piece.count {
                    index += 1
                    offset = 0
                }
            }
        }
        for step in patch {
            switch step {
            case .keep(let count): advance(count, keeping: true)
            case .drop(let count): advance(count, keeping: false)
            case .insert(let piece): result.append(piece)
            }
        }
        while index < source.count { advance(source[index].count - offset, keeping: true) }
        self = result
    }
}

/// One step of what a merge does to the text before it, in text order.
enum PatchStep {
    case keep(Int32)
    case drop(Int32)
    case insert(Piece)
}

extension [PatchStep] {
    /// Adds a step, joined to the last one if both keep or both drop.
    mutating func add(_ step: PatchStep) {
        switch (last, step) {
        case (.keep(let before), .keep(let added)): self[count - 1] = .keep(before + added)
        case (.drop(let before), .drop(let added)): self[count - 1] = .drop(before + added)
        default: append(step)
        }
    }
}
