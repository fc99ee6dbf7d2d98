import ScopeModel
import ScopeWire

/// Two addresses, whichever is which.
package struct AddressPair: Hashable, Sendable {
    private let first: IPAddress
    private let second: IPAddress

    package init(_ a: IPAddress, _ b: IPAddress) {
        let isOrdered = (a.high, a.low) <= (b.high, b.low)
        first = isOrdered ? a : b
        second = isOrdered ? b : a
    }
}

extension IKERecord {
    var ends: AddressPair { AddressPair(sa.initiator.address, sa.responder.address) }
}

extension ChildRecord {
    var ends: AddressPair { AddressPair(initiator.address, responder.address) }
}
