import ScopeModel
import ScopeWire

/// Addresses and ports that differ between two taps.
struct TranslationBetweenTaps: Rule {
    func findings(_ taps: TapCase) -> [Finding] {
        let names = taps.names
        var changes: [String: (frame: Int, from: IPAddress, to: IPAddress, count: Int)] = [:]
        for (key, a) in taps.messages[0].sorted(by: { $0.value.frame < $1.value.frame }) {
            guard let b = taps.messages[1][key] else { continue }
            for (one, other) in [(a.source, b.source), (a.destination, b.destination)] where one != other {
                let text =
                    one.address != other.address
                    ? "\(one.address) at \(names.a) is \(other.address) at \(names.b)"
                    : "port \(one.port) of \(one.address) at \(names.a) is \(other.port) at \(names.b)"
                changes[text, default: (a.frame, one.address, other.address, 0)].count += 1
            }
        }
        let isAddress = changes.values.contains { $0.from != $0.to }
        // A message of both addresses may show two changes.
        let ordered = changes.sorted { ($0.value.frame, $0.key) < ($1.value.frame, $1.key) }
        guard let first = ordered.first else { return [] }
        return [
            Finding(
                .natDetected, .proved, peers: [first.value.from, first.value.to],
                frames: ordered.prefix(64).map(\.value.frame),
                summary:
                    "a NAT between \(names.a) and \(names.b) changes \(isAddress ? "addresses" : "ports"): \(first.key)",
                evidence: ordered.prefix(8).map {
                    "\($0.key) (\(Words.count($0.value.count, "IKE message")))"
                })
        ]
    }
}
