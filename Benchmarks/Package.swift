// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "benchmarks",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: [
        .executableTarget(
            name: "bench", dependencies: ["Floors", .product(name: "ArgumentParser", package: "swift-argument-parser")]
        ),
        // What libpcap, and what OpenSSL, take for the same work with nothing around it.
        .target(name: "Floors", linkerSettings: [.linkedLibrary("pcap"), .linkedLibrary("crypto")]),
    ],
    swiftLanguageModes: [.v6]
)
