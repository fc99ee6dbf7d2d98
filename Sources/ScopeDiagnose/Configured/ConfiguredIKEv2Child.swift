import ScopeConfig
import ScopeDissect
import ScopeModel
import ScopeWire

/// A child is refused, and the configuration of who refuses tells for which reason.
struct ConfiguredIKEv2Child: ConfiguredRule {
    let ids: Set<FindingID> = [.v2ChildNoProposal, .tsUnacceptable, .pfsMismatch]

    func refine(_ finding: Finding, _ attempt: Attempt, _ devices: Devices) -> Finding {
        guard attempt.sa.version == .v2,
            let first = attempt.messages.first(where: { finding.frames.contains($0.firstFrame) && !$0.step.isAnswer }),
            let config = devices[attempt.address(first.sender.other)]
        else { return finding }
        let (own, other) = (attempt.address(first.sender), attempt.address(first.sender.other))
        let mode = attempt.quickModes.first { $0.exchange == first.exchange }
        if let mode, let request = Self.request(attempt, mode, first) {
            let check = config.checkPhase2(request)
            var refined = ConfiguredPhase2.judge(finding, check, request, config)
            if refined.id == .tsUnacceptable { ConfiguredPhase2.mirror(&refined, own, other, devices) }
            if let entry = check.forPeer.first, check.accepted == nil {
                refined.proposals = Self.table(entry, attempt, mode, config, frame: first.firstFrame)
            }
            return refined
        }
        guard !first.isOpened, let caller = devices[own] else { return finding }
        return ConfiguredPhase2.guess(
            finding,
            caller.requests(from: own, to: other).map { request in
                var request = request
                (request.version, request.isOfSetUp) = (.v2, first.isAuthentication)
                return request
            }, config)
    }

    /// The transform sets of the entry beside what was proposed, where they are what it is about.
    private static func table(
        _ entry: Phase2Check.Entry, _ attempt: Attempt, _ mode: Attempt.Mode, _ config: IOSConfig, frame: Int
    ) -> ProposalTable? {
        for obstacle in entry.obstacles {
            guard case .transforms(let differences) = obstacle else { continue }
            let sets = differences.compactMap { difference in
                config.transformSet(difference.set) ?? TransformSet.defaults.first { $0.name == difference.set }
                    ?? config.ipsecProposals.first { $0.name == difference.set }?.transformSets.first
            }
            return ProposalTable.child(attempt, mode, sets: sets, frame: frame)
        }
        return nil
    }

    private static func request(_ attempt: Attempt, _ mode: Attempt.Mode, _ first: Attempt.Message) -> Phase2Request? {
        guard first.isOpened, let proposals = mode.proposals, let traffic = mode.asked,
            let mine = traffic.initiator.first.flatMap(identity), let theirs = traffic.responder.first.flatMap(identity)
        else { return nil }
        let (own, other) = (attempt.address(first.sender), attempt.address(first.sender.other))
        let selectors = (traffic.initiator[0], traffic.responder[0])
        var request = Phase2Request(
            local: other, peer: own,
            offers: proposals.flatMap { Offer.choices(number: $0.number, $0.protocolID, $0.algorithms) },
            flow: ProxyFlow(
                local: theirs, remote: mine, protocolID: selectors.0.protocolID, localPort: port(selectors.1),
                remotePort: port(selectors.0)),
            pfs: first.hasKE ? first.group ?? proposals.lazy.flatMap(\.algorithms.groups).compactMap { $0 }.first : nil,
            identity: attempt.identity(of: first.sender))
        (request.version, request.isOfSetUp) = (.v2, first.isAuthentication)
        return request
    }

    /// A selector as a network, which access lists name; nil of what no network is.
    private static func identity(_ selector: TrafficSelector) -> Identity? {
        guard let (low, high) = selector.range else { return nil }
        if low == high { return .address(low) }
        guard let length = SelectorText.prefix(low, high) else { return .range(low, high) }
        let ones = low.isV6 ? IPAddress(v6high: .max, low: .max) : IPAddress(v4: .max)
        return IPPrefix(ones, length: length).map { .subnet(low, mask: $0.address) }
    }

    private static func port(_ selector: TrafficSelector) -> UInt16 {
        selector.ports.lowerBound == selector.ports.upperBound ? selector.ports.lowerBound : 0
    }
}
