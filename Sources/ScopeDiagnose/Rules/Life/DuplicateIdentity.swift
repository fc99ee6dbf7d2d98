import ScopeDissect
import ScopeModel
import ScopeWire

/// Two devices that say they are the same one, and take turns at a gateway.
struct DuplicateIdentity: Rule {
    private struct Claim: Hashable {
        var gateway: IPAddress
        var identity: String
    }

    func findings(_ pairs: [PairCase]) -> [Finding] {
        var uses: [Claim: [(attempt: Attempt, claimant: IPAddress)]] = [:]
        for pair in pairs {
            for attempt in pair.attempts where attempt.isAuthenticated || attempt.isUp {
                // Users of one group share its identity: that is what a group is for.
                guard !Self.hasUsers(attempt), let identity = attempt.identity(of: .initiator) else { continue }
                let claim = Claim(gateway: attempt.responder, identity: Words.identity(identity))
                uses[claim, default: []].append((attempt, attempt.initiator))
            }
        }
        return uses.filter { Set($0.value.map(\.claimant)).count > 1 }.sorted {
            ($0.value.first?.attempt.firstFrame ?? 0) < ($1.value.first?.attempt.firstFrame ?? 0)
        }.compactMap { claim, attempts in
            let ordered = attempts.sorted { $0.attempt.first < $1.attempt.first }
            // One that moves comes from a new address once; two take turns.
            let turns = zip(ordered, ordered.dropFirst()).count { $0.claimant != $1.claimant }
            guard turns >= 2 else { return nil }
            return finding(claim, ordered.map(\.attempt), turns)
        }
    }

    private static func hasUsers(_ attempt: Attempt) -> Bool {
        attempt.methods.contains { $0.user != nil }
            || attempt.messages.contains { $0.eap != nil || $0.configuration != nil }
            || attempt.messages.contains(where: \.step.isConfiguration)
    }

    private func finding(_ claim: Claim, _ attempts: [Attempt], _ turns: Int) -> Finding {
        var seen: Set<IPAddress> = []
        let claimants = attempts.map(\.initiator).filter { seen.insert($0).inserted }
        let contacting = attempts.filter { attempt in attempt.messages.contains { $0.has(.initialContact) } }
        let contacts = contacting.count
        // One device with two lines has no reason to say that it was started anew, from each in turn.
        let isProved =
            Set(contacting.map(\.initiator)).count > 1
            && attempts.allSatisfy { attempt in
                attempt.messages.contains { message in
                    guard message.sender == .initiator, message.identification != nil else { return false }
                    if case .verified = message.proof { return true }
                    return message.isEncrypted && message.isOpened
                }
            }
        let names = claimants.prefix(4).map { "\($0)" }.joined(separator: " and ")
        let more = claimants.count > 4 ? " and \(claimants.count - 4) more" : ""
        return Finding(
            .duplicateIdentity, isProved ? .proved : .likely,
            peers: claimants.prefix(8) + [claim.gateway], ikeSA: attempts.first?.sa.id,
            frames: attempts.prefix(16).map(\.firstFrame),
            summary:
                "\(names)\(more) use the same identity at \(claim.gateway): \(claim.identity)",
            evidence: [
                "\(attempts.count) successful negotiations, \(turns) times from another address than the one before",
                contacts > 1
                    ? "\(contacts) of them send INITIAL-CONTACT, so that the gateway drops the SAs of the other" : "",
            ].filter { !$0.isEmpty },
            advice: [
                Finding.Advice(
                    "give each device an identity of its own, or take the spare one out of service",
                    ios: attempts.first.map { $0.ios.identity("hostname") } ?? []),
                Finding.Advice(
                    "check which of the two should be there", on: claim.gateway,
                    ios: attempts.first.map { [$0.ios.showSA + " detail"] } ?? []),
            ],
            lookAlikes: isProved ? [] : ["one device that switches between two uplinks (failover)"])
    }
}
