import ScopeDissect
import ScopeModel
import ScopeWire

/// What was agreed on, measured by RFC 8247, RFC 8221 and RFC 9395: each kind of weakness once a negotiation.
struct WeakAlgorithms: AttemptRule {
    /// One weakness: what it is, and what to do about it.
    private struct Weakness {
        let id: FindingID
        let what: String
        let advice: String
        let ios: [String]
        /// Where it is one of an IPsec SA.
        var spi: UInt32?

        init(_ id: FindingID, _ what: String, _ advice: String, ios: [String] = [], spi: UInt32? = nil) {
            (self.id, self.what, self.advice, self.ios, self.spi) = (id, what, advice, ios, spi)
        }
    }

    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        // What nobody asked for is no agreement.
        guard !attempt.isUnaskedAnswer else { return [] }
        var list: [Finding] = []
        func add(_ weakness: Weakness, frames: [Int]? = nil) {
            guard !list.contains(where: { $0.id == weakness.id }) else { return }
            list.append(
                Finding(
                    weakness.id, .proved, layer: .hygiene, peers: attempt.peers, ikeSA: attempt.sa.id,
                    spi: weakness.spi, frames: frames ?? answer(attempt), summary: weakness.what,
                    advice: [Finding.Advice(weakness.advice, ios: weakness.ios)]))
        }
        if attempt.sa.mode == .aggressive, attempt.usesPSK,
            let message = attempt.first(.aggressive(2)) ?? attempt.first(.aggressive(1))
        {
            add(
                Weakness(
                    .weakAggressivePSK,
                    "Aggressive Mode with a pre-shared key lets anyone who captures it guess the key offline",
                    "use Main Mode, certificates or IKEv2"),
                frames: message.frames)
        }
        if let suite = attempt.sa.suite { for weakness in phase1(suite, attempt.ios) { add(weakness) } }
        // What settled a child is its proof, and not what settled the IKE SA.
        for pair in attempt.pairs { for weakness in phase2(pair, attempt.ios) { add(weakness, frames: [pair.frame]) } }
        if attempt.sa.suite != nil, attempt.sa.isOutdated {
            add(
                Weakness(
                    .weakIKEv1, "IKEv1 is deprecated (RFC 9395)", "move to IKEv2 where both sides can",
                    ios: ["crypto ikev2 profile NAME"]))
        }
        return list
    }

    private func answer(_ attempt: Attempt) -> [Int] {
        let message = attempt.firstAnswer
        return message.map { [$0.firstFrame] } ?? [attempt.firstFrame]
    }

    private func phase1(_ suite: IKESuite, _ words: IOSLines) -> [Weakness] {
        var list: [Weakness] = []
        let text = SuiteText.text(suite)
        let cipher = (advice: "use AES", ios: [" encryption aes 256"])
        let hash = (advice: "use SHA-256", ios: [" hash sha256"])
        let group = (advice: "use group 14, 19 or higher", ios: [" group 14"])
        func add(_ id: FindingID, _ what: String, _ better: (advice: String, ios: [String])) {
            list.append(Weakness(id, "\(words.phase1) \(what)", better.advice, ios: better.ios))
        }
        switch suite.cipher {
        case .des: add(.weakDES, "uses DES (\(text))", cipher)
        case .tripleDES: add(.weak3DES, "uses 3DES (\(text))", cipher)
        case .idea, .blowfish, .rc5, .cast: add(.weakOldCipher, "uses an obsolete cipher (\(text))", cipher)
        default: break
        }
        switch suite.hash {
        case .md5: add(.weakMD5, "uses MD5 (\(text))", hash)
        case .sha1: add(.weakSHA1, "uses SHA-1 (\(text))", hash)
        case .tiger: add(.weakIntegObsolete, "uses an obsolete hash (\(text))", hash)
        default: break
        }
        // IKEv2 names its integrity algorithm beside the PRF.
        switch suite.integrity {
        case .hmacMD5, .hmacMD5Whole: add(.weakMD5, "uses MD5 (\(text))", hash)
        case .hmacSHA1, .hmacSHA1Whole: add(.weakSHA1, "uses SHA-1 (\(text))", hash)
        case .desMAC, .kpdk: add(.weakIntegObsolete, "uses an obsolete integrity algorithm (\(text))", hash)
        default: break
        }
        let number = suite.group?.rawValue ?? 0
        switch number {
        case 1: add(.weakDH1, "uses DH group 1", group)
        case 2, 5: add(.weakDH2And5, "uses DH group \(number)", group)
        case 22, 23, 24: add(.weakDH22To24, "uses DH group \(number)", group)
        default: break
        }
        if let life = suite.lifetime.seconds, life > 86_400 {
            add(.weakLifetime, "has a lifetime of \(life) s", (advice: "use a day or less", ios: [" lifetime 86400"]))
        }
        return list
    }

    private func phase2(_ pair: Attempt.MadeSAs, _ words: IOSLines) -> [Weakness] {
        var list: [Weakness] = []
        let text = SuiteText.text(pair.suite)
        func add(_ id: FindingID, _ what: String, _ advice: String, ios: [String] = []) {
            list.append(Weakness(id, what, advice, ios: ios, spi: pair.spiToResponder))
        }
        if pair.protocolID == .ah {
            add(
                .ahNoEncryption, "only AH: the traffic is authenticated, but anyone can read it",
                "add ESP if the traffic is meant to be secret")
        } else {
            let integrity = pair.suite.integrity
            switch pair.suite.cipher {
            case .des, .desIV64, .desIV32:
                add(.weakDES, "ESP uses DES (\(text))", "use AES")
            case .tripleDES: add(.weak3DES, "ESP uses 3DES (\(text))", "use AES")
            case .rc5, .idea, .cast, .blowfish, .tripleIDEA, .rc4:
                add(.weakOldCipher, "ESP uses an obsolete cipher (\(text))", "use AES")
            case .null, .nullWithGMAC:
                add(
                    .nullEncryption, "ESP without encryption (NULL): anyone can read it",
                    "use AES if the traffic is meant to be secret")
            default: break
            }
            let needsIntegrity: [Cipher] = [.des, .tripleDES, .aesCBC, .aesCTR, .camelliaCBC]
            if integrity ?? Integrity.none == Integrity.none, let cipher = pair.suite.cipher,
                needsIntegrity.contains(cipher)
            {
                add(.weakNoAuthESP, "ESP without integrity (\(text))", "add an integrity algorithm")
            }
            if integrity == .hmacMD5 || integrity == .hmacMD5Whole {
                add(.weakMD5, "ESP uses MD5 (\(text))", "use SHA-256")
            }
            if integrity == .hmacSHA1 || integrity == .hmacSHA1Whole {
                add(.weakSHA1, "ESP uses SHA-1 (\(text))", "use SHA-256")
            }
        }
        // DES-MAC and keyed MD5 of RFC 2407, of ESP and of AH.
        if [.desMAC, .kpdk].contains(pair.suite.integrity) || pair.suite.transformOfAH == .desMAC {
            add(
                .weakIntegObsolete,
                "\(pair.protocolID == .ah ? "AH" : "ESP") uses an obsolete integrity algorithm (\(text))",
                "use SHA-256", ios: ["crypto ipsec transform-set SET esp-aes 256 esp-sha256-hmac"])
        }
        if pair.quickMode.group == nil, !pair.quickMode.isOfSetUp {
            add(
                .weakNoPFS, "\(words.phase2) has no PFS", "set pfs if old keys must not open new traffic",
                ios: [" set pfs group14"])
        }
        return list
    }
}
