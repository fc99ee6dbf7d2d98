import ScopeWire

/// A chain of payloads and the bytes that its offsets count in.
public struct PayloadChain: Sendable {
    public var bytes: [UInt8]
    /// What the first payload is said to be, by the header or by the payload that holds the chain.
    public var firstType: PayloadType
    public var payloads: [Payload]
    /// Offset behind the last payload; what follows is padding.
    public var end: Int
    /// Why the chain stopped before its end; the payloads before it are kept.
    public var error: DecodeError?

    public init(
        bytes: [UInt8] = [], firstType: PayloadType = .none, payloads: [Payload] = [], end: Int = 0,
        error: DecodeError? = nil
    ) {
        self.bytes = bytes
        self.firstType = firstType
        self.payloads = payloads
        self.end = end
        self.error = error
    }

    /// The first payload of `type`, if the chain has one.
    public func first(_ type: PayloadType) -> Payload? { payloads.first { $0.type == type } }

    public func contains(_ type: PayloadType) -> Bool { payloads.contains { $0.type == type } }

    /// All payloads of `type`, in wire order.
    public func all(_ type: PayloadType) -> [Payload] { payloads.filter { $0.type == type } }

    /// The body (without the 4-byte generic header) of the first payload of `type`; nil where it is encrypted by itself,
    /// or where the bytes are not known.
    public func body(of type: PayloadType) -> [UInt8]? {
        guard let payload = first(type), payload.body.upperBound <= bytes.count else { return nil }
        if case .sealed = payload.content { return nil }
        return Array(bytes[payload.body])
    }

    /// The bytes at `range`; empty where the range does not lie in this chain.
    public func slice(_ range: Range<Int>) -> ArraySlice<UInt8> { bytes[range.clamped(to: 0..<bytes.count)] }
}
