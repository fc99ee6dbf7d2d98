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
        /// Findings that are told as one; with their words, where these are looked at.
        private struct Key: Hashable {
            let id: FindingID
            var summary: String?
        }

        private var result: [Finding] = []
        private var places: [Key: Int] = [:]
        private var counts: [FindingID: Int] = [:]

        /// Findings of one id that are told apart by their words: more have the words of the first.
        private static let mostOfOneID = 32

        mutating func add(_ finding: Finding) {
            // A note of many peers differs in their addresses alone.
            let isOwn = finding.layer == .hygiene && counts[finding.id, default: 0] < Self.mostOfOneID
            let full = Key(id: finding.id, summary: finding.summary)
            let key = finding.layer == .hygiene && (isOwn || places[full] != nil) ? full : Key(id: finding.id)
            guard let place = places[key] else {
                places[key] = result.count
                counts[finding.id, default: 0] += 1
                result.append(finding)
                return
            }
            result[place].severity = max(result[place].severity, finding.severity)
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
