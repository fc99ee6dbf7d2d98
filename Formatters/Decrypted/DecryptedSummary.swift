/// What became of the ESP packets of a capture whose decrypted packets were written.
public struct DecryptedSummary: Hashable, Sendable, CustomStringConvertible {
    /// ESP packets, counted each time they were seen.
    public var seen = 0
    public var written = 0
    /// The same packet at another point of the capture: written once.
    public var sightings = 0
    public var withoutKey = 0
    public var badICV = 0
    /// Decrypted, but nothing vouches for them.
    public var unverified = 0
    public var malformed = 0
    /// The capture lacks their end.
    public var cut = 0
    /// Verified, and not an IP packet: dummy packets hide how much is sent (RFC 4303 section 2.6).
    public var dummies = 0
    /// Packets of any kind that the capturing system lost before they were captured.
    public var lost: UInt64 = 0
    /// Decrypted IKE messages, where they were asked for.
    public var ikeWritten = 0
    public var ikeSightings = 0
    /// Decrypted, but their HASH is wrong or could not be checked.
    public var ikeUnverified = 0

    public init() {}

    /// One line: `57 of 60 ESP packets decrypted and written; left out: 2 second sightings, 1 without key`.
    public var description: String {
        let left: [(Int, String)] = [
            (sightings, sightings == 1 ? "second sighting" : "second sightings"), (withoutKey, "without key"),
            (badICV, "with a wrong ICV"), (unverified, "not verified by anything"), (malformed, "malformed"),
            (cut, "cut by the capture"), (dummies, dummies == 1 ? "dummy packet" : "dummy packets"),
        ]
        let reasons = left.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
        let ike = ikeDescription
        // Packets that were not captured are in none of the counts.
        let captured = lost > 0 ? "captured " : ""
        let head = "\(written) of \(seen) \(captured)ESP packet\(seen == 1 ? "" : "s") decrypted and written"
        let loss = lost > 0 ? "; \(lost) packet\(lost == 1 ? " was" : "s were") dropped before being captured" : ""
        return (reasons.isEmpty ? head : "\(head); left out: \(reasons)") + ike + loss
    }

    private var ikeDescription: String {
        guard ikeWritten + ikeSightings + ikeUnverified > 0 else { return "" }
        let left: [(Int, String)] = [
            (ikeSightings, ikeSightings == 1 ? "second sighting" : "second sightings"),
            (ikeUnverified, "not proved by their HASH"),
        ]
        let reasons = left.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
        let head = "; \(ikeWritten) IKE message\(ikeWritten == 1 ? "" : "s") written"
        return reasons.isEmpty ? head : "\(head), left out: \(reasons)"
    }
}
