import ScopeDissect
import ScopeModel
import ScopeWire

/// IKE_AUTH is too large for one packet, is sent again and again, and nothing comes back: its pieces are lost behind this
/// tap.
struct LargeMessageLost: IKEv2Rule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard let message = attempt.authentications.last, !message.step.isAnswer, message.repeats > 0, !attempt.isUp,
            let pieces = pieces(message)
        else { return [] }
        let missing = message.pieces?.missing ?? []
        let (sender, receiver) = (attempt.address(message.sender), attempt.address(message.sender.other))
        if !missing.isEmpty {
            return [
                Finding(
                    .ikeFragIncomplete, .proved, peers: attempt.peers, frames: message.frames,
                    summary: "\(message.name) of \(sender) is not complete: pieces of it never come",
                    evidence: [
                        "missing of \(message.pieces?.total ?? 0): "
                            + missing.prefix(8).map { "\($0)" }.joined(separator: ", "),
                        "it was sent \(message.transmissions) times",
                    ], advice: [advice(sender)])
            ]
        }
        return [
            Finding(
                // While it is still sent again, the next one may arrive.
                .certFragmentLost, attempt.isCut ? .possible : .likely, peers: attempt.peers, frames: message.frames,
                summary:
                    "\(message.name) of \(sender) is too large for one packet, and does not get through to \(receiver)",
                evidence: [
                    "\(message.length) bytes in \(pieces), sent \(message.transmissions) times and complete here; \(receiver) does not answer",
                    "smaller messages passed in both directions before",
                ],
                advice: [advice(sender)],
                lookAlikes: [
                    "UDP 4500 that is blocked (\(FindingID.nat4500Blocked.text))",
                    "a responder that keeps silent about a certificate or a key that it does not accept",
                ])
        ]
    }

    private func pieces(_ message: Attempt.Message) -> String? {
        if let pieces = message.pieces, pieces.total > 1 { return "\(pieces.total) IKE fragments" }
        return message.isFragmented ? "fragments" : nil
    }

    private func advice(_ sender: IPAddress) -> Finding.Advice {
        Finding.Advice(
            "make the pieces smaller (strongSwan: fragment_size), send fewer certificates, and look for what drops fragments or large packets",
            on: sender, ios: ["crypto ikev2 fragmentation mtu 1200"])
    }
}
