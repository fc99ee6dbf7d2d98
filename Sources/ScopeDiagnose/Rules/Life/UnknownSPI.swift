import ScopeDissect
import ScopeModel
import ScopeWire

/// A peer says that it does not know an SPI.
struct UnknownSPI: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        // Before there is an SA there is no SPI either: then it is a refusal like others.
        guard
            let message = attempt.messages.first(where: { message in
                message.has(.unknownSPI)
                    && (message.isEncrypted || !attempt.isFromStart || attempt.isUp || attempt.hasTraffic
                        || attempt.sa.isEstablished)
            })
        else { return [] }
        let number = message.notifications.first { $0.meaning == .unknownSPI }?.unknownSPI
        let name = number.map { " " + Words.hex($0) } ?? ""
        let who = attempt.address(message.sender)
        return [
            Finding(
                .espUnknownSPI, message.isEncrypted ? .proved : .likely, peers: attempt.peers, spi: number,
                frames: message.frames,
                summary: "\(who) does not know the SPI\(name) any more (INVALID-SPI)",
                evidence: [
                    message.isEncrypted
                        ? "the notification is protected"
                        : "the notification is not protected: anybody could have sent it"
                ],
                advice: [
                    Finding.Advice(
                        "clear the SA at the sender, or let it find out by itself",
                        ios: [
                            "clear crypto sa peer \(who)", "crypto isakmp invalid-spi-recovery",
                            attempt.ios.keepaliveAlways,
                        ])
                ])
        ]
    }
}
