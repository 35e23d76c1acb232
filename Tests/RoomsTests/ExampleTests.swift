import Foundation
import Testing

/// What the README shows of the libraries is true: it is the example's own source, and it builds against `EgWalker`
/// alone.
@Suite struct ExampleTests {
    private static let package = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    private static let source = package.appendingPathComponent(
        "Examples/MergeTwoTexts/Sources/MergeTwoTexts/main.swift"
    )

    /// The folder of this build, which holds the module and its objects.
    private static var build: URL {
        let bundle = CommandLine.arguments.first { $0.contains(".xctest") }?.components(separatedBy: ".xctest").first
        guard let bundle else { return package.appendingPathComponent(".build/debug") }
        return URL(fileURLWithPath: bundle).deletingLastPathComponent()
    }

    @Test func `the README shows the example as it is`() throws {
        let readme = try String(contentsOf: Self.package.appendingPathComponent("README.md"), encoding: .utf8)
        let example = try String(contentsOf: Self.source, encoding: .utf8)
        #expect(readme.contains("```swift\n\(example)```"))
    }

    @Test func `the example of the README builds and merges`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "webinar-example-\(UUID().uuidString)"
        )
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }

        let objectFolder = Self.build.appendingPathComponent("EgWalker.build")
        // Objects of files that are gone may lie about in a folder that was built before.
        let sources = FileManager.default.enumerator(
            atPath: Self.package.appendingPathComponent("Sources/EgWalker").path
        )
        let files = sources?.compactMap { ($0 as? String)?.split(separator: "/").last.map(String.init) } ?? []
        let objects = files.filter { $0.hasSuffix(".swift") }
            .map { objectFolder.appendingPathComponent("\($0).o").path }
        try #require(!objects.isEmpty, "EgWalker was not built where these tests are")
        let program = folder.appendingPathComponent("merge").path
        let modules = Self.build.appendingPathComponent("Modules").path
        let compiled = try Self.run(
            ["swiftc", "-swift-version", "6", "-I", modules, "-o", program, Self.source.path] + objects
        )
        #expect(compiled.status == 0, "\(compiled.output)")
        let merged = try Self.run([program])
        #expect(merged.output == "WeChat (微信) has a web version, too\nthe same on both\n")
    }

    private static func run(_ words: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, output)
    }
}
