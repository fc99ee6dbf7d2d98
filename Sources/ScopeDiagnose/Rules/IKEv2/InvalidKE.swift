import ScopeDissect
import ScopeModel
import ScopeWire

/// A side wants another DH group than the one whose public value it got (RFC 7296 sections 1.2 and 1.3): once is normal.
struct InvalidKE: IKEv2Rule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        let answers = attempt.messages.filter { $0.step.isAnswer && $0.has(.wrongGroup) && $0.isInitial }
        guard let last = answers.last else { return [] }
        let request = attempt.request(of: last)
        var wanted: DHGroup?
        for notification in last.notifications {
            if case .group(let group) = notification.content { wanted = group }
        }
        let name = wanted.map { "group \($0.rawValue)" } ?? "another group"
        let isGood = attempt.messages.contains { $0.isInitial && $0.step.isAnswer && $0.hasKE && $0.time > last.time }
        let times = answers.reduce(0) { $0 + $1.transmissions }
        let isLoop = !isGood && times > 1
        guard isGood || isLoop else { return [] }
        let offered = request?.group.map { " instead of group \($0.rawValue)" } ?? ""
        return [
            Finding(
                .v2InvalidKE, .proved, severity: isGood ? .note : .error, peers: attempt.peers,
                frames: Attempt.frames([request].compactMap { $0 } + answers),
                summary: isGood
                    ? "\(attempt.responder) wants \(name)\(offered): \(attempt.initiator) asked once more with it"
                    : "\(attempt.responder) asks for \(name) \(times) times, and never gets it from \(attempt.initiator)",
                evidence: ["INVALID_KE_PAYLOAD in \(Words.frames(answers.map(\.firstFrame)))"],
                advice: [
                    Finding.Advice(
                        isGood
                            ? "not a fault; put this group first in the proposal to save a round trip"
                            : "offer this group, and send a public value of it", on: attempt.initiator,
                        ios: wanted.map { ["crypto ikev2 proposal NAME", " group \($0.rawValue)"] } ?? [])
                ])
        ]
    }
}
