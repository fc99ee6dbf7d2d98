import ScopeDissect
import ScopeModel
import ScopeWire

/// An error in the clear that belongs to no negotiation in the capture: a peer that has lost its SAs says so.
struct StrayRefusal: Rule {
    func findings(_ pair: PairCase) -> [Finding] { pair.strayNotices.map { finding($0, pair) } }

    private func finding(_ notice: StrayNotice, _ pair: PairCase) -> Finding {
        let isAboutSA = notice.type.meaning == .unknownSPI || notice.type.meaning == .unknownIKESA
        // Who sends ESP behind it has its SAs.
        let isAlive = pair.accounts.contains { $0.source == notice.from && $0.lastTime > notice.time }
        let name = notice.spi.map { " " + Words.hex($0) } ?? ""
        return Finding(
            notice.type.meaning == .unknownSPI ? .espUnknownSPI : .errorNotification, .likely,
            severity: isAboutSA && !isAlive ? .error : .warning, layer: .life, peers: pair.peers, spi: notice.spi,
            frames: notice.frames,
            summary: notice.type.meaning == .unknownSPI
                ? "\(notice.from) does not know the SPI\(name) any more (INVALID-SPI)"
                : "\(notice.from) tells \(notice.to) \(notice.type): \(words(notice))",
            evidence: [
                "\(notice.type) in the clear, \(Words.count(notice.count, "time")), under cookies of no negotiation in the capture",
                "the notification is not protected: anybody could have sent it",
            ],
            advice: [
                Finding.Advice(
                    isAboutSA
                        ? "clear the SA at the other side, or let it find out by itself"
                        : "see what its log says of it",
                    on: isAboutSA ? notice.to : notice.from,
                    ios: isAboutSA
                        ? [
                            "clear crypto sa peer \(notice.from)", "crypto isakmp invalid-spi-recovery",
                            pair.ios.keepaliveAlways,
                        ] : [pair.ios.debug])
            ], lookAlikes: ["a notification that somebody else sent"])
    }

    private func words(_ notice: StrayNotice) -> String {
        if case .v1(let type) = notice.type { return NotificationWords.meaning(type, at: .none) }
        return notice.type.wordsOfIKEv2 ?? "of no negotiation in the capture"
    }
}
