import ScopeModel
import ScopeWire

/// Two peers send to one receiver under one SPI: two SAs that the receiver cannot tell apart (RFC 4301 section 4.1).
struct SPIShared: Rule {
    private struct Key: Hashable {
        var spi: UInt32
        var isAH: Bool
        var destination: IPAddress
    }

    private static let mostFindings = 256

    func findings(_ pairs: [PairCase]) -> [Finding] {
        var known: [Key: (account: IPsecAccount, pair: PairCase)] = [:]
        var list: [Finding] = []
        // An account whose SPI another one has says so: the others need no look.
        let shared = Set(pairs.lazy.flatMap(\.accounts).filter { $0.namesake != 0 }.map(\.spi))
        guard !shared.isEmpty else { return [] }
        for pair in pairs {
            for account in pair.accounts
            where shared.contains(account.spi) && account.packets > 0 && !account.destination.isMulticast
                && account.enclosure.depth == 0
            {
                let key = Key(spi: account.spi, isAH: account.isAH, destination: account.destination)
                guard let other = known[key], other.account.source != account.source else {
                    known[key] = (account, pair)
                    continue
                }
                if list.count < Self.mostFindings, let finding = finding(other.account, account, pair) {
                    list.append(finding)
                }
            }
        }
        return list
    }

    private func finding(_ a: IPsecAccount, _ b: IPsecAccount, _ pair: PairCase) -> Finding? {
        let isProved = a.verified > 0 && b.verified > 0
        // Without keys, one after the other may be one peer that moved.
        guard isProved || a.lastTime > b.firstTime && b.lastTime > a.firstTime else { return nil }
        return Finding(
            .spiShared, isProved ? .proved : .likely, peers: pair.peers, ikeSA: b.ikeSA, spi: b.spi,
            frames: [a.firstFrame, b.firstFrame],
            summary:
                "\(a.source) and \(b.source) both send to \(b.destination) under SPI \(Words.hex(b.spi)): two SAs that it cannot tell apart",
            evidence: [
                isProved
                    ? "the packets of each are right under keys of its own: \(a.verified) and \(b.verified)"
                    : "\(Words.count(a.packets, "packet")) and \(Words.count(b.packets, "packet")), at the same time",
                "a receiver finds the SA of a unicast packet by its SPI, which it chose itself (RFC 4301 section 4.1): it must not choose one twice",
            ],
            advice: [
                Finding.Advice(
                    "a fault of this receiver, or two of its daemons that choose SPIs without each other: see which SA it has under this SPI",
                    on: b.destination, ios: ["show crypto ipsec sa spi \(Words.hex(b.spi))"])
            ],
            lookAlikes: isProved ? [] : ["one peer that is seen under two addresses"])
    }
}
