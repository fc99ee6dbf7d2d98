import Foundation
import ScopeCrypto
import TestSupport

/// A scenario of IKEv2: those of the lab, and those of the lab for developers (`lab-v2`), beside the repository.
public struct IKEv2Scenario: Sendable, CustomStringConvertible {
    public let name: String
    private let folder: String

    public var description: String { name }

    /// All that are there.
    public static let all: [IKEv2Scenario] = ["lab", "lab-v2"].flatMap { folder in
        Shared.names(inFolder: Shared.root + "/../shared/captures/" + folder).filter { $0.contains("-v2") }
            .sorted().map { IKEv2Scenario(name: $0, folder: "captures/\(folder)/\($0)") }
    }

    public init(name: String, folder: String) {
        self.name = name
        self.folder = folder
    }

    /// One of those that are there; nil, with a visible line, where it is absent.
    public static func named(_ name: String) -> IKEv2Scenario? {
        if let found = all.first(where: { $0.name == name }) { return found }
        _ = Shared.path("captures/lab-v2/\(name)/capture.pcap")
        return nil
    }

    /// A file of the scenario; nil, with a visible line, where it is absent.
    public func path(_ file: String) -> String? { Shared.path(folder + "/" + file) }

    /// The files of the scenario that are there.
    public var names: [String] { Shared.names(inFolder: Shared.root + "/../shared/" + folder) }

    /// Whether the lab kept the packets before they were encrypted.
    public var hasPlaintext: Bool { access(Shared.root + "/../shared/" + folder + "/plain-left.pcap", R_OK) == 0 }

    public func keys(_ parts: String, wrong: Bool = false) throws -> KeyFile? {
        guard let keys = path("keys.json") else { return nil }
        let words =
            ["python3", Shared.root + "/Tests/Lab/to-keys", keys, "--parts", parts] + (wrong ? ["--wrong"] : [])
        return try KeyFile(bytes: try ChildProcess.run(words).output, path: "\(name).keys.json")
    }

    /// What the lab knows of its keys.
    public func truth() throws -> [String: Any]? {
        guard let path = path("keys.json"), let bytes = Shared.bytes(path) else { return nil }
        return try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
    }

    /// The IKE SAs of which the lab knows keys, by their SPIs.
    public func ikeSAs() throws -> [(initiatorSPI: UInt64, responderSPI: UInt64, row: [String: Any])] {
        (try truth()?["ike"] as? [[String: Any]] ?? []).compactMap { row in
            guard row["version"] as? Int == 2, let i = row["spi_i"] as? String, let r = row["spi_r"] as? String,
                let initiator = UInt64(i, radix: 16), let responder = UInt64(r, radix: 16)
            else { return nil }
            return (initiator, responder, row)
        }
    }
}
