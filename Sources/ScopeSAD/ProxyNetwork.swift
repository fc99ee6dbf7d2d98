import ScopeDissect
import ScopeModel
import ScopeWire

/// One end of the traffic that an SA is for, as `show` names it: a network, a protocol and a port.
package struct ProxyNetwork: Hashable, Sendable {
    package let net: IPAddress
    package let mask: IPAddress
    /// 0: any.
    package let protocolID: UInt8
    package let port: UInt16

    /// Nil of an SA that only its packets show, and of an identity that is no network.
    init?(_ record: ChildRecord, of role: Role) {
        guard record.pair != nil else { return nil }
        let proxy = record.proxy(of: role)
        switch proxy?.identity {
        // Without an identity it is the peer itself.
        case nil: (net, mask) = Self.host(record.end(role).address)
        case .address(let address): (net, mask) = Self.host(address)
        case .subnet(let net, let mask): (self.net, self.mask) = (net, mask)
        case .some: return nil
        }
        protocolID = proxy?.protocolID ?? 0
        port = proxy?.port ?? 0
    }

    private static func host(_ address: IPAddress) -> (net: IPAddress, mask: IPAddress) {
        (address, address.isV6 ? IPAddress(v6high: .max, low: .max) : IPAddress(v4: .max))
    }

    /// A single address.
    package var isHost: Bool { mask == Self.host(net).mask }
}
