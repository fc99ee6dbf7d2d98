import ScopeModel
import ScopeWire

/// Negotiations of which there is no third message, by the peer that they were begun with.
struct HalfOpenAttempts {
    /// By the peer that they are made at.
    private var targets: [IPAddress: (sources: Int, attempts: Int, frames: [Int])] = [:]
    /// Targets that are counted; a flood has one.
    private static let mostTargets = 4096

    /// A peer that tries again and again is one source, and one that came through once is none.
    mutating func note(_ pair: PairCase) {
        guard !pair.attempts.contains(where: { !$0.sa.isHalfOpen || $0.isUp }) else { return }
        let open = pair.attempts.filter { $0.sa.isHalfOpen && $0.isFromStart }
        guard let first = open.first, targets[first.responder] != nil || targets.count < Self.mostTargets else {
            return
        }
        var flood = targets[first.responder] ?? (0, 0, [])
        flood.sources += 1
        flood.attempts += open.count
        if flood.frames.count < 16 { flood.frames.append(first.firstFrame) }
        targets[first.responder] = flood
    }

    /// The target with the most sources.
    ///
    /// Of two with as many it is the lower address, as a dictionary has another order each time.
    var most: (target: IPAddress, sources: Int, attempts: Int, frames: [Int])? {
        targets.max { ($0.value.sources, $1.key) < ($1.value.sources, $0.key) }
            .map { ($0.key, $0.value.sources, $0.value.attempts, $0.value.frames) }
    }
}
