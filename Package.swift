// swift-tools-version: 6.2
import PackageDescription

/// The same strictness for every target; `make` adds warnings as errors, which a newer compiler's users are spared.
let strict: [SwiftSetting] =
    [
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("ExistentialAny"),
    ] + (Context.environment["IKESCOPE_STRICT"] == nil ? [] : [.treatAllWarnings(as: .error)])

/// A target of the house; `uses` is its row in the dependency table of docs/architecture.md.
func part(_ name: String, uses: [Target.Dependency] = [], path: String? = nil) -> Target {
    .target(name: name, dependencies: uses, path: path, swiftSettings: strict)
}

func tests(_ name: String, uses: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: name, dependencies: uses + ["TestSupport", "ScopeWire"], exclude: exclude, swiftSettings: strict)
}

let package = Package(
    name: "ikescope",
    products: [
        .executable(name: "ikescope", targets: ["ikescope"]),
        .library(
            name: "IKEScope",
            targets: [
                "IKEScope", "ScopeWire", "ScopePcap", "ScopeCapture", "ScopeDissect", "ScopeModel", "ScopeCrypto",
                "ScopeTrack", "ScopeSAD", "ScopeConfig", "ScopeDiagnose", "ScopeFormatters",
            ]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: [
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CPcap", pkgConfig: "libpcap", providers: [.apt(["libpcap-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CSeccomp", pkgConfig: "libseccomp", providers: [.apt(["libseccomp-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        part("ScopeWire"),
        part("ScopePcap", uses: ["ScopeWire"]),
        part("ScopeCapture", uses: ["ScopeWire", "ScopePcap", "CPcap", "CZlib"]),
        part("ScopeDissect", uses: ["ScopeWire"]),
        part("ScopeModel", uses: ["ScopeWire", "ScopeDissect"]),
        part("ScopeCrypto", uses: ["ScopeWire", "ScopeDissect", "ScopeModel", "COpenSSL"]),
        part("ScopeTrack", uses: ["ScopeWire", "ScopeDissect", "ScopeModel", "CZlib"]),
        part("ScopeSAD", uses: ["ScopeWire", "ScopeDissect", "ScopeModel"]),
        part("ScopeConfig", uses: ["ScopeWire", "ScopeDissect", "ScopeModel"]),
        part("ScopeDiagnose", uses: ["ScopeWire", "ScopeDissect", "ScopeModel", "ScopeSAD", "ScopeConfig"]),
        part(
            "ScopeFormatters", uses: ["ScopeWire", "ScopePcap", "ScopeDissect", "ScopeModel", "ScopeSAD"],
            path: "Formatters"),
        part(
            "IKEScope",
            uses: [
                "ScopeWire", "ScopePcap", "ScopeCapture", "ScopeDissect", "ScopeModel", "ScopeCrypto", "ScopeTrack",
                "ScopeConfig", "ScopeDiagnose",
            ]),
        .executableTarget(
            name: "ikescope",
            dependencies: [
                "IKEScope", "ScopeWire", "ScopeCapture", "ScopeCrypto", "ScopeConfig", "ScopeModel", "ScopeFormatters",
                "CLinux", "CSeccomp",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Sources/Command",
            swiftSettings: strict),

        part("TestSupport", uses: ["ScopeWire", "ScopePcap"], path: "Tests/TestSupport"),
        part(
            "AnalysisSupport",
            uses: [
                "IKEScope", "ScopeWire", "ScopeCapture", "ScopeCrypto", "ScopeDissect", "ScopeModel", "ScopeFormatters",
                "TestSupport", "COpenSSL",
            ], path: "Tests/AnalysisSupport"),
        tests("ScopeWireTests", uses: []),
        tests("ScopePcapTests", uses: ["ScopePcap"]),
        tests("ScopeModelTests", uses: ["ScopeModel", "ScopeDissect"]),
        tests("ScopeCaptureTests", uses: ["ScopeCapture", "ScopePcap", "CPcap"]),
        tests("ScopeDissectTests", uses: ["ScopeDissect"]),
        tests("ScopeCryptoTests", uses: ["ScopeCrypto", "ScopeDissect", "ScopeModel", "AnalysisSupport"]),
        tests(
            "ScopeTrackTests",
            uses: ["ScopeTrack", "ScopeDissect", "ScopeModel", "ScopeCrypto", "IKEScope", "AnalysisSupport"]),
        // What no capture that ships shows: each skips where the lab's captures are absent.
        tests("LabTests", uses: ["ScopeDissect", "ScopeModel", "ScopeCrypto", "AnalysisSupport"]),
        tests(
            "ScopeSADTests",
            uses: ["ScopeSAD", "ScopeDissect", "ScopeModel", "ScopeCrypto", "IKEScope", "AnalysisSupport"]),
        tests("ScopeConfigTests", uses: ["ScopeConfig", "ScopeDissect", "ScopeModel"]),
        tests(
            "TranscriptTests",
            uses: [
                "ScopeFormatters", "ScopeDissect", "ScopeModel", "ScopeCrypto", "IKEScope", "ScopeConfig", "ScopePcap",
                "ScopeSAD", "AnalysisSupport",
            ], exclude: ["Golden"]),
        part(
            "FuzzContracts",
            uses: [
                "IKEScope", "ScopeWire", "ScopePcap", "ScopeDissect", "ScopeModel", "ScopeCrypto", "ScopeTrack",
                "ScopeConfig", "ScopeFormatters",
            ], path: "Tests/Fuzz/Contracts"),
        .testTarget(
            name: "FuzzReplayTests",
            dependencies: [
                "FuzzContracts", "TestSupport", "AnalysisSupport", "ScopeDissect", "ScopeModel", "ScopeWire",
            ], path: "Tests/Fuzz/ReplayTests",
            swiftSettings: strict),
        tests(
            "PacketsTests",
            uses: [
                "ScopeFormatters", "ScopeCapture", "ScopeDissect", "ScopeModel", "ScopeCrypto", "IKEScope",
                "AnalysisSupport",
            ]),
        tests(
            "DiagnoseTests",
            uses: [
                "ScopeDiagnose", "ScopeCapture", "ScopeConfig", "ScopeModel", "ScopeCrypto", "ScopeFormatters",
                "IKEScope",
                "AnalysisSupport",
            ]),
        tests("CommandTests", uses: ["ScopePcap", "ikescope", "ScopeModel", "AnalysisSupport"]),
    ],
    swiftLanguageModes: [.v6]
)
