import AnalysisSupport
import Foundation
import ScopeCrypto
import ScopeWire
import TestSupport

/// The tunnel of a shipped capture with a Quick Mode or an ESP packet more, which the openssl program encrypts under the
/// keys that its two daemons logged.
enum ForgedTunnel {
    private static let scenario = "51a-raw-esp-main"

    private static func isUDP(_ made: Analysis.MadeFrame) -> Bool { made.bytes.count > 70 && made.bytes[23] == 17 }

    /// After phase 1, a Quick Mode of its own about ESP with AES-128 and these attributes beside key length, mode and
    /// lifetime; nil, with a visible line, where the lab is absent.
    static func quickMode(_ attributes: [UInt8]) throws -> Found? {
        guard let forge = try Forge(scenario) else { return nil }
        let (frames, keys) = try MadePathTests.capture("main-mode/raw-esp")
        let messages = frames.filter(isUDP)
        var header = Array(messages[8].bytes[42..<70])
        header.replaceSubrange(20..<24, with: [0x71, 0x72, 0x73, 0x74])
        let (ni, nr) = ([UInt8](repeating: 0xa1, count: 16), [UInt8](repeating: 0xb2, count: 16))
        let iv = try Forge.iv(after: Array(messages[5].bytes.suffix(16)), messageID: Array(header[20..<24]))
        let first = try forge.message(
            like: header, exchange: 32, next: 1,
            payloads: association(spi: [1, 2, 3, 4], attributes) + nonce(ni), iv: iv)
        let second = try forge.message(
            like: header, exchange: 32, next: 1,
            payloads: association(spi: [5, 6, 7, 8], attributes) + nonce(nr), iv: Array(first.suffix(16)), behindID: ni)
        var made = Array(messages.prefix(6))
        for (message, isAnswer) in [(first, false), (second, true)] {
            var bytes = Array(messages[8].bytes[..<42])
            if isAnswer { bytes.swapEnds() }
            made.append(frame(bytes + message, after: made[made.count - 1]))
        }
        return Found(playing: made, keys: [keys])
    }

    /// Behind everything else, an ESP packet around an IP packet between strangers; `padding` stands before its length.
    static func packet(padding: [UInt8]) throws -> Found? {
        guard let path = LabScenario(scenario).path("keys.json"), let text = Shared.bytes(path),
            let all = try JSONSerialization.jsonObject(with: Data(text)) as? [String: Any],
            let row = (all["sas"] as? [[String: Any]])?.first, let spi = row["spi"] as? String,
            let key = row["enc_key"] as? String, let authentication = row["auth_key"] as? String
        else { return nil }
        let (frames, keys) = try MadePathTests.capture("main-mode/raw-esp")
        let spiBytes = stride(from: 0, to: 8, by: 2).compactMap { UInt8(spi.dropFirst($0).prefix(2), radix: 16) }
        guard let like = frames.last(where: { $0.bytes.count > 50 && Array($0.bytes[34..<38]) == spiBytes }) else {
            return nil
        }
        let inner: [UInt8] = [0x45, 0, 0, 20, 0, 0, 0, 0, 64, 59, 0, 0, 172, 31, 9, 9, 172, 31, 8, 8]
        let iv = [UInt8](repeating: 0x5a, count: 16)
        let sealed = try Forge.openssl(
            ["enc", "-aes-128-cbc", "-nopad", "-K", key, "-iv", String(repeating: "5a", count: 16)],
            inner + padding + [UInt8(padding.count), 4])
        let esp = spiBytes + [0, 0, 1, 0] + iv + sealed
        let icv = try Forge.openssl(
            ["dgst", "-sha1", "-binary", "-mac", "HMAC", "-macopt", "hexkey:\(authentication)"], esp
        ).prefix(12)
        var bytes = Array(like.bytes[..<34]) + esp + icv
        bytes[16] = UInt8((bytes.count - 14) >> 8)
        bytes[17] = UInt8((bytes.count - 14) & 255)
        var made = like
        made.bytes = bytes
        made.frame.time = Instant(nanoseconds: (frames.last ?? like).frame.time.nanoseconds + 1_000_000)
        made.frame.capturedLength = bytes.count
        made.frame.originalLength = bytes.count
        return Found(playing: frames + [made], keys: [keys])
    }

    /// SA and its next payload, a nonce: one proposal of ESP with one transform (RFC 2407 section 4.6.1).
    private static func association(spi: [UInt8], _ attributes: [UInt8]) -> [UInt8] {
        // An hour, tunnel mode, 128 bits.
        let usual: [UInt8] = [0x80, 1, 0, 1, 0x80, 2, 0x0e, 0x10, 0x80, 4, 0, 1, 0x80, 6, 0, 128]
        let transform = [0, 0, 0, UInt8(8 + usual.count + attributes.count), 1, 12, 0, 0] + usual + attributes
        let proposal = [0, 0, 0, UInt8(8 + spi.count + transform.count), 1, 3, UInt8(spi.count), 1] + spi + transform
        return [10, 0, 0, UInt8(12 + proposal.count), 0, 0, 0, 1, 0, 0, 0, 1] + proposal
    }

    private static func nonce(_ bytes: [UInt8]) -> [UInt8] { [0, 0, 0, UInt8(4 + bytes.count)] + bytes }

    private static func frame(_ bytes: [UInt8], after last: Analysis.MadeFrame) -> Analysis.MadeFrame {
        var made = last
        made.bytes = bytes
        made.bytes.setLengths()
        made.frame.time = Instant(nanoseconds: last.frame.time.nanoseconds + 1_000_000)
        made.frame.capturedLength = made.bytes.count
        made.frame.originalLength = made.bytes.count
        return made
    }
}
