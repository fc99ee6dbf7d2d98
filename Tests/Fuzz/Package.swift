// swift-tools-version: 6.2
import PackageDescription

let scope: [Target.Dependency] = [.product(name: "IKEScope", package: "ikescope")]

/// One entry point for bytes that a stranger made; `run` builds and runs them all.
func fuzzer(_ name: String) -> Target {
    .executableTarget(
        name: name, dependencies: ["CFuzzer", "FuzzContracts"],
        // The linker that SwiftPM takes by itself cannot read the sanitizers' debug information.
        linkerSettings: [.unsafeFlags(["-use-ld=lld"])])
}

let package = Package(
    name: "fuzz",
    dependencies: [.package(name: "ikescope", path: "../..")],
    targets: [
        .systemLibrary(name: "CFuzzer"),
        .target(name: "FuzzContracts", dependencies: scope, path: "Contracts"),
        fuzzer("FuzzFrame"),
        fuzzer("FuzzMessage"),
        fuzzer("FuzzESP"),
        fuzzer("FuzzKeyFile"),
        fuzzer("FuzzConfig"),
        fuzzer("FuzzTracker"),
        fuzzer("FuzzOpener"),
        fuzzer("FuzzProgram"),
    ],
    swiftLanguageModes: [.v6]
)
