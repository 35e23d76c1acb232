import Foundation

/// What the one who runs the tests asks for.
public enum TestEnvironment {
    /// The whole number in a variable; nil if there is none.
    public static func number(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
    }
}
