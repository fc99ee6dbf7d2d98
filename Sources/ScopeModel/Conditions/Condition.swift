import ScopeDissect
import ScopeWire

/// One condition in the grammar of IOS `debug crypto condition`.
public enum Condition: Hashable, Sendable {
    /// `peer ipv4 A`, `peer ipv6 A`, `peer subnet NET MASK`: either end of the packet lies in it.
    case peer(IPPrefix)
    /// `local ipv4 A`, `local ipv6 A`: a capture has no local side, so either end of the packet may be it.
    case local(IPAddress)
    /// `peer hostname NAME`: the name that a side gave as its phase-1 identity.
    case hostname(String)
    /// `peer username NAME`: whom XAUTH or EAP asked for, or who a client of EAP says that it is.
    case username(String)
    /// `peer group NAME`: the key id that a client gave as its phase-1 identity.
    case group(String)
    /// `spi VALUE`: an IPsec SA, with the one of the other direction and the IKE SA that speaks of it.
    case spi(UInt32)
    /// `connid N`: an IKE SA of IKEv1 by the number that the transcript gives it.
    case connection(Int, engine: Int?)
    /// `unmatched`, `unmatched isakmp`, `unmatched ikev2`, `unmatched ipsec`: what belongs to no IKE SA that is known.
    case unmatched(Subsystem?)

    /// The part of IOS that would have said it.
    public enum Subsystem: String, Hashable, Sendable { case isakmp, ikev2, ipsec }

    /// True when the addresses of `scope` alone let an event through.
    public func matches(_ scope: Scope) -> Bool {
        switch self {
        case .peer(let prefix):
            scope.source.map(prefix.contains) ?? false || scope.destination.map(prefix.contains) ?? false
        case .local(let address): scope.source == address || scope.destination == address
        case .hostname, .username, .group, .spi, .connection, .unmatched: false
        }
    }

    /// True when what is known so far of an IKE SA lets its events through.
    public func matches(_ sa: IKESA) -> Bool {
        switch self {
        case .hostname(let name): sa.identities.contains { $0.isHost(name) }
        case .group(let name): sa.identities.contains { $0.isKeyID(name) }
        case .connection(let number, _): sa.connectionID == number
        case .peer, .local, .username, .spi, .unmatched: false
        }
    }

    /// Whether it needs no more than the addresses of an event.
    public var needsAddressesAlone: Bool {
        switch self {
        case .peer, .local: true
        case .hostname, .username, .group, .spi, .connection, .unmatched: false
        }
    }
}

/// All conditions that are set: any of them lets an event through, none lets all through.
public struct Conditions: Hashable, Sendable {
    public var all: [Condition]

    public init(_ all: [Condition] = []) { self.all = all }

    @inlinable public func matches(_ scope: Scope) -> Bool { all.isEmpty || all.contains { $0.matches(scope) } }

    public func matches(_ sa: IKESA) -> Bool { all.contains { $0.matches(sa) } }

    public func matches(userName: [UInt8]) -> Bool {
        all.contains { if case .username(let name) = $0 { userName.elementsEqual(name.utf8) } else { false } }
    }

    public func matches(spi: UInt32) -> Bool { all.contains(.spi(spi)) }

    /// Whether what belongs to no IKE SA is shown, of this subsystem or of none.
    public func showsUnmatched(_ subsystem: Condition.Subsystem?) -> Bool {
        all.contains(.unmatched(nil)) || subsystem.map { all.contains(.unmatched($0)) } ?? false
    }

    /// Whether each of them can be decided on an event by itself.
    public var needAddressesAlone: Bool { all.allSatisfy(\.needsAddressesAlone) }
}

extension IKESA {
    fileprivate var identities: [Identity] {
        [self.initiatorIdentity, self.responderIdentity].compactMap { $0?.identity }
    }
}

extension Identity {
    /// Names of hosts do not depend on case (RFC 4343).
    fileprivate func isHost(_ name: String) -> Bool {
        switch self {
        case .fqdn(let text), .userFQDN(let text): text.lowercased() == name.lowercased()
        case .address, .subnet, .range, .distinguishedName, .keyID, .other: false
        }
    }

    fileprivate func isKeyID(_ name: String) -> Bool {
        if case .keyID(let bytes) = self { bytes.elementsEqual(name.utf8) } else { false }
    }
}
