/// How long the ICVs of an SA are: as its algorithm has it, or as an older implementation cuts them.
///
/// HMAC-SHA-256 has 128 bits (RFC 4868), and 96 in implementations that follow the draft before it: Linux up to 2.6.32
/// among them. Which one is meant cannot be negotiated, so the packets have to tell.
struct ICVLength {
    /// In bytes.
    private(set) var value: Int
    private var other: Int?
    private var failures = 0

    /// After so many failures only one length is tried, so that a wrong key does not cost twice for ever.
    private static let mostFailures = 256

    init(_ integrity: ESPIntegrity) {
        value = integrity.tagLength
        if case .hmac(.sha256, let length) = integrity { other = length == 16 ? 12 : 16 }
    }

    /// Whether no packet can change it any more.
    var isSettled: Bool { other == nil }

    /// Calls `check` with the length that is known, or with both until one is right; nil when none is.
    @inline(__always)
    mutating func find(_ check: (Int) -> Bool) -> Int? {
        if check(value) {
            other = nil
            return value
        }
        guard let second = other else { return nil }
        return tried(second, check)
    }

    private mutating func tried(_ second: Int, _ check: (Int) -> Bool) -> Int? {
        if check(second) {
            value = second
            other = nil
            return second
        }
        failures += 1
        if failures >= Self.mostFailures { other = nil }
        return nil
    }
}
