import EgWalker
public import Models

extension StoreWriter {
    /// The edit that settles `conflict`, a passage of the merging text `field`, with version `number` of it.
    ///
    /// Only the passage is replaced: what others wrote elsewhere in the text stays. Nil where the passage cannot be
    /// told from its surroundings.
    public func settle(
        _ field: Field,
        of state: RecordState,
        _ conflict: RecordConflict,
        taking number: Int
    ) throws -> Models.Operation? {
        let reader = try reader
        guard case .text(let passage) = conflict.versions[number].value,
            let last = conflict.versions[number].lastChange
        else { return nil }
        let merged = try reader.record(state.id)?.text ?? ""
        let side = try reader.text(field, at: [last])
        let others = conflict.versions.enumerated().filter { $0.offset != number }.compactMap { version -> String? in
            if case .text(let text) = version.element.value { text } else { nil }
        }
        guard var place = PassagePlace(of: passage, in: side) else { return nil }
        for span in WordDiff.spans(from: side, to: merged) { place.follow(span, others: others) }
        let text = place.replacing(with: passage, in: merged)
        return try edit(field, of: state, to: text, settles: true)
    }
}

/// Where a passage of one text lies in another: followed through the steps that turn the one into the other.
struct PassagePlace: Equatable {
    /// In Unicode scalars.
    var start: Int
    var end: Int

    /// Nil where `passage` does not occur in `text` exactly once.
    init?(of passage: String, in text: String) {
        let needle = Array(passage.unicodeScalars)
        let hay = Array(text.unicodeScalars)
        guard !needle.isEmpty, hay.count >= needle.count else { return nil }
        let places = (0...hay.count - needle.count).lazy.filter {
            hay[$0] == needle[0] && hay[$0..<$0 + needle.count].elementsEqual(needle)
        }.prefix(2)
        guard let start = places.first, places.dropFirst().isEmpty else { return nil }
        self.start = start
        end = start + needle.count
    }

    /// What is inserted right at an end of the passage belongs to it if another version of the passage has it, and
    /// is a neighbour's otherwise.
    mutating func follow(_ span: TextSpan, others: [String]) {
        switch span {
        case .insert(let at, let text):
            let count = text.unicodeScalars.count
            let isInside = at > start && at < end
            let isAtEnd = at == start || at == end
            if isInside || (isAtEnd && others.contains { $0.contains(text.trimmingBlanks) }) {
                end += count
            } else if at <= start {
                start += count
                end += count
            }
        case .delete(let at, let count):
            start -= max(0, min(start, at + count) - at)
            end -= max(0, min(end, at + count) - at)
        }
    }

    func replacing(with passage: String, in text: String) -> String {
        var scalars = text.unicodeScalars
        let first = scalars.index(scalars.startIndex, offsetBy: start, limitedBy: scalars.endIndex) ?? scalars.endIndex
        let last = scalars.index(scalars.startIndex, offsetBy: end, limitedBy: scalars.endIndex) ?? scalars.endIndex
        scalars.replaceSubrange(first..<last, with: passage.unicodeScalars)
        return String(scalars)
    }
}

extension String {
    fileprivate var trimmingBlanks: Substring {
        var text = self[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
