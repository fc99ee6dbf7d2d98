import ScopeDissect
import ScopeModel
import ScopeWire

/// IKEv2 between the two, which no rule judges yet: what would rest on the absence of IKE is not said.
struct IKEv2NotJudged: Rule {
    func findings(_ pair: PairCase) -> [Finding] {
        guard pair.ikev2.isPresent else { return [] }
        return [
            Finding(
                .ikev2NotJudged, .proved, peers: pair.peers, frames: pair.ikev2.frames,
                summary:
                    "IKEv2 between \(pair.initiator) and \(pair.responder), \(Words.count(pair.ikev2.messages, "message")): listed, not judged yet",
                evidence: ["debug, packets and show say what they negotiated; no rule reads it yet"],
                advice: [Finding.Advice("read what they say: ikescope packets -v, with the keys")])
        ]
    }
}
