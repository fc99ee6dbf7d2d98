import ScopeModel

extension IKEv2Keys {
    /// The sets of keys that a row may stand for: one, or where neither the capture nor the file tells the algorithms, one
    /// for each that has keys of these lengths.
    static func given(_ entry: KeyRing.IKERow, suite: IKEv2Suite?) throws(UnusableRow) -> [IKEv2Keys] {
        let keys = entry.row.keys
        guard let ei = keys[.skEI], let er = keys[.skER] else {
            throw UnusableRow(problem: "\(entry.use.name) needs both sk_ei and sk_er")
        }
        let none = Secret(count: 0)
        let given = SKKeys(
            d: keys[.skD],
            initiator: SKKeys.Directional(integrity: keys[.skAI] ?? none, encryption: ei, proof: keys[.skPI]),
            responder: SKKeys.Directional(integrity: keys[.skAR] ?? none, encryption: er, proof: keys[.skPR]))
        func set(_ prf: PseudorandomFunction?, _ protection: ESPSuite) -> IKEv2Keys {
            IKEv2Keys(
                name: entry.use.name, step: 0, prf: prf, protection: protection, keys: given, uses: [entry.use],
                isGiven: true)
        }
        if let suite {
            if let problem = problem(given, suite) { throw UnusableRow(problem: "\(entry.use.name)\(problem)") }
            return [set(suite.prf, suite.protection)]
        }
        let prf = keys[.skD].flatMap { PseudorandomFunction.usual(length: $0.count) }
        if let protection = entry.row.suite { return [set(prf, protection)] }
        return ESPSuite.possible(encryptionKey: ei.count, integrityKey: given.initiator.integrity.count).map {
            set(prf, $0)
        }
    }

    /// Which member cannot be right, and why; nil where all fit what was agreed on.
    private static func problem(_ keys: SKKeys, _ suite: IKEv2Suite) -> String? {
        for (name, key, wanted) in [
            ("sk_ei", keys.initiator.encryption, suite.encryptionKeyLength),
            ("sk_er", keys.responder.encryption, suite.encryptionKeyLength),
            ("sk_ai", keys.initiator.integrity, suite.integrityKeyLength),
            ("sk_ar", keys.responder.integrity, suite.integrityKeyLength),
        ] where key.count != wanted {
            return ".\(name) has \(key.count) bytes, and the algorithms of this IKE SA take \(wanted)"
        }
        return nil
    }
}

extension PseudorandomFunction {
    /// The one that is meant by keys of this length, where the capture does not tell.
    fileprivate static func usual(length: Int) -> PseudorandomFunction? {
        switch length {
        case 16: .hmac(.md5)
        case 20: .hmac(.sha1)
        case 32: .hmac(.sha256)
        case 48: .hmac(.sha384)
        case 64: .hmac(.sha512)
        default: nil
        }
    }
}

extension ESPSuite {
    /// The algorithms that take keys of these lengths, the most usual first.
    ///
    /// An HMAC does not tell which cipher is under it: of two that take a key of one length, the first is tried alone.
    fileprivate static func possible(encryptionKey: Int, integrityKey: Int) -> [ESPSuite] {
        guard integrityKey > 0 else {
            let all: [ESPEncryption] = [
                .aesGCM(16), .chaCha20Poly1305, .aesGCM(12), .aesGCM(8), .aesCCM(16), .aesCCM(12), .aesCCM(8),
            ]
            return all.filter { $0.problem(keyLength: encryptionKey) == nil }.map {
                ESPSuite(encryption: $0, integrity: .none)
            }
        }
        let ciphers: [ESPEncryption] = [.cbc(.aes), .aesCTR, .cbc(.des)]
        guard let cipher = ciphers.first(where: { $0.problem(keyLength: encryptionKey) == nil }) else { return [] }
        let integrities: [ESPIntegrity] = [
            .hmac(.sha256, length: 16), .hmac(.sha1, length: 12), .hmac(.sha384, length: 24),
            .hmac(.sha512, length: 32), .hmac(.md5, length: 12), .aesXCBC, .aesCMAC,
        ]
        return integrities.filter { $0.keyLength == integrityKey }.map { ESPSuite(encryption: cipher, integrity: $0) }
    }
}
