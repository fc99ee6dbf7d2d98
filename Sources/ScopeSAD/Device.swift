import ScopeModel
import ScopeWire

/// The device that a snapshot is seen from.
struct Device {
    private let view: View

    init(_ view: View) { self.view = view }

    /// Which side of an IKE SA the device is; nil when it is neither.
    func role(_ initiator: IPAddress, _ responder: IPAddress) -> Role? {
        switch view {
        case .automatic, .initiator, .both: .initiator
        case .responder: .responder
        case .address(let address): Self.role([address], initiator, responder)
        case .local(let addresses): Self.role(addresses, initiator, responder) ?? .initiator
        }
    }

    private static func role(_ own: [IPAddress], _ initiator: IPAddress, _ responder: IPAddress) -> Role? {
        own.contains(initiator) ? .initiator : own.contains(responder) ? .responder : nil
    }
}
