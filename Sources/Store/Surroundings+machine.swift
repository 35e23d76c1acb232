import Glibc
public import Models

extension Surroundings {
    /// The clocks and the randomness of this machine. A simulation hands in others.
    public static let ofThisMachine = Surroundings(
        now: { milliseconds(of: CLOCK_REALTIME) },
        // Goes on while the machine sleeps.
        uptime: { milliseconds(of: CLOCK_BOOTTIME) },
        random: { UInt64.random(in: 0 ... .max) }
    )

    private static func milliseconds(of clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(max(0, time.tv_sec)) * 1000 + UInt64(time.tv_nsec) / 1_000_000
    }
}
