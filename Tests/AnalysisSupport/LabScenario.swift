import Foundation
import ScopeCrypto
import TestSupport

/// A scenario of the lab: its capture ships, and so does what the tests need of what the lab knows about it.
///
/// What does not ship lies beside the repository, where it lies at all.
public struct LabScenario: Sendable {
    public let name: String

    public init(_ name: String) { self.name = name }

    /// The place below `captures/` of what ships, by scenario, and by file where it is not the scenario's first capture.
    private static let shipped: [String: String] = [
        "01-main-psk-3des": "main-mode/psk-3des", "02a-main-psk-aes256": "main-mode/psk-aes256",
        "03a-pfs-modp2048": "quick-mode/pfs-group14", "04a-aggressive-psk": "aggressive-mode/psk",
        "05-main-rsa": "main-mode/rsa-signatures", "06a-xauth-psk-modecfg": "remote-access/xauth-mode-config",
        "08a-rekey": "rekey/esp-in-udp", "09a-wrong-psk": "failures/different-psk",
        "10a-p1-mismatch": "failures/phase1-proposal", "11-p2-mismatch": "failures/phase2-transform",
        "12a-ts-mismatch": "failures/proxy-identities", "13a-peer-silent": "failures/peer-silent",
        "13c-msg3-lost": "failures/udp-4500-blocked", "14-dpd": "failures/peer-dead",
        "15a-natt": "nat/port-4500-kept", "15c-natt-ports": "nat/ports-rewritten", "15d-natt-true": "nat/outside",
        "17b-esp-gcm": "esp/aes-gcm", "18-ike-frag": "certificates/ike-fragments", "20a-pfs-mismatch": "failures/pfs",
        "21-deletes": "quick-mode/deletes", "22a-id-mismatch": "failures/identity-refused",
        "23-esp-null": "esp/null-encryption", "35a-v2-rekey": "rekey/ikev2", "51a-raw-esp-main": "main-mode/raw-esp",
        "53a-transport": "esp/transport-mode", "54a-ah-tunnel": "ah/negotiated", "55-raw-rekey": "rekey/raw-esp-rekey",
        "56-raw-two-children": "quick-mode/two-children", "61-libreswan-v1-main": "interop/strongswan-libreswan",
        "63-libreswan-v1-aggr": "interop/libreswan-aggressive",
        "64-libreswan-wrong-psk": "failures/different-psk-libreswan", "68a-oneway-esp": "failures/no-return-traffic",
        "70-vpnc-xauth": "remote-access/vpnc", "71-ike-scan": "aggressive-mode/ike-scan",
        "72-two-taps": "esp/loss-two-taps", "72-two-taps/tap-left.pcap": "esp/loss-two-taps",
        "72-two-taps/tap-right.pcap": "esp/loss-two-taps-behind", "73-esp-health": "esp/loss-and-order",
        "81-ah-v4": "ah/transport-and-tunnel", "82-ah-esp-bundle": "ah/around-esp", "83-ipv6": "esp/ipv6",
        "84-esp-oddities": "esp/oddities",
    ]

    /// Where the lab's files lie that ship: keys of both daemons, logs, counts, the packets before they were encrypted.
    private static let folder = Shared.root + "/Tests/Lab/"

    /// The lab itself, where it lies beside the repository.
    private static let beside = Shared.root + "/../shared/captures/lab/"

    /// The scenarios of which something ships, and those beside the repository.
    public static let all: [String] = Set(
        Shared.names(inFolder: folder) + Shared.names(inFolder: beside)
    ).filter { $0.first?.isNumber == true }.sorted()

    /// A file of the scenario; nil, with a visible line, where it neither ships nor lies beside the repository.
    public func path(_ file: String) -> String? {
        let place = Self.shipped[name + "/" + file] ?? (file == "capture.pcap" ? Self.shipped[name] : nil)
        if let place { return Shared.root + "/captures/" + place + ".pcap" }
        let own = Self.folder + name + "/" + file
        return access(own, R_OK) == 0 ? own : Shared.path("captures/lab/\(name)/\(file)")
    }

    /// The names in a folder of the scenario, of what ships or, where that is there, of all that the lab has.
    public func names(in part: String = "") -> [String] {
        let own = Shared.names(inFolder: Self.folder + name + "/" + part)
        return Set(own + Shared.names(inFolder: Self.beside + name + "/" + part)).sorted()
    }

    /// The key file that the lab's own tool makes, with only the parts asked for; nil where the lab is absent.
    public func keyText(_ parts: String, wrong: Bool = false) throws -> [UInt8]? {
        guard let keys = path("keys.json") else { return nil }
        let words = ["python3", Self.folder + "to-keys", keys, "--parts", parts] + (wrong ? ["--wrong"] : [])
        return try ChildProcess.run(words).output
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

/// The IP packets of a plaintext capture, without what a router changes on the way: hop limit and header checksum.
public enum Plaintext {
    public static func lasting(_ packet: [UInt8]) -> [UInt8] {
        let (isV4, isV6) = (packet.first.map { $0 >> 4 == 4 } ?? false, packet.first.map { $0 >> 4 == 6 } ?? false)
        guard isV4 && packet.count >= 20 || isV6 && packet.count > 40 else { return packet }
        var packet = packet
        // RFC 791 section 3.1, RFC 8200 section 3.
        for field in isV4 ? [8, 10, 11] : [7] { packet[field] = 0 }
        return packet
    }

    /// Of an Ethernet capture: what is IPv4.
    public static func packets(_ path: String) throws -> [[UInt8]] {
        try Analysis.frames(path).compactMap { made in
            guard let packet = made.packet else { return nil }
            // Without what fills up a short frame.
            return Array(made.bytes.dropFirst(packet.link.count).prefix(20 + packet.payload.count))
        }
    }

    /// The same with IPv6, but for what hosts tell their neighbours (RFC 4861) and multicast listeners (RFC 2710).
    public static func packetsOfBothVersions(_ path: String) throws -> [[UInt8]] {
        let sixes = try Analysis.frames(path).compactMap { made -> [UInt8]? in
            guard made.bytes.count > 54, Array(made.bytes[12..<14]) == [0x86, 0xdd] else { return nil }
            let length = Int(made.bytes[18]) << 8 | Int(made.bytes[19])
            let packet = Array(made.bytes.dropFirst(14).prefix(40 + length))
            let isOfTheLink = packet[6] == 0 || packet[6] == 58 && (130...137).contains(packet[40])
            return isOfTheLink ? nil : packet
        }
        return try packets(path) + sixes
    }

    /// Of an Ethernet capture: all that is behind the types.
    public static func framesOfEthernet(_ path: String) throws -> [[UInt8]] {
        try Analysis.frames(path).map { Array($0.bytes.dropFirst(14)) }
    }
}
