import ScopeDissect
import ScopeModel
import ScopeWire

/// IKE or ESP in TCP (RFC 9329): a fact.
struct InTCP: Rule {
    func findings(_ pair: PairCase) -> [Finding] {
        guard pair.path.tcpPackets > 0 else { return [] }
        return [
            Finding(
                .tcpEncap, .proved, peers: pair.peers, frames: pair.path.tcpFrames,
                summary: "IKE and ESP between \(pair.initiator) and \(pair.responder) are carried in TCP",
                evidence: [
                    "\(Words.count(pair.path.tcpPackets, "packet")) in TCP streams that are records of IKE or ESP"
                ],
                advice: [
                    Finding.Advice(
                        "not a fault; permit the TCP port; UDP is faster where it is permitted",
                        ios: ["permit tcp any any eq 4500"])
                ])
        ]
    }
}
