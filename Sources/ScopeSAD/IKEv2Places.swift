import ScopeModel

/// Between which addresses IKEv2 passed: an SA that moved, or that a NAT shows twice, is listed under one pair of them, and
/// packets of its children under another one are not without IKE.
struct IKEv2Places: Sendable {
    private var pairs: Set<AddressPair> = []

    private static let most = 16_384

    mutating func note(_ message: IKEMessage) {
        guard pairs.count < Self.most else { return }
        pairs.insert(AddressPair(message.source.address, message.destination.address))
    }

    func contains(_ pair: AddressPair) -> Bool { pairs.contains(pair) }
}
