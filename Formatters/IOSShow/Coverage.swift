import ScopeDissect
import ScopeModel

extension IPsecRecord {
    /// True when both protect the same traffic between the same peers, whoever began.
    func covers(_ other: IPsecRecord) -> Bool {
        guard pair != nil, other.pair != nil else { return false }
        let isTurned = initiator != other.initiator
        let role: Role = isTurned ? .responder : .initiator
        return initiator == other.end(role) && responder == other.end(role.other)
            && proxy(of: .initiator)?.selector == other.proxy(of: role)?.selector
            && proxy(of: .responder)?.selector == other.proxy(of: role.other)?.selector
    }
}

/// What a proxy identity selects.
private struct Selector: Equatable {
    var identity: Identity
    var protocolID: UInt8
    var port: UInt16
}

extension IdentificationPayload {
    fileprivate var selector: Selector { Selector(identity: identity, protocolID: protocolID, port: port) }
}
