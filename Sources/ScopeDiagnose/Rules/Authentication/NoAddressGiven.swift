import ScopeDissect
import ScopeModel
import ScopeWire

/// Mode Config asked for an address and got none.
struct NoAddressGiven: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        let addresses: [UInt16] = [1, 8]
        let asked = attempt.messages.last { message in
            message.configuration?.type == 1
                && message.configuration?.attributes.contains { addresses.contains($0.type) } ?? false
        }
        guard let asked,
            let reply = attempt.messages.first(where: { $0.exchange == asked.exchange && $0.configuration?.type == 2 }
            ),
            !(reply.configuration?.attributes.contains { addresses.contains($0.type) && !$0.value.isEmpty } ?? false)
        else { return [] }
        return [
            Finding(
                .modecfgNoAddress, .proved, peers: attempt.peers,
                frames: [asked.firstFrame, reply.firstFrame],
                summary: "\(attempt.address(reply.sender)) gives \(attempt.address(asked.sender)) no address",
                evidence: [
                    "the reply has no INTERNAL_IP4_ADDRESS and no INTERNAL_IP6_ADDRESS"
                ],
                advice: [
                    Finding.Advice(
                        "give the group a pool with free addresses", on: attempt.address(reply.sender),
                        ios: [
                            "ip local pool POOL FIRST LAST", "crypto isakmp client configuration group NAME",
                            " pool POOL",
                        ])
                ])
        ]
    }
}
