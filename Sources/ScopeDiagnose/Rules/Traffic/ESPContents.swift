import ScopeDissect
import ScopeModel
import ScopeWire

/// What is wrong with the packets of an SA one by one: their ICVs, their padding, what is inside them.
struct ESPContents: Rule {
    func findings(_ pair: PairCase) -> [Finding] {
        pair.accounts.filter { $0.packets > 0 }.flatMap { examine(AccountWords($0, pair)) } + malformed(pair)
    }

    private func examine(_ words: AccountWords) -> [Finding] {
        let account = words.account
        var list: [Finding] = []
        if let icv = badICVs(words) { list.append(icv) }
        if account.outsideSelectors > 0 { list.append(outside(words)) }
        if account.paddingFaults > 0 {
            list.append(
                words.finding(
                    .espPadBad, .proved, "\(Words.count(account.paddingFaults, "packet")) with wrong padding"))
        }
        if let null = account.nullEncryption {
            list.append(
                words.finding(
                    .nullEncryption, .likely, "ESP without encryption",
                    evidence: [
                        "\(null.certainty == .certain ? "many" : "some") packets read as IP packets with padding 1, 2, 3 … without any key"
                    ],
                    advice: [Finding.Advice("use AES if the traffic is meant to be secret")],
                    lookAlikes: ["compressed data"]))
        }
        if account.spi < 256 {
            list.append(
                words.finding(
                    .spiReserved, .proved,
                    "SPI \(account.spi) is reserved (\(account.isAH ? "RFC 4302 section 2.4" : "RFC 4303 section 2.1"))"
                ))
        }
        return list
    }

    // MARK: ICVs

    private func badICVs(_ words: AccountWords) -> Finding? {
        let account = words.account
        guard account.badICV > 0 else { return nil }
        if let leftIn = account.leftIn, leftIn.packets == account.badICV { return covered(leftIn.field, words) }
        if account.verified == 0, account.ikeSA == nil {
            // Nothing in the capture vouches for a key that was given.
            return words.finding(
                .dhOrKeysWrong, .likely, "the key given to IKEScope opens none of \(account.packets) packets",
                evidence: ["no ICV is right with it"],
                advice: [Finding.Advice("give the keys of exactly this SA: each rekeying creates new ones")],
                lookAlikes: ["a NAT that rewrote the packets", "another algorithm than the one given"])
        }
        let isAll = account.verified == 0
        return words.finding(
            .hmacError, .proved, severity: isAll ? .error : .warning,
            "\(account.badICV) of \(account.packets) packets have a wrong ICV",
            evidence: [
                isAll
                    ? "none is right: another key, another algorithm, or a NAT that rewrote the packets"
                    : "the others are right: corrupted or altered on the way"
            ],
            advice: [Finding.Advice("compare what is sent with what arrives", ios: ["show crypto ipsec sa"])])
    }

    /// The sender covers a field that routers change.
    private func covered(_ field: AHMutableField, _ words: AccountWords) -> Finding {
        let account = words.account
        let isFlags = field == .flags
        return words.finding(
            .hmacError, .proved, severity: account.verified == 0 ? .error : .warning,
            isFlags
                ? "\(account.badICV) of \(account.packets) AH packets have a wrong ICV, those with DF: the sender does not count the flags as zero"
                : "\(account.badICV) of \(account.packets) AH packets have a wrong ICV: the sender does not count \(field.name) as zero",
            evidence: [
                "each of these ICVs is right when the \(field.name) \(isFlags ? "are" : "is") left in, and wrong when \(isFlags ? "they count" : "it counts") as zero, as they have to (RFC 4302 section 3.3.3.1.1)",
                "the packets came as they were sent: a fault of the sender, not of the way",
            ],
            advice: [
                Finding.Advice("a fault of this sender's AH: update it", on: account.source),
                Finding.Advice(
                    isFlags
                        ? "until then clear DF before AH, or use ESP with authentication"
                        : "until then use ESP with authentication", on: account.source,
                    ios: isFlags ? ["crypto ipsec df-bit clear"] : []),
            ])
    }

    // MARK: Inside

    private func outside(_ words: AccountWords) -> Finding {
        let account = words.account
        let made = words.pair.made(account.spi)
        let silence = Silence(words.pair)
        let isCause = silence.map { $0.last.number == account.number && $0.isOutside } ?? false
        var evidence: [String] = []
        if let traffic = made?.sas.quickMode.traffic {
            let directed = made?.sas.spiToInitiator == account.spi ? traffic.mirrored : traffic
            evidence.append(
                "the SA is for \(SelectorText.text(directed.initiator)) to \(SelectorText.text(directed.responder)): the receiver drops all else (RFC 4301 section 5.2)"
            )
        }
        if let silence, isCause {
            evidence.append(
                "nothing came back for the last \(Words.count(silence.count, "packet")), \(silence.duration): all of them are outside"
            )
        }
        return words.finding(
            .espSelectorViolation, .proved, severity: isCause ? .error : nil,
            "\(account.outsideSelectors) inner packets are outside the selectors of the SA", evidence: evidence,
            advice: [
                Finding.Advice(
                    "have routes and access list send only what was agreed on, or negotiate an SA for this traffic too",
                    on: account.source, ios: ["show crypto ipsec sa", "show ip route"])
            ])
    }

    // MARK: No packets at all

    private func malformed(_ pair: PairCase) -> [Finding] {
        guard pair.malformed.count > 0 else { return [] }
        return [
            Finding(
                .espMalformed, .proved, peers: pair.peers, frames: pair.malformed.frames,
                summary:
                    "\(Words.count(pair.malformed.count, "packet")) between \(pair.initiator) and \(pair.responder) \(pair.malformed.count == 1 ? "is" : "are") malformed ESP or AH",
                evidence: [
                    "the first one: \(pair.malformed.text)",
                    "an ESP packet ends with pad length and next header, and an ICV (RFC 4303 section 2)",
                ],
                advice: [Finding.Advice("see what sends these packets: no IPsec receiver takes them")])
        ]
    }
}
