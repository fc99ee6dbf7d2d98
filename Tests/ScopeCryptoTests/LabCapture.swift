import Foundation
import ScopeCrypto
import ScopeDissect
import ScopeModel
import ScopeWire
import TestSupport

/// The IKE and ESP packets of a lab capture (Ethernet, IPv4 or IPv6, pcap), read by a few lines of its own.
struct LabCapture {
    struct Packet {
        var source: IPAddress
        var destination: IPAddress
        var bytes: [UInt8]
    }

    var ike: [Packet] = []
    var esp: [Packet] = []
    /// Whole IP packets: what a plaintext capture holds.
    var ip: [[UInt8]] = []

    init?(_ path: String) {
        guard let file = Shared.path(path).flatMap(Shared.bytes), file.count > 24 else { return nil }
        let order = file[0] == 0xd4 || file[0] == 0x4d
        func number(_ at: Int) -> Int {
            let part = file[at..<(at + 4)]
            return (order ? Array(part.reversed()) : Array(part)).reduce(0) { $0 << 8 | Int($1) }
        }
        var at = 24
        while at + 16 <= file.count {
            let length = number(at + 8)
            guard at + 16 + length <= file.count else { break }
            add(Array(file[(at + 16)..<(at + 16 + length)]))
            at += 16 + length
        }
    }

    private mutating func add(_ frame: [UInt8]) {
        guard frame.count > 54 else { return }
        let kind = Int(frame[12]) << 8 | Int(frame[13])
        let packet = Array(frame[14...])
        var header: Int
        var proto: UInt8
        let source: IPAddress?
        let destination: IPAddress?
        let total: Int
        if kind == 0x0800 {
            header = Int(packet[0] & 15) * 4
            proto = packet[9]
            total = Int(packet[2]) << 8 | Int(packet[3])
            source = IPAddress(bytes: packet[12..<16])
            destination = IPAddress(bytes: packet[16..<20])
        } else if kind == 0x86dd {
            header = 40
            proto = packet[6]
            total = 40 + (Int(packet[4]) << 8 | Int(packet[5]))
            source = IPAddress(bytes: packet[8..<24])
            destination = IPAddress(bytes: packet[24..<40])
        } else {
            return
        }
        guard let source, let destination, total <= packet.count, header < total else { return }
        ip.append(Array(packet[..<total]))
        let body = Array(packet[header..<total])
        if proto == 50 {
            esp.append(Packet(source: source, destination: destination, bytes: body))
        } else if proto == 17, body.count > 12 {
            let ports = [Int(body[0]) << 8 | Int(body[1]), Int(body[2]) << 8 | Int(body[3])]
            let payload = Array(body[8...])
            if ports.contains(500) {
                ike.append(Packet(source: source, destination: destination, bytes: payload))
            } else if ports.contains(4500) {
                if payload.starts(with: [0, 0, 0, 0]) {
                    ike.append(Packet(source: source, destination: destination, bytes: Array(payload[4...])))
                } else if payload.count > 8 {
                    esp.append(Packet(source: source, destination: destination, bytes: payload))
                }
            }
        }
    }
}

/// What the key files of the lab say, by scenario.
struct LabKeys: Decodable {
    struct SA: Decodable {
        var proto: String
        var spi: String
        var enc_alg: String?
        var enc_key: String?
        var auth_alg: String?
        var auth_key: String?
        var src: String?
        var dst: String?
        var capture_dst: String?
        var pfs_dh_shared: String?
        var packets: Int?
        var keymat_seed: String?
        var nonces: String?
    }

    struct IKE: Decodable {
        var version: Int
        var cookie_i: String?
        var cookie_r: String?
        var mode: String?
        var hash: String?
        var enc_alg: String?
        var enc_key_len: Int?
        var dh_group: String?
        var ke_i: String?
        var ke_r: String?
        var nonce_i: String?
        var nonce_r: String?
        var psk: String?
        var dh_private_i: String?
        var dh_private_r: String?
        var dh_shared: String?
        var SKEYID: String?
        var SKEYID_d: String?
        var SKEYID_a: String?
        var SKEYID_e: String?
        var enc_key: String?
        var initial_iv: String?
    }

    var ike: [IKE]
    var sas: [SA]

    static func load(_ scenario: String) -> LabKeys? {
        guard let bytes = Shared.path("captures/lab/\(scenario)/keys.json").flatMap(Shared.bytes) else { return nil }
        return try? JSONDecoder().decode(LabKeys.self, from: Data(bytes))
    }

    /// The key file that `to-keys` makes of it: the parts that a real user would have.
    static func keyFile(_ scenario: String, parts: String, wrong: Bool = false) throws -> KeyFile? {
        guard let tool = Shared.path("lab/tools/to-keys"),
            let keys = Shared.path("captures/lab/\(scenario)/keys.json")
        else { return nil }
        let words = ["python3", tool, keys, "--parts", parts] + (wrong ? ["--wrong"] : [])
        return try KeyFile(bytes: ChildProcess.run(words).output, path: "\(scenario).keys.json")
    }
}

func unhex(_ text: String) -> [UInt8] {
    var result: [UInt8] = []
    var digits = text.filter { $0.isHexDigit }[...]
    while digits.count >= 2 {
        result.append(UInt8(digits.prefix(2), radix: 16) ?? 0)
        digits = digits.dropFirst(2)
    }
    return result
}

func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

extension Secret {
    var hex: String { withBytes { ScopeCryptoTests.hex($0) } }
    init(hex text: String) { self.init(copying: unhex(text)) }
}
