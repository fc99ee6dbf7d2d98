import ScopeDissect
import ScopeModel
import ScopeWire

/// ICVs of another length than was agreed on.
///
/// HMAC-SHA-256 has 128 bits (RFC 4868), and 96 where an implementation follows the draft before it. Nothing in a
/// negotiation says which one is meant.
struct ICVLengths: Rule {
    func findings(_ pair: PairCase) -> [Finding] {
        let accounts = pair.accounts.filter { $0.packets > 0 && $0.enclosure.depth == 0 }
        let cut = accounts.filter(\.isICVLengthUnusual)
        if let first = cut.first { return [opened(first, cut, accounts, pair)] }
        return headers(accounts, pair) ?? lengths(accounts, pair)
    }

    // MARK: With keys

    private func opened(
        _ first: IPsecAccount, _ cut: [IPsecAccount], _ accounts: [IPsecAccount], _ pair: PairCase
    ) -> Finding {
        let back = accounts.filter { $0.source == first.destination }
        let isBoth = !back.isEmpty && back.allSatisfy(\.isICVLengthUnusual)
        let isAnswered = back.contains { $0.lastTime > first.firstTime }
        let bits = Int(first.icvLength) * 8
        let usual = bits == 96 ? 128 : 96
        let name = "HMAC-SHA-256"
        guard !isBoth else {
            return AccountWords(first, pair).finding(
                .icvLengthDiffers, .proved, severity: .note, "both sides cut \(name) to \(bits) bits",
                evidence: ["\(usual) bits are meant (RFC 4868); since both do so, their packets are accepted"],
                advice: [Finding.Advice("a peer that follows the standard will drop all: update both sides")])
        }
        return Finding(
            .icvLengthDiffers, .likely, severity: isAnswered ? .warning : .error, peers: pair.peers,
            ikeSA: first.ikeSA, spi: first.spi, frames: [first.firstFrame, first.lastFrame],
            summary:
                "\(first.source) cuts \(name) to \(bits) bits, where \(usual) are meant: \(first.destination) drops all its packets",
            evidence: [
                "the ICVs under SPI \(Words.hex(first.spi)) are right with \(bits) bits; HMAC-SHA2-256 means \(usual) (RFC 4868 section 2.3)",
                isAnswered
                    ? "packets come back from \(first.destination) all the same"
                    : "\(Words.count(first.packets, "packet")) from \(first.source), and nothing comes back",
            ], advice: Self.advice(cutting: first.source, other: first.destination),
            lookAlikes: ["a receiver that takes both lengths, and hosts behind it that do not answer"])
    }

    // MARK: By the header of AH

    /// AH says how long its ICV is.
    private func headers(_ accounts: [IPsecAccount], _ pair: PairCase) -> [Finding]? {
        for account in accounts where account.isAH && account.fieldLength > 0 {
            guard let suite = pair.made(account.spi)?.sas.suite,
                suite.integrity == .hmacSHA256 || suite.transformOfAH == .hmacSHA256
            else { continue }
            // In IPv6 the header is a multiple of eight bytes.
            guard account.fieldLength < 16 else { continue }
            return [told(account, pair)]
        }
        let sides = accounts.filter { $0.isAH && $0.fieldLength > 0 }
        guard let one = sides.first(where: { $0.fieldLength < 16 }) else { return nil }
        guard Silence(pair)?.last.number == one.number, pair.attempts.last?.sa.suite?.hash == .sha256 else {
            return nil
        }
        return [told(one, pair)]
    }

    private func told(_ account: IPsecAccount, _ pair: PairCase) -> Finding {
        let isKnown = pair.made(account.spi) != nil
        let isAnswered = pair.accounts.contains {
            $0.source == account.destination && $0.packets > 0 && $0.lastTime > account.firstTime
        }
        return Finding(
            .icvLengthDiffers, isKnown ? .likely : .possible, severity: isAnswered ? .warning : .error,
            peers: pair.peers, ikeSA: account.ikeSA, spi: account.spi, frames: [account.firstFrame, account.lastFrame],
            summary:
                "\(account.source) sends AH with ICVs of \(account.fieldLength) bytes (96 bits), where HMAC-SHA2-256 means 16 (128 bits): \(account.destination) drops all its packets",
            evidence: [
                "the AH header says so itself, SPI \(Words.hex(account.spi))",
                isKnown
                    ? "HMAC-SHA2-256 was agreed on (RFC 4868 section 2.3)"
                    : "phase 1 uses SHA-256; what phase 2 agreed on is not known without keys",
            ], advice: Self.advice(cutting: account.source, other: account.destination),
            lookAlikes: isKnown ? [] : ["HMAC-SHA1-96 or HMAC-MD5-96, and hosts that do not answer"])
    }

    // MARK: By lengths

    /// Without keys: CBC fills the last block, so that the lengths of one side tell its ICV; the other side has the same one.
    private func lengths(_ accounts: [IPsecAccount], _ pair: PairCase) -> [Finding] {
        let esp = accounts.filter { !$0.isAH && $0.verified == 0 && $0.packets >= 4 && $0.shortest != $0.longest }
        guard let short = esp.first(where: { $0.lengthRemainders == 1 << 12 }),
            let whole = esp.first(where: { $0.lengthRemainders == 1 << 0 && $0.source == short.destination })
        else { return [] }
        return [
            Finding(
                .icvLengthDiffers, .possible, severity: .warning, peers: pair.peers, spi: short.spi,
                frames: [short.firstFrame, whole.firstFrame],
                summary:
                    "\(short.source) seems to send ICVs of 12 bytes (96 bits), and \(whole.source) of 16 (128 bits): each drops the other's packets",
                evidence: [
                    "every length under SPI \(Words.hex(short.spi)) fits AES-CBC with an ICV of 12 bytes, every one under \(Words.hex(whole.spi)) with 16"
                ], advice: Self.advice(cutting: short.source, other: whole.source),
                lookAlikes: ["a cipher without blocks, such as AES-GCM"])
        ]
    }

    private static func advice(cutting: IPAddress, other: IPAddress) -> [Finding.Advice] {
        [
            Finding.Advice(
                "have both cut alike, or neither; libreswan: sha2-truncbug=yes towards a peer that cuts (no, where this one should not); strongSwan: sha256_96 = yes; Linux before 2.6.33 and old Android always cut: update them",
                on: other),
            Finding.Advice(
                "or take an algorithm that all cut alike: HMAC-SHA-1, HMAC-SHA2-512, or AES-GCM",
                ios: ["crypto ipsec transform-set SET esp-aes 256 esp-sha512-hmac"]),
        ]
    }
}
