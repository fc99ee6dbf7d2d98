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
        if let chosen = attempt.sa.chosen { phase1(chosen, add) }
        for pair in attempt.pairs { phase2(pair, add) }
        if attempt.sa.chosen != nil {
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

    private func phase1(_ chosen: Transform, _ add: Add) {
        let text = TransformText.phase1(chosen)
        switch chosen.value(1) {
        case 1: add("weak-des", .warning, "phase 1 uses DES (\(text))", "use AES", [" encryption aes 256"], nil)
        case 5: add("weak-3des", .warning, "phase 1 uses 3DES (\(text))", "use AES", [" encryption aes 256"], nil)
        case 2, 3, 4, 6:
            add(
                "weak-old-cipher", .warning, "phase 1 uses an obsolete cipher (\(text))", "use AES",
                [" encryption aes 256"], nil)
        default: break
        }
        switch chosen.value(2) {
        case 1: add("weak-md5", .warning, "phase 1 uses MD5 (\(text))", "use SHA-256", [" hash sha256"], nil)
        case 2: add("weak-sha1", .warning, "phase 1 uses SHA-1 (\(text))", "use SHA-256", [" hash sha256"], nil)
        case 3:
            add(
                "weak-integ-obsolete", .warning, "phase 1 uses an obsolete hash (\(text))", "use SHA-256",
                [" hash sha256"], nil)
        default: break
        }
        switch chosen.value(4) {
        case 1: add("weak-dh-1", .warning, "phase 1 uses DH group 1", "use group 14, 19 or higher", [" group 14"], nil)
        case 2, 5:
            add(
                "weak-dh-2-5", .warning, "phase 1 uses DH group \(chosen.value(4) ?? 0)", "use group 14, 19 or higher",
                [" group 14"], nil)
        case 22, 23, 24:
            add(
                "weak-dh-22-24", .warning, "phase 1 uses DH group \(chosen.value(4) ?? 0)",
                "use group 14, 19 or higher", [" group 14"], nil)
        default: break
        }
        if chosen.value(11) == 1, let life = chosen.value(12), life > 86_400 {
            add("weak-lifetime", .warning, "phase 1 lives for \(life) s", "use a day or less", [" lifetime 86400"], nil)
        }
    }

    private func phase2(_ pair: Attempt.MadeSAs, _ add: Add) {
        let text = TransformText.phase2(pair.transform, of: pair.protocolID)
        if pair.protocolID == .ah {
            add(
                "ah-no-encryption", .warning, "AH alone: authenticated, and readable by anybody",
                "add ESP, if it is meant to be secret", [], nil)
        } else {
            let integrity = pair.transform.value(5)
            let algorithm = ESPTransform(rawValue: pair.transform.id)
            switch algorithm {
            case .des, ESPTransform(rawValue: 1), ESPTransform(rawValue: 9):
                add("weak-des", .warning, "ESP uses DES (\(text))", "use AES", [], nil)
            case .tripleDES: add("weak-3des", .warning, "ESP uses 3DES (\(text))", "use AES", [], nil)
            // RC5, IDEA, CAST, Blowfish, 3IDEA and RC4 (RFC 2407 section 4.4.4).
            case _ where [4, 5, 6, 7, 8, 10].contains(algorithm.rawValue):
                add("weak-old-cipher", .warning, "ESP uses an obsolete cipher (\(text))", "use AES", [], nil)
            case .null:
                add(
                    "null-encryption", .warning, "ESP without encryption (NULL): readable by anybody",
                    "use AES, if it is meant to be secret", [], nil)
            default: break
            }
            let needsIntegrity: [ESPTransform] = [.des, .tripleDES, .aesCBC, .aesCTR, .camellia]
            if integrity == nil, needsIntegrity.contains(ESPTransform(rawValue: pair.transform.id)) {
                add(
                    "weak-no-auth-esp", .warning, "ESP without integrity (\(text))", "add an integrity algorithm", [],
                    nil)
            }
            if integrity == 1 { add("weak-md5", .warning, "ESP uses MD5 (\(text))", "use SHA-256", [], nil) }
            if integrity == 2 { add("weak-sha1", .warning, "ESP uses SHA-1 (\(text))", "use SHA-256", [], nil) }
        }
        // DES-MAC and keyed MD5 of RFC 2407, of ESP and of AH.
        if [3, 4].contains(pair.transform.value(5)) || pair.protocolID == .ah && pair.transform.id == 4 {
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
