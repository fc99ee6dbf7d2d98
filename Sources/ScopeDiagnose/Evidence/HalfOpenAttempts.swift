import ScopeModel
import ScopeWire

/// Negotiations of which there is no third message, by the peer that they were begun with; and answers to first messages
/// that are not in the capture, by the peer that they go to.
struct HalfOpenAttempts {
    private typealias Flood = (sources: Int, attempts: Int, frames: [Int])

    private struct Victim: Hashable {
        let address: IPAddress
        let spi: UInt64
    }

    /// By the peer that they are made at.
    private var targets: [IPAddress: Flood] = [:]
    private var victims: [Victim: Flood] = [:]
    /// Targets that are counted; a flood has one.
    private static let mostTargets = 4096

    /// A peer that tries again and again is one source, and one that came through once is none.
    mutating func note(_ pair: PairCase) {
        guard !pair.attempts.contains(where: { !$0.sa.isHalfOpen || $0.isUp }) else { return }
        noteReflected(pair)
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

    private mutating func noteReflected(_ pair: PairCase) {
        let unasked = pair.attempts.filter(\.isUnaskedAnswer)
        guard let first = unasked.first else { return }
        let victim = Victim(address: first.initiator, spi: first.sa.identity.initiatorSPI)
        guard victims[victim] != nil || victims.count < Self.mostTargets else { return }
        var flood = victims[victim] ?? (0, 0, [])
        flood.sources += 1
        flood.attempts += unasked.count
        if flood.frames.count < 16 { flood.frames.append(first.firstFrame) }
        victims[victim] = flood
    }

    /// The target with the most sources.
    ///
    /// Of two with as many it is the lower address, as a dictionary has another order each time.
    var most: (target: IPAddress, sources: Int, attempts: Int, frames: [Int])? {
        targets.max { ($0.value.sources, $1.key) < ($1.value.sources, $0.key) }
            .map { ($0.key, $0.value.sources, $0.value.attempts, $0.value.frames) }
    }

    /// The one whom the most hosts answer under one SPI unasked.
    var mostReflected: (target: IPAddress, spi: UInt64, sources: Int, attempts: Int, frames: [Int])? {
        victims.max {
            ($0.value.sources, $1.key.address, $1.key.spi) < ($1.value.sources, $0.key.address, $0.key.spi)
        }.map { ($0.key.address, $0.key.spi, $0.value.sources, $0.value.attempts, $0.value.frames) }
    }
}

extension Attempt {
    /// The first answer of a responder, and nothing else: what it answers is not in the capture.
    var isUnaskedAnswer: Bool {
        guard !isFromStart, let first = messages.first, messages.count == 1, first.sender == .responder else {
            return false
        }
        return first.step.number == 2 && first.step.isOfSetUp || first.isInitial && first.step.isAnswer
    }
}
