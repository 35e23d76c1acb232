/// A stretch of text that stands somewhere else: in the text before the replay, or in the ``TextStore``.
struct Piece: Equatable {
    /// Sources from here on are places in the old text.
    static let oldText: Int32 = 1 << 30

    var source: Int32
    var count: Int32

    var end: Int32 { source + count }
}

/// The text that a replay is building, as a list of pieces, so that no text moves until the end.
///
/// Blocks of up to 64 pieces with their lengths beside: every step looks at some hundred integers, in the worst case
/// the number of blocks and one block. Typing on extends the last piece instead of adding one.
struct PieceTable {
    private static let capacity = 64

    private var pieces: [Piece] = []
    /// By slot: pieces in use.
    private var used: [Int32] = []
    /// The slots in text order.
    private var order: [Int32] = []
    /// By place in `order`: scalars in the block.
    private var lengths: [Int32] = []
    private(set) var count = 0
    private(set) var pieceCount = 0
    /// A block where something happened lately, and the scalars before it.
    private var hint = (block: 0, before: 0)

    init(oldTextCount: Int = 0) {
        appendBlock()
        if oldTextCount > 0 { append(Piece(source: Piece.oldText, count: Int32(oldTextCount))) }
    }

    /// Adds a piece at the end, joined to the last one if it goes on where that one ends.
    mutating func append(_ piece: Piece) {
        count += Int(piece.count)
        var block = order.count - 1
        var slot = Int(order[block])
        if used[slot] > 0 {
            let last = slot * Self.capacity + Int(used[slot]) - 1
            if pieces[last].end == piece.source {
                pieces[last].count += piece.count
                lengths[block] += piece.count
                return
            }
        }
        if Int(used[slot]) == Self.capacity {
            appendBlock()
            block += 1
            slot = Int(order[block])
        }
        pieces[slot * Self.capacity + Int(used[slot])] = piece
        used[slot] += 1
        lengths[block] += piece.count
        pieceCount += 1
    }

    func forEach(_ body: (Piece) -> Void) {
        for slot in order {
            let first = Int(slot) * Self.capacity
            for index in first..<first + Int(used[Int(slot)]) { body(pieces[index]) }
        }
    }

    /// Puts a piece before scalar `position`.
    mutating func insert(_ piece: Piece, at position: Int) {
        // The block of the scalar before, so that typing on finds the piece it extends.
        var block = locate(position == 0 ? 0 : position - 1)
        if Int(used[Int(order[block])]) > Self.capacity - 2 {
            divide(block)
            block = locate(position == 0 ? 0 : position - 1)
        }
        let slot = Int(order[block])
        let first = slot * Self.capacity
        var index = first
        var rest = Int32(position - hint.before)
        let end = first + Int(used[slot])
        while index < end, rest > pieces[index].count {
            rest -= pieces[index].count
            index += 1
        }
        count += Int(piece.count)
        lengths[block] += piece.count
        if index < end, rest == pieces[index].count, rest > 0 {
            if pieces[index].end == piece.source {
                pieces[index].count += piece.count
                return
            }
            open(1, at: index + 1, slot: slot)
            pieces[index + 1] = piece
        } else if rest == 0 {
            open(1, at: index, slot: slot)
            pieces[index] = piece
        } else {
            open(2, at: index + 1, slot: slot)
            pieces[index + 2] = Piece(source: pieces[index].source + rest, count: pieces[index].count - rest)
            pieces[index + 1] = piece
            pieces[index].count = rest
        }
    }

    /// Takes out `length` scalars from `position` on.
    mutating func delete(at position: Int, count length: Int) {
        count -= length
        var left = Int32(length)
        while left > 0 {
            var block = locate(position)
            if Int(used[Int(order[block])]) > Self.capacity - 2 {
                divide(block)
                block = locate(position)
            }
            left -= delete(in: block, from: Int32(position - hint.before), atMost: left)
        }
    }

    /// Deletes within one block and returns how much.
    private mutating func delete(in block: Int, from start: Int32, atMost limit: Int32) -> Int32 {
        let slot = Int(order[block])
        let first = slot * Self.capacity
        let end = first + Int(used[slot])
        var index = first
        var rest = start
        while rest >= pieces[index].count {
            rest -= pieces[index].count
            index += 1
        }
        var deleted: Int32 = 0
        if rest > 0 {
            let tail = pieces[index].count - rest
            if tail > limit {
                open(1, at: index + 1, slot: slot)
                pieces[index + 1] = Piece(source: pieces[index].source + rest + limit, count: tail - limit)
                pieces[index].count = rest
                lengths[block] -= limit
                return limit
            }
            pieces[index].count = rest
            deleted = tail
            index += 1
        }
        let firstRemoved = index
        while index < end, deleted < limit {
            let room = limit - deleted
            if pieces[index].count > room {
                pieces[index].source += room
                pieces[index].count -= room
                deleted = limit
            } else {
                deleted += pieces[index].count
                index += 1
            }
        }
        close(firstRemoved..<index, slot: slot)
        lengths[block] -= deleted
        return deleted
    }

    /// The block that holds scalar `position` (the last one for the end), remembered with what lies before it.
    private mutating func locate(_ position: Int) -> Int {
        var (block, before) = hint
        while position < before {
            block -= 1
            before -= Int(lengths[block])
        }
        while block + 1 < lengths.count, position >= before + Int(lengths[block]) {
            before += Int(lengths[block])
            block += 1
        }
        hint = (block, before)
        return block
    }

    private mutating func open(_ places: Int, at index: Int, slot: Int) {
        var from = slot * Self.capacity + Int(used[slot]) - 1
        while from >= index {
            pieces[from + places] = pieces[from]
            from -= 1
        }
        used[slot] += Int32(places)
        pieceCount += places
    }

    private mutating func close(_ range: Range<Int>, slot: Int) {
        if range.isEmpty { return }
        let end = slot * Self.capacity + Int(used[slot])
        for index in range.upperBound..<max(end, range.upperBound) {
            pieces[index - range.count] = pieces[index]
        }
        used[slot] -= Int32(range.count)
        pieceCount -= range.count
    }

    private mutating func appendBlock() {
        order.append(Int32(used.count))
        used.append(0)
        lengths.append(0)
        pieces.append(contentsOf: repeatElement(Piece(source: 0, count: 0), count: Self.capacity))
    }

    /// Moves the second half of a full block into a new one behind it.
    private mutating func divide(_ block: Int) {
        let slot = Int(order[block])
        let half = Int(used[slot]) / 2
        let moved = Int(used[slot]) - half
        let new = used.count
        used.append(Int32(moved))
        pieces.append(contentsOf: repeatElement(Piece(source: 0, count: 0), count: Self.capacity))
        var length: Int32 = 0
        for index in 0..<moved {
            let piece = pieces[slot * Self.capacity + half + index]
            pieces[new * Self.capacity + index] = piece
            length += piece.count
        }
        used[slot] = Int32(half)
        order.insert(Int32(new), at: block + 1)
        lengths[block] -= length
        lengths.insert(length, at: block + 1)
    }
}
