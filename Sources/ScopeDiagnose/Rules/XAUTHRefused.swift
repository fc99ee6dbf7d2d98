import ScopeDissect
import ScopeModel
import ScopeWire

/// The server refuses the user: XAUTH-STATUS is FAIL (draft-beaulieu-ike-xauth section 6.2).
struct XAUTHRefused: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        let verdicts = attempt.messages.filter { message in
            message.configuration?.type == 3
                && message.configuration?.attributes.contains {
                    $0.type == ModeConfigAttribute.xauthStatus.rawValue && $0.value.allSatisfy { $0 == 0 }
                } ?? false
        }
        guard let verdict = verdicts.last else { return [] }
        let user =
            attempt.messages.lazy.compactMap { $0.configuration }.flatMap(\.attributes)
            .first { $0.type == ModeConfigAttribute.xauthUserName.rawValue && !$0.value.isEmpty }
            .map { " \"\(String(decoding: $0.value, as: UTF8.self))\"" } ?? ""
        return [
            Finding(
                "xauth-fail", .error, .proved, .userAuthentication, peers: attempt.peers, frames: verdict.frames,
                summary: "\(attempt.address(verdict.sender)) refuses the user\(user) (XAUTH-STATUS FAIL)",
                evidence: ["phase 1 is through: the group's key is right, the user's name or password is not"],
                advice: [
                    Finding.Advice(
                        "check the user there, and the AAA list that XAUTH uses", on: attempt.address(verdict.sender),
                        ios: ["debug aaa authentication", "crypto map MAP client authentication list LIST"])
                ])
        ]
    }
}
