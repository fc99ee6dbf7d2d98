import ScopeWire

/// The two sides of an IKE SA, or of one exchange.
public enum Role: UInt8, Hashable, Sendable {
    case initiator, responder

    public var other: Role { self == .initiator ? .responder : .initiator }
}

/// An address and a UDP or TCP port; port 0 where the protocol has none.
public struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    public var address: IPAddress
    public var port: UInt16

    @inlinable public init(_ address: IPAddress, port: UInt16 = 0) {
        self.address = address
        self.port = port
    }

    /// `10.0.0.1:500`, `[2001:db8::1]:500`, or the address alone when there is no port.
    public var description: String {
        guard port != 0 else { return address.description }
        return address.isV6 ? "[\(address)]:\(port)" : "\(address):\(port)"
    }
}

/// What carried an IKE message or an ESP packet.
public enum Carrier: UInt8, Hashable, Sendable {
    /// IP protocol 50 or 51.
    case ip
    /// UDP without marker (IKE on 500).
    case udp
    /// UDP with the non-ESP marker, or ESP in UDP (RFC 3948).
    case udpEncapsulated
    /// A record of a TCP stream (RFC 9329).
    case tcp
}
