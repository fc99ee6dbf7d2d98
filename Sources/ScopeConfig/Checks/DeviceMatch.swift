import ScopeModel
import ScopeWire

/// Why a configuration is taken to be that of a device.
public enum DeviceMatch: Hashable, Sendable {
    /// One of its interfaces has the address.
    case interface(String)
    /// It names the other address as its peer, and the capture shows no address of its own: the address is dynamic, or
    /// there is NAT.
    case peer
}

extension IOSConfig {
    /// The one of two peers to which the configuration belongs; nil where it is neither, or could be both.
    public func device(of first: IPAddress, or second: IPAddress) -> (address: IPAddress, because: DeviceMatch)? {
        switch (interface(owning: first), interface(owning: second)) {
        case (let found?, nil): return (first, .interface(found.name))
        case (nil, let found?): return (second, .interface(found.name))
        case (.some, .some): return nil
        case (nil, nil): break
        }
        switch (names(first), names(second)) {
        case (true, false): return (second, .peer)
        case (false, true): return (first, .peer)
        default: return nil
        }
    }

    /// The first interface with this address.
    public func interface(owning address: IPAddress) -> ConfiguredInterface? {
        interfaces.first { $0.addresses.contains(address) }
    }

    /// Whether exactly this address is configured as a peer, or has a key of its own.
    private func names(_ address: IPAddress) -> Bool {
        let isPeer = maps.contains { map in
            map.entries.contains { $0.peers.contains { addresses(of: $0.text).contains(address) } }
        }
        let isDestination = interfaces.contains { interface in
            interface.tunnel.destination.map { addresses(of: $0).contains(address) } ?? false
        }
        let isKeyed = (keys + keyrings.flatMap(\.keys)).contains { $0.peer == .address(AddressMatch(host: address)) }
        let isOfKeyring = ikev2.keyrings.contains { keyring in
            keyring.peers.contains { $0.address == AddressMatch(host: address) }
        }
        return isPeer || isDestination || isKeyed || isOfKeyring
    }

    /// The addresses of this interface: its own, or those of the interface that it borrows from.
    func addresses(of interface: ConfiguredInterface) -> [IPAddress] {
        guard interface.addresses.isEmpty, let lender = interface.unnumbered.flatMap({ self.interface($0) }) else {
            return interface.addresses
        }
        return lender.addresses
    }

    /// Whether packets bound to `local` are sent from `address`; nil where the configuration does not tell.
    func isLocal(_ local: LocalAddress, _ address: IPAddress) -> Bool? {
        switch local {
        case .address(let configured): return configured == address
        case .interface(let name):
            guard let interface = interface(name) else { return nil }
            let known = addresses(of: interface)
            return known.isEmpty ? nil : known.contains(address)
        }
    }
}
