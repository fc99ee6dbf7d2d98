import ScopeDissect
import ScopeModel

/// The lines of IOS that propose what a table or a negotiation has, in the words of `crypto ikev2 proposal` and
/// `crypto ipsec transform-set`; nothing where IOS has no word.
enum IKEv2Lines {
    /// A proposal with all that a row has.
    static func proposal(_ row: ProposalTable.Row, _ table: ProposalTable) -> [String] {
        func words(_ kind: ProposalTable.Column.Kind) -> String? {
            let words = (table.value(kind, of: row)?.single ?? []).compactMap(word)
            return words.isEmpty ? nil : words.joined(separator: " ")
        }
        var lines = ["crypto ikev2 proposal NAME"]
        if let words = words(.sizedCipher) { lines.append(" encryption \(words)") }
        if let words = words(.suite(.integrity)) { lines.append(" integrity \(words)") }
        if let words = words(.prf) { lines.append(" prf \(words)") }
        if let words = words(.suite(.group)) { lines.append(" group \(words)") }
        return lines.count > 1 ? lines : []
    }

    /// The first proposal of a negotiation.
    static func proposal(_ attempt: Attempt, _ pair: PairCase) -> [String] {
        let table = ProposalTable.initial(attempt, pair)
        return table.offered.first.map { proposal($0, table) } ?? []
    }

    private static func word(_ value: ProposalTable.Value) -> String? {
        switch value {
        case .sizedCipher(let cipher):
            switch (cipher.cipher, cipher.keyLength) {
            case (.aesCBC, let bits): "aes-cbc-\(bits ?? 128)"
            case (.aesGCM16, let bits): "aes-gcm-\(bits ?? 128)"
            case (.tripleDES, _): "3des"
            case (.des, _): "des"
            default: nil
            }
        case .integrity(.hmacMD5), .prf(.hmac(.md5)): "md5"
        case .integrity(.hmacSHA1), .prf(.hmac(.sha1)): "sha1"
        case .integrity(.hmacSHA256), .prf(.hmac(.sha256)): "sha256"
        case .integrity(.hmacSHA384), .prf(.hmac(.sha384)): "sha384"
        case .integrity(.hmacSHA512), .prf(.hmac(.sha512)): "sha512"
        case .group(let group) where group.rawValue != 0: "\(group.rawValue)"
        default: nil
        }
    }

    /// The transform set that a proposal of ESP would need.
    static func transformSet(_ proposal: Attempt.Proposed?) -> [String] {
        guard let set = proposal?.algorithms, proposal?.protocolID == .esp, let cipher = set.ciphers.first else {
            return ["show crypto ipsec transform-set"]
        }
        var suite = ChildSuite(.esp)
        (suite.cipher, suite.keyLength) = (cipher.cipher, cipher.keyLength)
        guard let word = IOSWords.sizedTransform(suite) else { return ["show crypto ipsec transform-set"] }
        let hash = set.integrities.first { $0 != .none }.flatMap { IOSWords.integrity($0) }
        return ["crypto ipsec transform-set SET \(word)" + (hash.map { " \($0)" } ?? "")]
    }
}

extension ProposalTable.Value {
    /// Each that can be chosen.
    var single: [ProposalTable.Value] { if case .anyOf(let values) = self { values } else { [self] } }

    /// The ciphers that can be chosen, whatever the length of their keys.
    var ciphers: [Cipher] {
        single.compactMap { if case .sizedCipher(let cipher) = $0 { cipher.cipher } else { nil } }
    }
}
