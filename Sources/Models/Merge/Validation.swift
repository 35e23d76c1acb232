import EgWalker

/// Why a change cannot be accepted from anyone.
public struct InvalidChange: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: Hashable, Sendable {
        case textTooLong
        case textHasNull
        case tooManyOperations
        case tooManyReferences
        case timeOutOfRange
        case sequenceIsZero
        case parentsNotAscending
        case undecodable
    }

    public var reason: Reason

    public init(_ reason: Reason) { self.reason = reason }

    public var description: String {
        switch reason {
        case .textTooLong: "a text is over its limit"
        case .textHasNull: "a text holds U+0000"
        case .tooManyOperations: "it has more than \(Limits.maximumOperationCount) operations"
        case .tooManyReferences: "an operation names too many changes"
        case .timeOutOfRange: "its time is beyond the year 9999"
        case .sequenceIsZero: "its sequence is 0"
        case .parentsNotAscending: "a text edit's parents are not in order"
        case .undecodable: "its bytes are not a change"
        }
    }
}

extension Change {
    /// Checks every limit. What passes can be stored; what does not is refused at the door,
    /// the same for one's own input and for a peer's bytes.
    public func validate() throws(InvalidChange) {
        guard sequence > 0 else { throw InvalidChange(.sequenceIsZero) }
        guard time >> 16 <= Limits.maximumMilliseconds else { throw InvalidChange(.timeOutOfRange) }
        guard operations.count <= Limits.maximumOperationCount else { throw InvalidChange(.tooManyOperations) }
        for operation in operations {
            try operation.validate()
            if case .edit(_, let edit) = operation, edit.parents.contains(id) {
                throw InvalidChange(.parentsNotAscending)
            }
        }
    }
}

extension Operation {
    fileprivate func validate() throws(InvalidChange) {
        switch self {
        case .set(_, let value, let replaces):
            if case .text(let text) = value { try check(text, maximum: Limits.maximumRegisterBytes) }
            try check(replaces)
        case .include(_, let element, let replaces), .exclude(_, let element, let replaces):
            try check(element.string, maximum: Limits.maximumElementBytes)
            try check(replaces)
        case .edit(_, let edit):
            guard edit.parents.count <= EgWalkerLimits.maximumParentCount else {
                throw InvalidChange(.tooManyReferences)
            }
            guard zip(edit.parents, edit.parents.dropFirst()).allSatisfy({ $0 < $1 }) else {
                throw InvalidChange(.parentsNotAscending)
            }
            for span in edit.spans {
                guard case .insert(_, let text) = span else { continue }
                try check(text, maximum: Limits.maximumTextBytes)
            }
        case .delete(let stamps), .restore(let stamps), .purge(let stamps), .revive(let stamps),
            .salvage(let stamps):
            try check(stamps)
        case .unknown:
            break
        }
    }

    private func check(_ text: String, maximum: Int) throws(InvalidChange) {
        guard text.utf8.count <= maximum else { throw InvalidChange(.textTooLong) }
        guard !text.utf8.contains(0) else { throw InvalidChange(.textHasNull) }
    }

    private func check(_ stamps: [Stamp]) throws(InvalidChange) {
        guard stamps.count <= Limits.maximumReferenceCount else { throw InvalidChange(.tooManyReferences) }
        guard stamps.allSatisfy({ $0.milliseconds <= Limits.maximumMilliseconds }) else {
            throw InvalidChange(.timeOutOfRange)
        }
    }
}
