/// The lower one of the two nonces of an exchange that replaced an SA.
///
/// Where both sides replace an SA at once, both exchanges go through, and the new SA goes again whose exchange has the lowest
/// of all four nonces (RFC 7296 sections 2.8.1 and 2.8.2).
public struct RekeyNonce: Hashable, Sendable, Comparable {
    private let bytes: [UInt8]

    /// Nil where one of them was not seen, so that it is not known which is lower.
    public init?(_ initiator: [UInt8]?, _ responder: [UInt8]?) {
        guard let initiator, let responder else { return nil }
        bytes = responder.lexicographicallyPrecedes(initiator) ? responder : initiator
    }

    /// Byte by byte; one that is the beginning of the other is lower.
    public static func < (a: RekeyNonce, b: RekeyNonce) -> Bool { a.bytes.lexicographicallyPrecedes(b.bytes) }

    public var count: Int { bytes.count }
}
