import ScopeDissect

/// Whether a plaintext looks like payloads: what tells the right key of a cipher where only the ICV has a key that is proved.
///
/// Keys of a file may belong together or not: under SK_ai of this SA and SK_ei of another one the ICV is right, and what comes
/// out is garbage.
enum PayloadPlausibility {
    /// - Parameter plain: without padding.
    static func holds(_ plain: [UInt8], in payload: SealedPayload) -> Bool {
        switch payload.fragment {
        case nil: isChain(plain, payload.first, isCut: false)
        case .first?: isChain(plain, payload.first, isCut: true)
        // A piece of the middle has no beginning to look at.
        case .later?: true
        }
    }

    /// Generic payload headers (RFC 7296 section 3.2) from the beginning to the very end.
    ///
    /// - Parameter isCut: the end is missing: the first header is what there is to look at.
    private static func isChain(_ plain: [UInt8], _ first: PayloadType, isCut: Bool) -> Bool {
        var (type, at) = (first, 0)
        while type != .none {
            guard at + 4 <= plain.count else { return isCut && at > 0 }
            let length = Int(plain[at + 2]) << 8 | Int(plain[at + 3])
            guard length >= 4, plain[at + 1] & 0x7f == 0 else { return false }
            type = PayloadType(rawValue: plain[at])
            at += length
        }
        return at == plain.count
    }
}
