import ScopeModel
import ScopeWire

/// What is told of SAs at the end, and what is watched for it.
extension IPsecTracker {
    func finish(at time: Instant) {
        guard !isFinished else { return }
        standing { emitter.emit($0, at: time, from: nil, .frame, $1) }
        isFinished = true
    }

    /// Tells what `finish` would, if it came now; nothing once it came.
    func standing(_ tell: (Event.Kind, Scope) -> Void) {
        guard !isFinished else { return }
        for traffic in clear?.found ?? [] {
            tell(
                .clearTraffic(traffic),
                Scope(source: traffic.sender, destination: traffic.receiver, ikeSA: traffic.ikeSA))
        }
        for place in accounts.all {
            let account = accounts.slots[place].account
            tell(
                .ipsecAccount(accounts.slots[place].concluded),
                Scope(source: account.source, destination: account.destination, ikeSA: account.ikeSA))
        }
    }

    func watch(_ child: ChildSA, _ clear: ClearWatch) {
        let began = child.negotiation.initiatedBy
        let first = child.ikeSA.endpoint(of: began).address
        let second = child.ikeSA.endpoint(of: began.other).address
        for spi in [child.spiToInitiator, child.spiToResponder] {
            guard let selectors = DirectedTraffic(child, spi: spi) else { continue }
            let isToFirst = spi == child.spiToInitiator
            clear.add(
                selectors, sender: isToFirst ? second : first, receiver: isToFirst ? first : second, spi: spi,
                ikeSA: child.ikeSA.id)
        }
    }
}
