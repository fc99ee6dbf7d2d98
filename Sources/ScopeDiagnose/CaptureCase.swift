import ScopeDissect
import ScopeModel
import ScopeWire

/// What concerns the capture as a whole, or belongs to no IKE SA.
struct CaptureCase {
    private var sightings: [Int] = []
    private var sightingCount = 0
    private var losses: UInt64 = 0
    private var backwards: [Int] = []
    private var lastTime: Instant?

    mutating func note(_ event: Event) {
        if case .captureLoss(let count) = event.kind { losses += count }
        switch event.kind {
        case .esp(let packet): if case .sighting = packet.repetition { sighting(event) }
        case .ah(let packet): if case .sighting = packet.repetition { sighting(event) }
        default: break
        }
        guard event.origin != nil else { return }
        if let lastTime, event.time < lastTime, lastTime.since(event.time) > 1_000_000_000, backwards.count < 16 {
            backwards.append(event.frame)
        }
        lastTime = event.time
    }

    mutating func sighting(_ event: Event) {
        sightingCount += 1
        if sightings.count < 16 { sightings.append(event.frame) }
    }

    func findings(pairs: [PairCase]) -> [Finding] {
        var list: [Finding] = []
        if sightingCount > 0 {
            list.append(
                Finding(
                    "cap-duplicates", .note, .proved, .capture, peers: [], frames: sightings,
                    summary: "\(Words.count(sightingCount, "packet")) are in the capture twice",
                    evidence: [
                        "the same packet at two points of its way, or twice at one (a mirror port); each counts once"
                    ]))
        }
        if losses > 0 {
            list.append(
                Finding(
                    "cap-drops", .note, .proved, .capture, peers: [], frames: [],
                    summary: "the capturing system lost \(losses) packets",
                    evidence: ["what is missing may have been lost here"],
                    advice: [Finding.Advice("capture with a filter, and a larger buffer")]))
        }
        if !backwards.isEmpty {
            list.append(
                Finding(
                    "cap-time-step", .note, .proved, .capture, peers: [], frames: backwards,
                    summary: "the clock of the capture goes backwards", evidence: ["intervals across it mean nothing"]))
        }
        return list + crowd(pairs)
    }

    /// Many sources that send a first message, and never a second one.
    private func crowd(_ pairs: [PairCase]) -> [Finding] {
        var sources: [IPAddress: Int] = [:]
        for pair in pairs {
            for attempt in pair.attempts where attempt.sa.position <= 2 && attempt.isFromStart {
                sources[attempt.responder, default: 0] += 1
            }
        }
        guard let (target, count) = sources.max(by: { $0.value < $1.value }), count >= 50 else { return [] }
        return [
            Finding(
                "half-open-flood", .warning, .likely, .life, peers: [target], frames: [],
                summary: "\(count) attempts at \(target) that go no further than its first answer",
                evidence: ["first messages from many sources, none with a third one"],
                advice: [
                    Finding.Advice(
                        "limit what unfinished negotiations may cost", on: target,
                        ios: ["crypto call admission limit ike in-negotiation-sa 100"])
                ], lookAlikes: ["a scanner (spoof-or-scan)", "many clients after an outage"])
        ]
    }
}
