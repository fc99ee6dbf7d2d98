import ScopeDissect
import ScopeModel
import ScopeWire

/// What was agreed on, measured by RFC 8247, RFC 8221 and RFC 9395.
struct WeakAlgorithms: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        var list: [Finding] = []
        func add(
            _ id: String, _ severity: Finding.Severity, _ what: String, _ advice: String, ios: [String] = [],
            frames: [Int]? = nil
        ) {
            guard !list.contains(where: { $0.id == id }) else { return }
            list.append(
                Finding(
                    id, severity, .proved, .hygiene, peers: attempt.peers, frames: frames ?? answer(attempt),
                    summary: what,
                    advice: [Finding.Advice(advice, ios: ios)]))
        }
        if attempt.sa.mode == .aggressive, attempt.usesPSK,
            let message = attempt.first(.aggressive(2)) ?? attempt.first(.aggressive(1))
        {
            add(
                "weak-aggressive-psk", .warning,
                "Aggressive Mode with a pre-shared key lets anybody who sees it guess the key offline",
                "use Main Mode, certificates or IKEv2", frames: message.frames)
        }
        if let suite = attempt.sa.suite { phase1(suite, add) }
        for pair in attempt.pairs { phase2(pair, add) }
        if attempt.sa.suite != nil {
            add(
                "weak-ikev1", .note, "IKEv1 is deprecated (RFC 9395)", "move to IKEv2 where both sides can",
                ios: ["crypto ikev2 profile NAME"])
        }
        return list
    }

    private typealias Add = (String, Finding.Severity, String, String, [String], [Int]?) -> Void

    private func answer(_ attempt: Attempt) -> [Int] {
        let message = attempt.first(.mainMode(2)) ?? attempt.first(.aggressive(2))
        return message.map { [$0.firstFrame] } ?? [attempt.firstFrame]
    }

    private func phase1(_ suite: IKESuite, _ add: Add) {
        let text = SuiteText.text(suite)
        switch suite.cipher {
        case .des: add("weak-des", .warning, "phase 1 uses DES (\(text))", "use AES", [" encryption aes 256"], nil)
        case .tripleDES:
            add("weak-3des", .warning, "phase 1 uses 3DES (\(text))", "use AES", [" encryption aes 256"], nil)
        case .idea, .blowfish, .rc5, .cast:
            add(
                "weak-old-cipher", .warning, "phase 1 uses an obsolete cipher (\(text))", "use AES",
                [" encryption aes 256"], nil)
        default: break
        }
        switch suite.hash {
        case .md5: add("weak-md5", .warning, "phase 1 uses MD5 (\(text))", "use SHA-256", [" hash sha256"], nil)
        case .sha1: add("weak-sha1", .warning, "phase 1 uses SHA-1 (\(text))", "use SHA-256", [" hash sha256"], nil)
        case .tiger:
            add(
                "weak-integ-obsolete", .warning, "phase 1 uses an obsolete hash (\(text))", "use SHA-256",
                [" hash sha256"], nil)
        default: break
        }
        let group = suite.group?.rawValue ?? 0
        switch group {
        case 1: add("weak-dh-1", .warning, "phase 1 uses DH group 1", "use group 14, 19 or higher", [" group 14"], nil)
        case 2, 5:
            add(
                "weak-dh-2-5", .warning, "phase 1 uses DH group \(group)", "use group 14, 19 or higher",
                [" group 14"], nil)
        case 22, 23, 24:
            add(
                "weak-dh-22-24", .warning, "phase 1 uses DH group \(group)",
                "use group 14, 19 or higher", [" group 14"], nil)
        default: break
        }
        if let life = suite.lifetime.seconds, life > 86_400 {
            add("weak-lifetime", .warning, "phase 1 lives for \(life) s", "use a day or less", [" lifetime 86400"], nil)
        }
    }

    private func phase2(_ pair: Attempt.MadeSAs, _ add: Add) {
        let text = SuiteText.text(pair.suite)
        if pair.protocolID == .ah {
            add(
                "ah-no-encryption", .warning, "AH alone: authenticated, and readable by anybody",
                "add ESP, if it is meant to be secret", [], nil)
        } else {
            let integrity = pair.suite.integrity
            switch pair.suite.cipher {
            case .des, .desIV64, .desIV32:
                add("weak-des", .warning, "ESP uses DES (\(text))", "use AES", [], nil)
            case .tripleDES: add("weak-3des", .warning, "ESP uses 3DES (\(text))", "use AES", [], nil)
            case .rc5, .idea, .cast, .blowfish, .tripleIDEA, .rc4:
                add("weak-old-cipher", .warning, "ESP uses an obsolete cipher (\(text))", "use AES", [], nil)
            case .null:
                add(
                    "null-encryption", .warning, "ESP without encryption (NULL): readable by anybody",
                    "use AES, if it is meant to be secret", [], nil)
            default: break
            }
            let needsIntegrity: [Cipher] = [.des, .tripleDES, .aesCBC, .aesCTR, .camelliaCBC]
            if integrity == nil, let cipher = pair.suite.cipher, needsIntegrity.contains(cipher) {
                add(
                    "weak-no-auth-esp", .warning, "ESP without integrity (\(text))", "add an integrity algorithm", [],
                    nil)
            }
            if integrity == .hmacMD5 { add("weak-md5", .warning, "ESP uses MD5 (\(text))", "use SHA-256", [], nil) }
            if integrity == .hmacSHA1 { add("weak-sha1", .warning, "ESP uses SHA-1 (\(text))", "use SHA-256", [], nil) }
        }
        // DES-MAC and keyed MD5 of RFC 2407, of ESP and of AH.
        if [.desMAC, .kpdk].contains(pair.suite.integrity) || pair.suite.transformOfAH == .desMAC {
            add(
                "weak-integ-obsolete", .warning,
                "\(pair.protocolID == .ah ? "AH" : "ESP") uses an obsolete integrity algorithm (\(text))",
                "use SHA-256", ["crypto ipsec transform-set SET esp-aes 256 esp-sha256-hmac"], nil)
        }
        if pair.quickMode.group == nil {
            add(
                "weak-no-pfs", .note, "phase 2 has no PFS", "set pfs, if old keys must not open new traffic",
                [" set pfs group14"], nil)
        }
    }
}
