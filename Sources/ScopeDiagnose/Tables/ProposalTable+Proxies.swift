import ScopeConfig
import ScopeDissect
import ScopeModel
import ScopeWire

/// The networks that a Quick Mode asks for, beside those that the other side asks for or has an access list for; each
/// column is what lies behind one of the two, whoever speaks.
extension ProposalTable {
    private static func columns(_ own: IPAddress, _ other: IPAddress) -> [Column] {
        [Column(.network(own)), Column(.network(other)), Column(.service)]
    }

    static func proxies(_ attempt: Attempt, _ mode: Attempt.Mode, _ pair: PairCase, frame: Int) -> ProposalTable {
        let (own, other) = (attempt.address(mode.initiatedBy), attempt.address(mode.initiatedBy.other))
        var rows: [Row] = []
        for elsewhere in pair.attempts {
            for known in elsewhere.quickModes
            where (elsewhere.sa.identity != attempt.sa.identity || known.messageID != mode.messageID)
                && known.offers != nil
            {
                let isOwn = elsewhere.address(known.initiatedBy) == other
                // What it was asked for counts where it answered.
                guard isOwn || known.answers != nil else { continue }
                let frame = elsewhere.messages.first { $0.messageID == known.messageID }?.firstFrame
                let sides = [known.initiatorProxy, known.responderProxy]
                let values: [Value?] =
                    isOwn
                    ? [network(sides[1], own), network(sides[0], other)]
                    : [network(sides[0], own), network(sides[1], other)]
                let row = Row(
                    isOwn ? "asks for itself" : "took elsewhere", isOwn ? .ownOffer : .choice, frame: frame,
                    values + [service(sides)])
                if !rows.contains(where: { $0.label == row.label && $0.cells == row.cells }) { rows.append(row) }
            }
        }
        return proxies(mode, own, other, frame: frame, known: rows)
    }

    /// The entries of the access list that is looked at.
    static func proxies(
        _ mode: Attempt.Mode, _ request: Phase2Request, _ list: AccessList, frame: Int
    ) -> ProposalTable {
        let rows = list.entries.filter(\.permits).map { entry in
            Row(
                "access list \(list.name)", .configuration, frame: nil,
                [
                    network(entry.destination), network(entry.source),
                    entry.protocolID == 0 ? nil : .service(protocolID: entry.protocolID, port: 0),
                ])
        }
        return proxies(mode, request.peer, request.local, frame: frame, known: rows)
    }

    private static func proxies(
        _ mode: Attempt.Mode, _ own: IPAddress, _ other: IPAddress, frame: Int, known: [Row]
    ) -> ProposalTable {
        let sides = [mode.initiatorProxy, mode.responderProxy]
        let asked = Row(
            "asks for", .offer, frame: frame, [network(sides[0], own), network(sides[1], other), service(sides)])
        return ProposalTable(
            phase: 2, by: own, to: other, columns: columns(own, other), offered: [asked], known: known)
    }

    private static func network(_ proxy: IdentificationPayload?, _ peer: IPAddress) -> Value {
        .network(Network(proxy, of: peer))
    }

    /// As proxy identities are written.
    private static func network(_ match: AddressMatch) -> Value {
        let form: Network.Form =
            switch match {
            case .any: .identity(.subnet(IPAddress(v4: 0), mask: IPAddress(v4: 0)))
            case .wildcard(let address, 0): .identity(.address(IPAddress(v4: address)))
            case .wildcard(let address, let wildcard):
                .identity(.subnet(IPAddress(v4: address), mask: IPAddress(v4: ~wildcard)))
            case .prefix(let prefix): .prefix(prefix)
            case .group(let name): .group(name)
            }
        return .network(Network(form))
    }

    /// Protocol and ports, where the selectors have any.
    private static func service(_ sides: [IdentificationPayload?]) -> Value? {
        let named = sides.compactMap { $0 }.first { $0.protocolID != 0 }
        return named.map { .service(protocolID: $0.protocolID, port: $0.port) }
    }
}
