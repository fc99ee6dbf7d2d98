import ScopeModel
import ScopeWire

/// The router lines of one message at one device, whichever version of IKE the message belongs to.
///
/// `MessageLines` are those of IKEv1, `IKEv2Lines` those of IKEv2. What `debug crypto ipsec` prints is the same for every version: `IPsec/` writes it
/// for whatever lines conform.
protocol DeviceLines {
    var out: LineWriter { get }
    var message: IKEMessage { get }
    /// The role of the device in the IKE SA.
    var local: Role { get }
    /// The pairs of IPsec SAs that the device has.
    var installed: InstalledSAs { get }
    /// What the Delete payloads of the message name.
    var deleted: SPIsNamedByDelete { get }
    /// What the device's configuration tells, where it was given.
    var knowledge: (any DeviceKnowledge)? { get }

    mutating func write()
}

extension DeviceLines {
    var isOutgoing: Bool { message.sender == local }
    var localEnd: Endpoint { isOutgoing ? message.source : message.destination }
    var remoteEnd: Endpoint { isOutgoing ? message.destination : message.source }
    var peer: IPAddress { remoteEnd.address }
}
