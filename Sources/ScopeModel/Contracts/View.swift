import ScopeWire

/// The device whose side of the negotiations is printed.
public enum View: Hashable, Sendable {
    /// The initiator of each IKE SA.
    case automatic
    case initiator, responder
    /// Both devices' lines in time order, each led by the address of its device.
    case both
    /// The device with this address; IKE SAs of others have no router lines.
    case address(IPAddress)
    /// The device that has these addresses; the initiator of IKE SAs between others.
    case local([IPAddress])
}
