import ScopeDissect
import ScopeModel
import ScopeWire

/// Who ended what: a fact.
struct DeletedBy: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        let endings = attempt.endings
        let deletes = attempt.messages.filter { message in endings.contains { message.isIn($0.frame) } }
        // Who deletes the IKE SA ends all of it, whoever deleted a child before.
        let last = deletes.first { message in endings.contains { $0.isOfIKE && message.isIn($0.frame) } }
        if let ender = last ?? deletes.first {
            return [
                Finding(
                    .deleteBy, .proved, peers: attempt.peers, spi: Self.spi(endings),
                    frames: Attempt.frames(deletes),
                    summary: "\(attempt.address(ender.sender)) ended the tunnel: " + Self.what(endings),
                    evidence: deletes.prefix(6).map {
                        "frame \($0.firstFrame): \(attempt.address($0.sender)) deletes \(Self.names($0))"
                    })
            ]
        }
        if let last = attempt.lastSealedQuestion {
            return [
                Finding(
                    .deleteBy, .possible, peers: attempt.peers, frames: last.frames,
                    summary: "\(attempt.address(last.sender)) seems to have ended the tunnel",
                    evidence: [
                        "its last message is an INFORMATIONAL of \(last.length) bytes, as long as a Delete of the IKE SA, and nothing follows the answer"
                    ],
                    lookAlikes: ["a question whether the peer lives, at the end of the capture"])
            ]
        }
        // Without keys: the last thing of the SA is an Informational that nobody answers.
        guard attempt.isUp || attempt.sa.isEstablished, let last = attempt.messages.last, last.step.isInformational,
            last.purpose == nil, last.isEncrypted, !last.isOpened, last.liveness == nil
        else { return [] }
        return [
            Finding(
                .deleteBy, .possible, peers: attempt.peers, frames: last.frames,
                summary: "\(attempt.address(last.sender)) seems to have ended the tunnel",
                evidence: ["its last message is an Informational of \(last.length) bytes that has no answer"],
                lookAlikes: ["a DPD request without an answer"])
        ]
    }

    /// Of the first pair that was deleted, where the IKE SA was not: the one on packets to its initiator, if it is known.
    private static func spi(_ deletions: [Attempt.Deleted]) -> UInt32? {
        var first: UInt32?
        for deleted in deletions {
            guard case .child(let child) = deleted.sa else { return nil }
            first = first ?? child.spiToInitiator ?? child.spiToResponder
        }
        return first
    }

    private static func what(_ deletions: [Attempt.Deleted]) -> String {
        deletions.contains(where: \.isOfIKE) ? "the IKE SA was deleted" : "IPsec SAs were deleted"
    }

    private static func names(_ message: Attempt.Message) -> String {
        message.deletes.map { delete in
            delete.protocolID == .isakmp
                ? "the IKE SA"
                : "\(delete.protocolID.name ?? "protocol \(delete.protocolID.rawValue)") SPI "
                    + delete.spis.prefix(4).map { Words.hex($0.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }) }.joined(
                        separator: ", ")
        }.joined(separator: ", ")
    }
}

extension Attempt.Deleted {
    fileprivate var isOfIKE: Bool { if case .ike = sa { true } else { false } }
}
