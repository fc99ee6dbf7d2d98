/// Which images' wording a transcript follows; the two are never mixed.
public enum LineFamily: String, Hashable, Sendable, CaseIterable {
    /// Late 12.4T and 15: irregular prefixes, signed message ids.
    case classic
    /// IOS XE 16 and later: `ISAKMP: (1001):`, packets and refusals marked, unsigned message ids.
    case xe
}
