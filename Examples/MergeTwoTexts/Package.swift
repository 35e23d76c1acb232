// swift-tools-version: 6.2
import PackageDescription

// In a project of your own, the dependency is
// .package(url: "…/webinar.git", branch: "main").
let package = Package(
    name: "MergeTwoTexts",
    dependencies: [.package(name: "webinar", path: "../..")],
    targets: [
        .executableTarget(name: "MergeTwoTexts", dependencies: [.product(name: "EgWalker", package: "webinar")])
    ]
)
