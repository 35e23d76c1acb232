/// A set of texts (tags, speakers). An element that one side adds and another removes, apart,
/// is present.
public struct ElementSet: Hashable, Sendable {
    public struct Entry: Hashable, Sendable {
        public var element: ExactString
        /// True where someone included it.
        public var presence: Register<Bool>

        public init(element: ExactString, presence: Register<Bool>) {
            self.element = element
            self.presence = presence
        }

        /// What was written again after a purge counts only where nobody wrote anything else.
        func isPresent(isRestated: (Stamp) -> Bool) -> Bool {
            let written = presence.heads.filter { !isRestated($0.stamp) }
            return (written.isEmpty ? presence.heads : written).contains { $0.content }
        }
    }

    /// Ascending by element.
    public var entries: [Entry]

    public init(entries: [Entry] = []) { self.entries = entries }

    /// The elements that are there, in the order of their bytes.
    func elements(isRestated: (Stamp) -> Bool) -> [ExactString] {
        entries.filter { $0.isPresent(isRestated: isRestated) }.map(\.element)
    }

    /// The stamps that somebody who sees this set replaces when writing `element`.
    public func stamps(of element: ExactString) -> [Stamp] {
        entries.first { $0.element == element }?.presence.heads.map(\.stamp) ?? []
    }

    /// - Parameter isPresent: nil for what only replaces.
    mutating func write(
        _ element: ExactString,
        _ isPresent: Bool?,
        at stamp: Stamp,
        replacing replaced: [Stamp],
        hasArrived: (Stamp) -> Bool,
        isRestated: (Stamp) -> Bool
    ) {
        let place = entries.firstIndex { $0.element >= element } ?? entries.endIndex
        if place == entries.endIndex || entries[place].element != element {
            entries.insert(Entry(element: element, presence: Register()), at: place)
        }
        entries[place].presence.write(
            isPresent,
            at: stamp,
            replacing: replaced,
            hasArrived: hasArrived,
            isRestated: isRestated
        )
    }

    mutating func drop(where isMeant: (Stamp) -> Bool) {
        for index in entries.indices { entries[index].presence.heads.removeAll { isMeant($0.stamp) } }
    }

    mutating func dropEmpty() {
        entries.removeAll { $0.presence.heads.isEmpty && $0.presence.awaited.isEmpty }
    }

    mutating func forget(through stamp: Stamp) {
        for index in entries.indices { entries[index].presence.forget(through: stamp) }
    }
}
