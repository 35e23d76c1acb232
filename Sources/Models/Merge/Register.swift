/// A field with one value, as all changes known so far leave it.
///
/// `heads` are the values that no known change replaces, newest first: the first is current,
/// the others were written apart from it and are kept until someone settles it. What the program wrote again after a purge
/// comes last: somebody may have replaced it who knew it as it was before. `awaited` are
/// stamps that were replaced and whose replica's changes are not known that far. Both follow from
/// the *set* of changes, in whatever order those of different replicas came.
///
/// Whether contents can be compared is asked only where they are: a demand on the type itself would be looked
/// up among all types of the program at its first use, which a short-lived command notices.
public struct Register<Content: Sendable>: Sendable {
    public struct Head: Sendable {
        public var stamp: Stamp
        public var content: Content

        public init(stamp: Stamp, content: Content) {
            self.stamp = stamp
            self.content = content
        }
    }

    /// Newest first, those that were written again last.
    public var heads: [Head]
    /// Ascending.
    public var awaited: [Stamp]

    public init(heads: [Head] = [], awaited: [Stamp] = []) {
        self.heads = heads
        self.awaited = awaited
    }

    /// The value that shows.
    public var current: Content? { heads.first?.content }

    /// Takes in a value written at `stamp` by someone who saw the values in `replaced`.
    ///
    /// `hasArrived` tells whether a stamp's change is known already: what is replaced and has
    /// not arrived is dropped when it does. Changes of different replicas commute; those of
    /// one come in their order; none comes twice. Of several values at one stamp the last counts.
    /// Whoever applies changes calls ``forget(through:)`` after each.
    ///
    /// - Parameters:
    ///   - content: nil where the value is gone and only what it replaced counts.
    ///   - isRestated: whether what was written at a stamp was written again after a purge.
    public mutating func write(
        _ content: Content?,
        at stamp: Stamp,
        replacing replaced: [Stamp],
        hasArrived: (Stamp) -> Bool,
        isRestated: (Stamp) -> Bool = { _ in false }
    ) {
        remove(replaced, hasArrived: hasArrived)
        guard let content, !awaited.contains(stamp) else { return }
        heads.removeAll { $0.stamp == stamp }
        func follows(_ other: Stamp) -> Bool {
            isRestated(other) == isRestated(stamp) ? other < stamp : isRestated(other)
        }
        let place = heads.firstIndex { follows($0.stamp) } ?? heads.endIndex
        heads.insert(Head(stamp: stamp, content: content), at: place)
    }

    /// Takes away the values written at `stamps`, those that are still to arrive included.
    public mutating func remove(_ stamps: [Stamp], hasArrived: (Stamp) -> Bool) {
        for stamp in stamps {
            if let known = heads.firstIndex(where: { $0.stamp == stamp }) {
                heads.remove(at: known)
            } else if !hasArrived(stamp), !awaited.contains(stamp) {
                let place = awaited.firstIndex { $0 > stamp } ?? awaited.endIndex
                awaited.insert(stamp, at: place)
            }
        }
    }

    /// The replica's changes are known through this stamp: none of them is awaited any more, whether
    /// it came with a value or was never written here.
    public mutating func forget(through stamp: Stamp) {
        if awaited.isEmpty { return }
        awaited.removeAll { $0.replica == stamp.replica && $0.time <= stamp.time }
    }
}

extension Register where Content: Equatable {
    /// The values that differ from each other, the current one first. More than one is a conflict.
    public var versions: [Head] {
        heads.reduce(into: []) { kept, head in
            if !kept.contains(where: { $0.content == head.content }) { kept.append(head) }
        }
    }
}

extension Register: Equatable where Content: Equatable {}
extension Register: Hashable where Content: Hashable {}
extension Register.Head: Equatable where Content: Equatable {}
extension Register.Head: Hashable where Content: Hashable {}
