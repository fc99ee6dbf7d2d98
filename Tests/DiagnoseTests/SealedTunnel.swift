import AnalysisSupport
import Foundation
import ScopeCrypto
import ScopeWire
import TestSupport

/// The tunnel of a capture that ships with a Quick Mode or an ESP packet more, under the keys that its two daemons had.
enum SealedTunnel {
    /// After phase 1, a Quick Mode about ESP with AES-128, an hour, tunnel mode and these attributes.
    static func quickMode(_ attributes: [(MadeAssociation.Attribute, UInt32)]) throws -> Found {
        func addition(spi: [UInt8], nonce: UInt8, isFromInitiator: Bool) -> Talk.Addition {
            var transform = MadeAssociation.Transform(number: 1, id: 12)
            let usual: [(MadeAssociation.Attribute, UInt32)] = [
                (.childLifeType, 1), (.childLifeDuration, 3600), (.encapsulation, 1), (.childKeyLength, 128),
            ]
            for (attribute, value) in usual + attributes { transform.set(attribute, to: value) }
            let proposal = MadeAssociation.Proposal(number: 1, protocolID: 3, spi: spi, transforms: [transform])
            return Talk.Addition(
                exchange: 32, messageID: 0x7172_7374,
                payloads: [
                    MadeMessage.Payload(.association, MadeAssociation(proposals: [proposal]).bytes),
                    MadeMessage.Payload(.nonce, [UInt8](repeating: nonce, count: 16)),
                ], isFromInitiator: isFromInitiator)
        }
        return Found(
            try Talk(of: "main-mode/raw-esp").ending(with: .mainMode(6))
                .adding(addition(spi: [1, 2, 3, 4], nonce: 0xa1, isFromInitiator: true), behind: .mainMode(6))
                .adding(addition(spi: [5, 6, 7, 8], nonce: 0xb2, isFromInitiator: false), behind: .quickMode(1)))
    }

    /// Behind everything else, an ESP packet around an IP packet between strangers; `padding` stands before its length.
    ///
    /// The openssl program encrypts it under the keys that the daemons logged.
    static func packet(padding: [UInt8]) throws -> Found? {
        guard let path = LabScenario("51a-raw-esp-main").path("keys.json"), let text = Shared.bytes(path),
            let all = try JSONSerialization.jsonObject(with: Data(text)) as? [String: Any],
            let row = (all["sas"] as? [[String: Any]])?.first, let spi = row["spi"] as? String,
            let key = row["enc_key"] as? String, let authentication = row["auth_key"] as? String
        else { return nil }
        let talk = try Talk(of: "main-mode/raw-esp")
        guard let like = talk.frames.last(where: { $0.packet?.spi == UInt32(spi, radix: 16) }) else { return nil }
        let inner: [UInt8] = [0x45, 0, 0, 20, 0, 0, 0, 0, 64, 59, 0, 0, 172, 31, 9, 9, 172, 31, 8, 8]
        let iv = [UInt8](repeating: 0x5a, count: 16)
        let sealed = try Forge.openssl(
            ["enc", "-aes-128-cbc", "-nopad", "-K", key, "-iv", String(repeating: "5a", count: 16)],
            inner + padding + [UInt8(padding.count), 4])
        let esp = [UInt8](hex: spi) + Packets.u32(256) + iv + sealed
        let icv = try Forge.openssl(
            ["dgst", "-sha1", "-binary", "-mac", "HMAC", "-macopt", "hexkey:\(authentication)"], esp
        ).prefix(12)
        let end = (talk.frames.last ?? like).frame.time.nanoseconds - like.frame.time.nanoseconds
        let made = like.changing { $0.esp = esp + icv }.later(nanoseconds: end + 1_000_000)
        return Found(talk.inserting([made], behind: talk.frames.count - 1))
    }
}
