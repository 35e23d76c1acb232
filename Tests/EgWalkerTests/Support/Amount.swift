/// How much of a test's data a debug build takes: it is some fifty times slower than a release build, which takes all.
func amount(_ all: UInt64, inDebug some: UInt64) -> Range<UInt64> {
    #if DEBUG
    0..<some
    #else
    0..<all
    #endif
}
