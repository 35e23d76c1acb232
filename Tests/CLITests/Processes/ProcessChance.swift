import TestSupport

extension Chance {
    /// An element of `list`; nil if there is none.
    mutating func pick<Element>(_ list: [Element]) -> Element? {
        list.isEmpty ? nil : list[below(list.count)]
    }
}
