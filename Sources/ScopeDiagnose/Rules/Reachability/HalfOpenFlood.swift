import ScopeModel
import ScopeWire

/// Many sources that send a first message, and never a second one.
struct HalfOpenFlood {
    private var floods: [IPAddress: (sources: Int, attempts: Int, frames: [Int])] = [:]
    /// Targets that are counted; a flood has one.
    private static let most = 4096

    /// A peer that tries again and again is one source, and one that came through once is none.
    mutating func note(_ pair: PairCase) {
        guard !pair.ikev2.mayHaveBuilt, !pair.attempts.contains(where: { $0.sa.position > 2 || $0.isUp }) else {
            return
        }
        let open = pair.attempts.filter { $0.sa.position <= 2 && $0.isFromStart }
        guard let first = open.first, floods[first.responder] != nil || floods.count < Self.most else { return }
        var flood = floods[first.responder] ?? (0, 0, [])
        flood.sources += 1
        flood.attempts += open.count
        if flood.frames.count < 16 { flood.frames.append(first.firstFrame) }
        floods[first.responder] = flood
    }

    var findings: [Finding] {
        // Of two with as many sources the lower address, not the one that comes first in a dictionary.
        let most = floods.max { ($0.value.sources, $1.key) < ($1.value.sources, $0.key) }
        guard let (target, flood) = most, flood.sources >= 50 else { return [] }
        return [
            Finding(
                "half-open-flood", .warning, .likely, .life, peers: [target], frames: flood.frames,
                summary:
                    "\(flood.attempts) attempts at \(target) from \(flood.sources) sources that go no further than its first answer",
                evidence: ["first messages from many sources, none with a third one"],
                advice: [
                    Finding.Advice(
                        "limit what unfinished negotiations may cost", on: target,
                        ios: ["crypto call admission limit ike in-negotiation-sa 100"])
                ], lookAlikes: ["a scanner (spoof-or-scan)", "many clients after an outage"])
        ]
    }
}
