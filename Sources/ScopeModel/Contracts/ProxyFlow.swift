import ScopeDissect
import ScopeWire

/// Traffic that a Quick Mode is about, seen from one of the devices.
public struct ProxyFlow: Sendable {
    /// What lies behind the device itself.
    public var local: Identity
    public var remote: Identity
    /// 0 for any.
    public var protocolID: UInt8
    public var localPort: UInt16
    public var remotePort: UInt16

    /// From the two proxy identities; one that was not sent is the peer itself (RFC 2409 section 5.5).
    public init(
        local: IdentificationPayload?, of device: IPAddress, remote: IdentificationPayload?, of peer: IPAddress
    ) {
        self.local = local?.identity ?? .address(device)
        self.remote = remote?.identity ?? .address(peer)
        protocolID = local?.protocolID ?? remote?.protocolID ?? 0
        localPort = local?.port ?? 0
        remotePort = remote?.port ?? 0
    }

    public init(
        local: Identity, remote: Identity, protocolID: UInt8 = 0, localPort: UInt16 = 0, remotePort: UInt16 = 0
    ) {
        self.local = local
        self.remote = remote
        self.protocolID = protocolID
        self.localPort = localPort
        self.remotePort = remotePort
    }
}
