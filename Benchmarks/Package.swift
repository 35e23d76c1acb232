// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "Benchmarks",
    dependencies: [.package(name: "webinar", path: "..")],
    targets: [
        .systemLibrary(name: "CZlibBench", path: "Sources/CZlibBench", pkgConfig: "zlib"),
        .executableTarget(
            name: "text-bench",
            dependencies: [.product(name: "EgWalker", package: "webinar"), "CZlibBench"],
            swiftSettings: [.swiftLanguageMode(.v6)]
        ),
    ]
)
