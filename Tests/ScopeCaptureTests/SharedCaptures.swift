import TestSupport

/// Every capture that lies beside the repository.
enum SharedCaptures {
    static let all: [String] = {
        var found: [String] = []
        for folder in ["captures/public", "captures/malformed", "reference/observed"] {
            found += captures(in: folder)
        }
        for scenario in Shared.list("captures/lab") where !scenario.contains(".") {
            found += captures(in: "captures/lab/" + scenario)
        }
        return found
    }()

    private static func captures(in folder: String) -> [String] {
        Shared.list(folder).filter { $0.hasSuffix(".pcap") || $0.hasSuffix(".pcapng") }.map { folder + "/" + $0 }
    }
}
