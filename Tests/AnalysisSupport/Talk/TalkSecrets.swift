import Foundation
import TestSupport

/// The secrets of a scenario, read from its key file by Foundation.
struct TalkSecrets: Sendable {
    var preShared: [[UInt8]] = []
    var exponents: [[UInt8]] = []
    /// g^xy by the initiator's SPI.
    var shared: [UInt64: [UInt8]] = [:]

    init() {}

    init(_ json: [UInt8]) throws {
        let file = try JSONSerialization.jsonObject(with: Data(json)) as? [String: Any] ?? [:]
        func rows(_ name: String) -> [[String: Any]] { file[name] as? [[String: Any]] ?? [] }
        preShared = rows("psk").compactMap { ($0["key"] as? String).map { Array($0.utf8) } }
        exponents = rows("dh").compactMap { ($0["private"] as? String).map { [UInt8](hex: $0) } }
        for row in rows("dh") {
            guard let value = row["shared"] as? String, let spi = row["initiator_spi"] as? String else { continue }
            shared[UInt64(spi, radix: 16) ?? 0] = [UInt8](hex: value)
        }
    }
}

/// The keys of an IKE SA (RFC 2409 section 5 and appendix B), worked out from its messages and the scenario's secrets.
struct TalkKeys: Equatable {
    let hash: String
    let cipher: String
    let blockLength: Int
    let skeyid: [UInt8]
    let d: [UInt8]
    let a: [UInt8]
    let cipherKey: [UInt8]
    /// The IV of the first encrypted message of phase 1.
    let firstIV: [UInt8]

    /// What the messages in the clear told.
    struct Facts {
        var initiatorSPI: UInt64
        var responderSPI: UInt64 = 0
        var offer: [UInt8] = []
        var chosen: MadeAssociation?
        var publicValues: [Bool: [UInt8]] = [:]
        var nonces: [Bool: [UInt8]] = [:]
    }

    /// Nil while a message is missing, or where the scenario has no secret that fits.
    init?(_ facts: Facts, _ secrets: TalkSecrets, preShared: [UInt8]) {
        guard let chosen = facts.chosen, let group = chosen.value(.group), let kei = facts.publicValues[true],
            let ker = facts.publicValues[false], let ni = facts.nonces[true], let nr = facts.nonces[false],
            let shared = Self.shared(facts, secrets, group, kei, ker),
            let name = [1: "MD5", 2: "SHA1", 4: "SHA256", 5: "SHA384", 6: "SHA512"][chosen.value(.hash) ?? 0],
            let suite = Self.suite(chosen)
        else { return nil }
        let method = chosen.value(.authentication) ?? 0
        // Pre-shared keys, and XAUTH with them; everything else signs.
        let isPreShared = [1, 65001, 65002].contains(method)
        let cookies = Packets.u64(facts.initiatorSPI) + Packets.u64(facts.responderSPI)
        (hash, cipher, blockLength) = (name, suite.name, suite.block)
        skeyid = isPreShared ? Libcrypto.hmac(name, preShared, ni + nr) : Libcrypto.hmac(name, ni + nr, shared)
        d = Libcrypto.hmac(name, skeyid, shared + cookies + [0])
        a = Libcrypto.hmac(name, skeyid, d + shared + cookies + [1])
        let e = Libcrypto.hmac(name, skeyid, a + shared + cookies + [2])
        var key = e
        if key.count < suite.key {
            var block = Libcrypto.hmac(name, e, [0])
            key = block
            while key.count < suite.key {
                block = Libcrypto.hmac(name, e, block)
                key += block
            }
        }
        cipherKey = Array(key.prefix(suite.key))
        firstIV = Array(Libcrypto.hash(name, kei + ker).prefix(suite.block))
    }

    private static func suite(_ chosen: MadeAssociation) -> (name: String, key: Int, block: Int)? {
        switch chosen.value(.encryption) {
        case 5: ("DES-EDE3-CBC", 24, 8)
        case 7: { ("AES-\($0)-CBC", Int($0) / 8, 16) }(chosen.value(.keyLength) ?? 128)
        default: nil
        }
    }

    private static func shared(
        _ facts: Facts, _ secrets: TalkSecrets, _ group: UInt32, _ initiator: [UInt8], _ responder: [UInt8]
    ) -> [UInt8]? {
        if let given = secrets.shared[facts.initiatorSPI] { return given }
        for exponent in secrets.exponents {
            let own = Libcrypto.power(Libcrypto.generator, exponent, group: group)
            if own == initiator { return Libcrypto.power(responder, exponent, group: group) }
            if own == responder { return Libcrypto.power(initiator, exponent, group: group) }
        }
        return nil
    }

    func iv(of messageID: UInt32, after lastBlock: [UInt8]) -> [UInt8] {
        Array(Libcrypto.hash(hash, lastBlock + Packets.u32(Int(messageID))).prefix(blockLength))
    }

    func mac(_ bytes: [UInt8]) -> [UInt8] { Libcrypto.hmac(hash, a, bytes) }
    func phase1MAC(_ bytes: [UInt8]) -> [UInt8] { Libcrypto.hmac(hash, skeyid, bytes) }

    func decrypt(_ bytes: [UInt8], iv: [UInt8]) -> [UInt8]? {
        Libcrypto.cbc(cipher, key: cipherKey, iv: iv, bytes, encrypts: false)
    }

    /// Filled up as the message was before, where that still fits, and else with zeros to whole blocks.
    func encrypt(_ message: MadeMessage, iv: [UInt8]) -> [UInt8]? {
        var bytes = MadeMessage.bytes(of: message.payloads)
        if (bytes.count + message.filling.count) % blockLength == 0 { bytes += message.filling }
        let filling = [UInt8](repeating: 0, count: (blockLength - bytes.count % blockLength) % blockLength)
        return Libcrypto.cbc(cipher, key: cipherKey, iv: iv, bytes + filling, encrypts: true)
    }
}
