import ScopeDissect
import ScopeModel
import ScopeWire

/// A postquantum preshared key is part of the keys, or one side does without it (RFC 8784): facts.
struct PostquantumKeys: IKEv2Rule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        let proofs = attempt.authentications
        guard attempt.isUp, attempt.offersPPK else { return [] }
        // Both sides name the key: it is part of the keys from here on.
        func names(_ role: Role) -> Attempt.Message? {
            proofs.first { message in
                message.sender == role
                    && message.notifications.contains {
                        $0.type == .v2(.ppkIdentity) || $0.type == .v2(.ppkIdentityKey)
                    }
            }
        }
        guard let asked = names(.initiator) else { return [] }
        if let answer = names(.responder) {
            let name = proofs.lazy.compactMap { $0.authentication?.ppk }.first
            return [
                Finding(
                    .ppkUsed, .proved, peers: attempt.peers, frames: [asked.firstFrame, answer.firstFrame],
                    summary: "\(attempt.initiator) and \(attempt.responder) use a postquantum preshared key (PPK)",
                    evidence: ["both sides name it: PPK_IDENTITY"] + (name.map { ["AUTH is right with \($0)"] } ?? []),
                    advice: [Finding.Advice("not a fault: a recording stays secret even from a quantum computer")])
            ]
        }
        return [
            Finding(
                .ppkMissing, .proved, peers: attempt.peers, frames: [asked.firstFrame],
                summary:
                    "\(attempt.responder) does not have the postquantum preshared key (PPK) that \(attempt.initiator) names",
                evidence: [
                    "PPK_IDENTITY and NO_PPK_AUTH from \(attempt.initiator), no PPK_IDENTITY in the answer: the keys do without it"
                ],
                advice: [
                    Finding.Advice(
                        "enter the PPK there, under the same identity", on: attempt.responder,
                        ios: ["crypto ikev2 keyring RING", " peer NAME", "  ppk manual id ID key KEY"])
                ])
        ]
    }
}
