import EgWalker

/// Plain splicing on an array of scalars, which every engine is held against. Nil if a span does not fit.
func splicing(_ spans: [TextSpan], into text: [Unicode.Scalar]) -> [Unicode.Scalar]? {
    var text = text
    for span in spans {
        switch span {
        case .insert(let at, let inserted):
            guard at >= 0, at <= text.count else { return nil }
            text.insert(contentsOf: inserted.unicodeScalars, at: at)
        case .delete(let at, let count):
            guard at >= 0, count >= 0, at <= text.count, count <= text.count - at else { return nil }
            text.removeSubrange(at..<at + count)
        }
    }
    return text
}

func splicing(_ spans: [TextSpan], into text: String) -> String? {
    splicing(spans, into: Array(text.unicodeScalars)).map { string(of: $0) }
}

func isSame(_ left: String?, _ right: String?) -> Bool {
    guard let left, let right else { return left == nil && right == nil }
    return left.utf8.elementsEqual(right.utf8)
}
