import ScopeDissect
import ScopeModel
import ScopeWire

/// One side asks for a user, and the other one knows nothing of it: it begins Quick Mode, or says nothing.
struct XAUTHNotExpected: IKEv1Rule {
    private static let user: Set<UInt16> = [16520, 16521, 16522, 16523, 16524, 16525, 16526, 16527, 16528, 16529]

    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard !attempt.isUp else { return [] }
        let transactions = attempt.messages.filter { if case .v1(.transaction) = $0.step { true } else { false } }
        guard let question = transactions.first, transactions.allSatisfy({ $0.sender == question.sender }) else {
            return []
        }
        // What can be read has to be a question for a user; what cannot mostly is one right behind phase 1.
        if let configuration = question.configuration {
            guard configuration.type == 1, configuration.attributes.contains(where: { Self.user.contains($0.type) })
            else { return [] }
        } else if question.isOpened {
            return []
        }
        let (asker, silent) = (question.sender, question.sender.other)
        let begins = attempt.messages.first {
            $0.sender == silent && $0.step == .v1(.quickMode(1)) && $0.time > question.time
        }
        let isRepeated = question.repeats > 0 || transactions.count > 1
        guard begins != nil || isRepeated else { return [] }
        let (server, client) = (attempt.address(asker), attempt.address(silent))
        return [
            Finding(
                .xauthNotExpected, .likely, peers: attempt.peers,
                frames: Attempt.frames(transactions + [begins].compactMap { $0 }),
                summary: "\(server) asks for a user (XAUTH), but \(client) does not answer",
                evidence: [
                    question.configuration == nil
                        ? "an encrypted Transaction message of \(server) follows phase 1 at once"
                        : "CFG_REQUEST with attributes of XAUTH, from \(server)",
                    begins == nil
                        ? "it was sent \(transactions.reduce(0) { $0 + $1.transmissions }) times, and no Transaction message comes back"
                        : "\(client) begins Quick Mode instead of answering",
                ],
                advice: [
                    Finding.Advice(
                        "for a tunnel between two sites: do not ask this peer for a user", on: server,
                        ios: ["crypto isakmp key KEY address \(client) no-xauth"]),
                    Finding.Advice("for a client: make it send a user name and a password (XAUTH)", on: client),
                ],
                lookAlikes: question.configuration == nil
                    ? ["Mode Config pushed by the server", "answers that are lost on the way"]
                    : ["answers that are lost on the way"])
        ]
    }
}
