import ScopeDissect
import ScopeModel
import ScopeWire

/// A proxy identity that is a range whose first address is above its last: it holds no address, and is no selector.
struct ReversedRange: AttemptRule {
    func findings(_ attempt: Attempt, in pair: PairCase) -> [Finding] {
        let reversed = attempt.quickModes.filter { mode in
            [mode.initiatorProxy, mode.responderProxy].contains { $0?.identity.isReversed ?? false }
        }
        guard let mode = reversed.first else { return [] }
        let asker = attempt.address(mode.initiatedBy)
        let frames = reversed.prefix(16).compactMap { mode in
            attempt.messages.first { $0.exchange == mode.exchange }?.firstFrame
        }
        let ranges = [mode.initiatorProxy, mode.responderProxy].compactMap { $0?.identity }.filter(\.isReversed)
        return [
            Finding(
                .idRangeReversed, .proved, peers: attempt.peers, spi: mode.offers?.first?.spi, frames: frames,
                summary: "\(asker) asks for a range of addresses that ends before it begins",
                evidence: [
                    "\(Words.seq(Set(ranges.map(Words.identity)).sorted())) in \(Words.frames(frames))",
                    "such a range contains no address, so no packet can belong to the SA",
                ],
                advice: [
                    Finding.Advice(
                        "write the lower address first in its configuration, or look for a software fault", on: asker,
                        ios: ["show crypto map", "show access-lists"])
                ])
        ]
    }
}
