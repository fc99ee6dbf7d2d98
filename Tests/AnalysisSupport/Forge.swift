import Foundation
import TestSupport

/// Makes messages of an IKE SA whose keys the lab knows, with OpenSSL's command: AES-256 and SHA-1.
public struct Forge {
    private let cipherKey: String
    private let skeyidA: String

    /// Nil, with a visible line, where the lab is absent.
    public init?(_ scenario: String) throws {
        guard let path = LabScenario(scenario).path("keys.json"), let bytes = Shared.bytes(path) else { return nil }
        let keys = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
        let row = (keys?["ike"] as? [[String: Any]])?.first
        guard let key = row?["enc_key"] as? String, let a = row?["SKEYID_a"] as? String else { return nil }
        (cipherKey, skeyidA) = (key, a)
    }

    /// What becomes of the HASH.
    public enum Proof: Sendable { case first, last, wrong }

    /// HASH, proved as an Informational is (RFC 2409 section 5.7), and `payloads` of type `next`, encrypted.
    ///
    /// With the HASH `.last`, `payloads` is one payload, whose next payload becomes the HASH. `behindID` is what it covers
    /// between message id and payloads: of the second message of Quick Mode, the initiator's nonce.
    public func message(
        like header: [UInt8], exchange: UInt8, next: UInt8, payloads: [UInt8], iv: [UInt8], proof: Proof = .first,
        behindID: [UInt8] = []
    ) throws -> [UInt8] {
        var payloads = payloads
        if proof == .last { payloads[0] = 8 }
        var hash = try Self.openssl(
            ["dgst", "-sha1", "-binary", "-mac", "HMAC", "-macopt", "hexkey:\(skeyidA)"],
            header[20..<24] + behindID + payloads)
        if proof == .wrong { hash[0] ^= 1 }
        let sealedHash = [proof == .last ? 0 : next, 0, 0, UInt8(hash.count + 4)] + hash
        let plain = proof == .last ? payloads + sealedHash : sealedHash + payloads
        let padded = plain + [UInt8](repeating: 0, count: (16 - plain.count % 16) % 16)
        let sealed = try Self.openssl(
            ["enc", "-aes-256-cbc", "-nopad", "-K", cipherKey, "-iv", iv.map { String(format: "%02x", $0) }.joined()],
            padded)
        var head = header
        head[16] = proof == .last ? next : 8
        head[18] = exchange
        head[27] = UInt8(28 + sealed.count)
        return head + sealed
    }

    /// The IV of an exchange of its own: HASH(last block of phase 1 | M-ID) (RFC 2409 appendix B).
    public static func iv(after block: [UInt8], messageID: [UInt8]) throws -> [UInt8] {
        Array(try openssl(["dgst", "-sha1", "-binary"], block + messageID).prefix(16))
    }

    public static func openssl(_ arguments: [String], _ input: some Sequence<UInt8>) throws -> [UInt8] {
        let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try Data(input).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let files = arguments.first == "enc" ? ["-in", file.path] : [file.path]
        return try ChildProcess.run(["openssl"] + arguments + files).output
    }
}

extension [UInt8] {
    /// Ethernet, IPv4 and UDP the other way round.
    public mutating func swapEnds() {
        for (a, b) in [(0..<6, 6..<12), (26..<30, 30..<34), (34..<36, 36..<38)] {
            for (i, j) in zip(a, b) { swapAt(i, j) }
        }
    }

    /// Of IPv4 and UDP; the checksum of UDP is left out.
    public mutating func setLengths() {
        let (ip, udp) = (count - 14, count - 34)
        replaceSubrange(16..<18, with: [UInt8(ip >> 8), UInt8(ip & 255)])
        replaceSubrange(38..<42, with: [UInt8(udp >> 8), UInt8(udp & 255), 0, 0])
    }

    /// Every `old` becomes `new`, of the same length.
    public func replacing(_ old: [UInt8], with new: [UInt8]) -> [UInt8] {
        var made = self
        var index = 0
        while index + old.count <= made.count {
            if Array(made[index..<(index + old.count)]) == old {
                made.replaceSubrange(index..<(index + old.count), with: new)
                index += old.count
            } else {
                index += 1
            }
        }
        return made
    }
}
