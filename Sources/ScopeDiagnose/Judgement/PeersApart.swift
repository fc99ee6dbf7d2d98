import ScopeDissect
import ScopeModel
import ScopeWire

/// Several peers behind one address, each as a pair of its own.
///
/// A NAT gives each another port. Attempts are of one peer unless something shows two: other identities, or another port
/// while the tunnel of the first port goes on.
extension PairCase {
    func apart() -> [PairCase] {
        guard attempts.count > 1, initiator != responder, attempts.count(where: \.isUp) > 1 else { return [self] }
        return apart(sharing: initiator) ?? apart(sharing: responder) ?? [self]
    }

    /// The peers behind `address`; nil where it is one.
    private func apart(sharing address: IPAddress) -> [PairCase]? {
        let known = attempts.map { Behind($0, address) }
        var groups: [[Int]] = []
        for index in attempts.indices where attempts[index].isUp {
            let own = groups.firstIndex { group in group.contains { isSame(known[$0], known[index], address) } }
            if let own { groups[own].append(index) } else { groups.append([index]) }
        }
        guard groups.count > 1 else { return nil }
        // What came to nothing is of the peer that has its port, or of the one that tried next.
        for index in attempts.indices where !attempts[index].isUp {
            let own =
                groups.firstIndex { group in group.contains { !known[$0].ports.isDisjoint(with: known[index].ports) } }
                ?? groups.firstIndex { group in group.contains { $0 > index } } ?? groups.count - 1
            groups[own].append(index)
        }
        var left = accounts
        return groups.enumerated().map { number, group in
            let ports = group.reduce(into: Set<UInt16>()) { $0.formUnion(known[$1].ports) }
            let own = group.sorted().map { attempts[$0] }
            func belongs(_ account: IPsecAccount) -> Bool {
                let isTo = account.destination == address
                if own.contains(where: { attempt in
                    attempt.pairs.contains { $0.spiToInitiator == account.spi || $0.spiToResponder == account.spi }
                }) {
                    return true
                }
                if made(account.spi) != nil { return false }
                let port = isTo ? account.ports.destination : account.ports.source
                return account.ports.isNone ? number == groups.count - 1 : ports.contains(port)
            }
            let accounts = number == groups.count - 1 ? left : left.filter(belongs)
            let taken = Set(accounts.map(\.number))
            left.removeAll { taken.contains($0.number) }
            let port = group.compactMap { known[$0].port }.last ?? 0
            return part(
                own, accounts,
                lanes.all.filter { ports.contains(address == initiator ? $0.ports.source : $0.ports.destination) },
                number: number, at: Endpoint(address, port: port))
        }
    }

    /// What tells the peer of an attempt from others behind its address.
    private struct Behind {
        let attempt: Attempt
        let ports: Set<UInt16>
        /// The last one that IKE came from.
        let port: UInt16?
        let identity: Identity?

        init(_ attempt: Attempt, _ address: IPAddress) {
            self.attempt = attempt
            let sent = attempt.messages.filter { attempt.address($0.sender) == address }
            let received = attempt.messages.filter { attempt.address($0.sender) != address }
            ports = Set(sent.map(\.ports.0) + received.map(\.ports.1))
            port = sent.last?.ports.0
            identity = attempt.identity(of: attempt.initiator == address ? .initiator : .responder)
        }
    }

    private func isSame(_ a: Behind, _ b: Behind, _ address: IPAddress) -> Bool {
        if let mine = a.identity, let theirs = b.identity {
            guard mine == theirs else { return false }
            // Users of one group share its identity, peers do not share an address of their own.
            if case .address = mine { return true }
        }
        guard a.ports.isDisjoint(with: b.ports) else { return true }
        return !goesOn(a, beside: b, address)
    }

    /// Whether ESP still comes from the ports of `a` when `b` is there, and nobody deleted its SAs.
    private func goesOn(_ a: Behind, beside b: Behind, _ address: IPAddress) -> Bool {
        guard !a.attempt.deletions.contains(where: { $0.time < b.attempt.first }) else { return false }
        return lanes.all.contains { lane in
            let (port, last) =
                address == initiator
                ? (lane.ports.source, lane.lastESP.initiator) : (lane.ports.destination, lane.lastESP.responder)
            return a.ports.contains(port) && last.map { $0 > b.attempt.first } ?? false
        }
    }
}
