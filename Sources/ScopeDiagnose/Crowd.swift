import ScopeModel
import ScopeWire

/// What is the same of many peers is told once.
enum Crowd {
    /// Weak algorithms concern nobody in particular; of many peers, no note does.
    static func isShared(_ finding: Finding, isCrowd: Bool) -> Bool {
        finding.layer == .hygiene || isCrowd && finding.severity == .note && finding.explains == nil
    }

    /// One of each kind: with the peers of all, the first ones of them, and how often it was found.
    struct Merged {
        private var result: [Finding] = []
        private var places: [String: Int] = [:]

        mutating func add(_ finding: Finding) {
            // A note of many peers differs in their addresses alone.
            let key = finding.layer == .hygiene ? finding.id + finding.summary : finding.id
            guard let place = places[key] else {
                places[key] = result.count
                result.append(finding)
                return
            }
            result[place].count += finding.count
            for peer in finding.peers where result[place].peers.count < 32 && !result[place].peers.contains(peer) {
                result[place].peers.append(peer)
            }
            if result[place].frames.count < 32 { result[place].frames += finding.frames.prefix(2) }
        }

        /// Those of peers that come behind these.
        mutating func add(_ other: Merged) { for finding in other.result { add(finding) } }

        var findings: [Finding] { result.sorted { $0.severity > $1.severity } }
    }
}
