import Foundation
import ScopeCrypto
import TestSupport

/// A scenario of the lab, beside the repository.
public struct LabScenario: Sendable {
    public let name: String

    public init(_ name: String) { self.name = name }

    /// A file of the scenario; nil, with a visible line, where the lab is absent.
    public func path(_ file: String) -> String? { Shared.path("captures/lab/\(name)/\(file)") }

    /// The key file that the lab's own tool makes, with only the parts asked for; nil where the lab is absent.
    public func keyText(_ parts: String, wrong: Bool = false) throws -> [UInt8]? {
        guard let tool = Shared.path("lab/tools/to-keys"), let keys = path("keys.json") else { return nil }
        return try ChildProcess.run(["python3", tool, keys, "--parts", parts] + (wrong ? ["--wrong"] : [])).output
    }

    public func keys(_ parts: String, wrong: Bool = false) throws -> KeyFile? {
        try keyText(parts, wrong: wrong).map { try KeyFile(bytes: $0, path: "\(name).keys.json") }
    }

    /// Whether the lab knows the exponent of this side (`i` or `r`) of every IKE SA.
    public func hasExponents(of side: String) throws -> Bool {
        guard let path = path("keys.json"), let bytes = Shared.bytes(path),
            let keys = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any],
            let sas = keys["ike"] as? [[String: Any]]
        else { return false }
        return !sas.isEmpty && sas.allSatisfy { $0["dh_private_\(side)"] != nil }
    }
}

/// The IP packets of a plaintext capture, without what a router changes on the way: TTL and header checksum.
public enum Plaintext {
    public static func lasting(_ packet: [UInt8]) -> [UInt8] {
        guard packet.count >= 20, packet[0] >> 4 == 4 else { return packet }
        var packet = packet
        packet[8] = 0
        packet[10] = 0
        packet[11] = 0
        return packet
    }

    /// Of an Ethernet capture.
    public static func packets(_ path: String) throws -> [[UInt8]] {
        try Analysis.frames(path).compactMap { made in
            guard made.bytes.count >= 34, made.bytes[12] == 8, made.bytes[13] == 0 else { return nil }
            let total = Int(made.bytes[16]) << 8 | Int(made.bytes[17])
            guard total >= 20, made.bytes.count >= 14 + total else { return nil }
            return Array(made.bytes[14..<(14 + total)])
        }
    }
}
