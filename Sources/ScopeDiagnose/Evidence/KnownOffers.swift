import ScopeDissect
import ScopeModel
import ScopeWire

/// What phase 1 transforms each peer is known to have: those that it offers itself, and those that it took from others.
struct KnownOffers {
    struct Known {
        /// The number of its transform.
        var transform: UInt8
        var suite: IKESuite
        var version: IKEVersion
        var source: ProposalTable.Source
        var frame: Int
        /// The IKE SA in which it was seen.
        var ikeSA: IKESAIdentity
    }

    private var byAddress: [IPAddress: [Known]] = [:]
    /// Transforms of one peer; a gateway of thousands has a handful.
    private static let most = 16

    /// Peers whose offers are known; those that are seen first, among them every gateway that many call.
    private static let mostPeers = 32_768

    init() {}

    init(_ attempts: [Attempt]) { for attempt in attempts { note(attempt) } }

    mutating func note(_ attempt: Attempt) {
        for offer in (attempt.offers ?? []).prefix(Self.most) {
            guard let suite = offer.ike else { continue }
            add(
                Known(
                    transform: offer.transform, suite: suite, version: attempt.sa.version, source: .ownOffer,
                    frame: attempt.firstFrame,
                    ikeSA: attempt.sa.identity),
                to: attempt.initiator)
        }
        if let suite = attempt.sa.suite {
            let answer = attempt.firstAnswer
            add(
                Known(
                    transform: 0, suite: suite, version: attempt.sa.version, source: .choice,
                    frame: answer?.firstFrame ?? attempt.firstFrame,
                    ikeSA: attempt.sa.identity),
                to: attempt.responder)
        }
    }

    private mutating func add(_ known: Known, to address: IPAddress) {
        guard byAddress[address] != nil || byAddress.count < Self.mostPeers else { return }
        var list = byAddress[address] ?? []
        guard list.count < Self.most, !list.contains(where: { $0.isLike(known) }) else { return }
        list.append(known)
        byAddress[address] = list
    }

    /// Of the peer at `address`, but for what it said in that very IKE SA: its own offers first.
    func of(_ address: IPAddress, _ version: IKEVersion, except ikeSA: IKESAIdentity) -> [Known] {
        let all = (byAddress[address] ?? []).filter { $0.ikeSA != ikeSA && $0.version == version }
        return all.filter { $0.source == .ownOffer } + all.filter { $0.source != .ownOffer }
    }
}

extension KnownOffers.Known {
    /// The same but for the lifetime, from the same kind of message.
    fileprivate func isLike(_ other: Self) -> Bool {
        source == other.source && version == other.version && suite.differences(from: other.suite).isEmpty
    }
}
