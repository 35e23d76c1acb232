// The values and rules of the project. Nothing here reads a clock, draws a random
// number or touches a disk or a socket: what such things yield is handed in, so that
// one seed can decide a whole history.
//
// Read on in this order: `Identity/` (who and what), `Time/` (when), `Domain/` (what a
// person keeps), `Change` (what can be said about it), `Merge/` (what many changes add
// up to), `Sync/` (how two replicas come to hold the same ones).

/// The version of the rules in this room, carried in each change that needs them.
///
/// A change of a later schema is stored and forwarded as it came, and replayed once the
/// program knows it.
public enum Schema {
    /// The first schema. It is 0 so that it costs no byte on the wire.
    public static let current: UInt32 = 0
}
