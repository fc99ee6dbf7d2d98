import ScopeDissect
import ScopeModel
import ScopeWire

/// The pre-shared key is one of a list of candidates.
struct WeakPSK: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        guard let list = pair.candidates else { return [] }
        let words: String
        switch attempt.keys {
        case .opened(let name): words = name
        case .missing(let why), .wrong(let why): words = why
        case .none: return []
        }
        // `words.txt line 17`: how the key is named.
        guard let line = Self.line(in: words, of: list) else { return [] }
        let proof =
            attempt.messages.last {
                if case .verified(let name) = $0.proof { name == "HASH_I" || name == "HASH_R" } else { false }
            } ?? attempt.proofOfInitiator
        return [
            Finding(
                .weakPSKFound, .proved, peers: attempt.peers,
                frames: proof.map { [$0.firstFrame] } ?? [attempt.firstFrame],
                summary:
                    "the pre-shared key of \(attempt.initiator) and \(attempt.responder) stands in the list of candidates (line \(line))",
                evidence: ["the HASH of phase 1 is right with it"],
                advice: [
                    Finding.Advice(
                        "use a long random key, the same on both sides",
                        ios: ["crypto isakmp key KEY address PEER"]),
                    Finding.Advice("or certificates"),
                ])
        ]
    }

    private static func line(in text: String, of list: String) -> Int? {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        let name = list.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count > name.count + 1 else { return nil }
        for start in 0..<(words.count - name.count - 1)
        where Array(words[start..<(start + name.count)]) == name && words[start + name.count] == "line" {
            return Int(words[start + name.count + 1].prefix { $0.isNumber })
        }
        return nil
    }
}
