// What several test rooms need: chance that a seed decides, a clock that only the test moves, a
// fresh folder for real files, and a proxy that cuts connections where it is told to.

/// The seeds of the parametrised laws. `WEBINAR_TEST_SEEDS=N` takes N of them.
public enum Seeds {
    /// Enough to meet every rare path of a law a few times.
    public static let some = list(200)
    /// For laws that touch the disk.
    public static let few = list(24)

    /// The first `count` seeds, or as many as the environment asks for.
    public static func list(_ count: Int) -> [UInt64] {
        (1...UInt64(max(1, TestEnvironment.number("WEBINAR_TEST_SEEDS") ?? count))).map { $0 }
    }
}
