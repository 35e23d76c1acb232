/// What a note is. Stored as a word, so that a later program may add one.
public enum NoteKind: String, CaseIterable, Sendable {
    case note, quote, claim, question
}

/// Whether the person was there.
public enum Attendance: String, CaseIterable, Sendable {
    case planned, missed, late, attended
}

/// What became of a claim.
public enum ClaimStatus: String, CaseIterable, Sendable {
    case unchecked, reported, confirmed, disputed, wrong
}
