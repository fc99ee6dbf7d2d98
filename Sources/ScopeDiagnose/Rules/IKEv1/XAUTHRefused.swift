import ScopeDissect
import ScopeModel
import ScopeWire

/// The server refuses the user: XAUTH-STATUS is FAIL (draft-beaulieu-ike-xauth section 6.2).
struct XAUTHRefused: IKEv1Rule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        let verdicts = attempt.messages.filter { message in
            message.configuration?.type == 3
                && message.configuration?.attributes.contains {
                    $0.type == ModeConfigAttribute.xauthStatus.rawValue && $0.value.allSatisfy { $0 == 0 }
                } ?? false
        }
        guard let verdict = verdicts.last else { return unread(attempt).map { [$0] } ?? [] }
        let user =
            attempt.messages.lazy.compactMap { $0.configuration }.flatMap(\.attributes)
            .first { $0.type == ModeConfigAttribute.xauthUserName.rawValue && !$0.value.isEmpty }
            .map { " \"\(String(decoding: $0.value, as: UTF8.self))\"" } ?? ""
        return [
            Finding(
                .xauthFail, .proved, peers: attempt.peers, frames: verdict.frames,
                summary: "\(attempt.address(verdict.sender)) refuses the user\(user) (XAUTH-STATUS FAIL)",
                evidence: [
                    "phase 1 is complete: the key of the group is right, the user name or the password is wrong"
                ],
                advice: [
                    Finding.Advice(
                        "check the user there, and the AAA list that XAUTH uses", on: attempt.address(verdict.sender),
                        ios: ["debug aaa authentication", "crypto map MAP client authentication list LIST"])
                ])
        ]
    }

    /// Question, answer, verdict, acknowledgement, and nothing more: without keys that is all there is to see.
    private func unread(_ attempt: Attempt) -> Finding? {
        let transactions = attempt.messages.filter { if case .v1(.transaction) = $0.step { true } else { false } }
        guard transactions.count == 4, transactions.allSatisfy({ !$0.isOpened }), attempt.quickModes.isEmpty,
            !attempt.isUp, Set(transactions.map(\.messageID)).count == 2, let server = transactions.first?.sender,
            transactions.map(\.sender) == [server, server.other, server, server.other],
            attempt.messages.last.map({ $0.step.isInformational || $0.messageID == transactions[3].messageID })
                ?? false
        else { return nil }
        return Finding(
            .xauthFail, .possible, peers: attempt.peers,
            frames: Attempt.frames(transactions),
            summary: "\(attempt.address(server)) seems to refuse the user of \(attempt.address(server.other))",
            evidence: [
                "phase 1 and four Transaction messages (request, reply, result), but no Quick Mode after them"
            ],
            advice: [
                Finding.Advice("give IKEScope the keys: the user and the result are encrypted"),
                Finding.Advice(
                    "check the user there, and the AAA list that XAUTH uses", on: attempt.address(server),
                    ios: ["debug aaa authentication", "debug crypto isakmp aaa"]),
            ],
            lookAlikes: ["no address for the client (\(FindingID.modecfgNoAddress.text))", "a capture that ends here"])
    }
}
