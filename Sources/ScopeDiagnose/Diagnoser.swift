import ScopeConfig
import ScopeDissect
import ScopeModel
import ScopeWire

/// Gathers what happened between each two peers, and judges it at the end.
///
/// Memory is bounded: of a pair's attempts the latest are kept whole, and older ones live on in the findings that they
/// gave.
public final class Diagnoser {
    private var pairs: [Ends: PairCase] = [:]
    private var order: [Ends] = []
    private var judged: [Ends: FindingList] = [:]
    private var capture = CaptureCase()
    /// Where each IKE SA was seen first; at the other side of a NAT its peers have other addresses.
    private var homes: [Int: Home] = [:]
    private var aliases: [Ends: Home] = [:]
    private let limit: Int

    private var reuse = ReuseMemory()
    private var shared = SharedFacts()

    private let configs: [IOSConfig]
    private let candidates: String?

    /// - Parameters:
    ///   - configs: running configurations of any of the peers, in any order.
    ///   - candidates: the name of the list of candidates for pre-shared keys, as keys found in it are named by it.
    public init(limits: Limits = Limits(), configs: [IOSConfig] = [], candidates: String? = nil) {
        limit = limits.ipsecAccounts
        self.configs = configs
        self.candidates = candidates
    }

    /// Of more pairs, notes are not told one by one.
    private static let crowd = 20

    struct Ends: Hashable {
        let low: IPAddress
        let high: IPAddress

        init(_ a: IPAddress, _ b: IPAddress) {
            let isOrdered = (a.high, a.low) <= (b.high, b.low)
            low = isOrdered ? a : b
            high = isOrdered ? b : a
        }
    }

    /// The two peers under the addresses that they had first, and, for an alias, who has the other one of its two.
    private struct Home {
        var initiator: IPAddress
        var responder: IPAddress
        var aliasOfInitiator: IPAddress?

        var ends: Ends { Ends(initiator, responder) }

        /// The first address of whoever has `address` now.
        func first(_ address: IPAddress) -> IPAddress { address == aliasOfInitiator ? initiator : responder }
    }

    /// The pair that an IKE SA belongs to; notes under which addresses its peers are seen now.
    private func home(of sa: IKESA) -> Home {
        let (initiator, responder) = (sa.initiator.address, sa.responder.address)
        guard let home = homes[sa.id] else {
            if homes.count >= limit { homes = [:] }
            let home = Home(initiator: initiator, responder: responder)
            homes[sa.id] = home
            return home
        }
        if home.initiator != initiator || home.responder != responder { alias(home, initiator, responder) }
        return home
    }

    private func alias(_ home: Home, _ initiator: IPAddress, _ responder: IPAddress) {
        if aliases.count >= limit { aliases = [:] }
        var other = home
        other.aliasOfInitiator = initiator
        aliases[Ends(initiator, responder)] = other
    }

    /// Source and destination under the addresses that the peers had first.
    private func canonical(_ source: IPAddress, _ destination: IPAddress) -> (IPAddress, IPAddress) {
        guard let home = aliases[Ends(source, destination)] else { return (source, destination) }
        return (home.first(source), home.first(destination))
    }

    /// Takes in one event of the tracker.
    public func take(_ event: Event) {
        capture.note(event)
        switch event.kind {
        case .ikeMessage(let message), .ikeFragment(let message): take(message, event)
        case .esp(let packet):
            traffic(event, packet.repetition, packet.enclosure, packet.source.address, packet.destination.address) {
                $0.noteESP(fromInitiator: $1, packet.carrier, event)
            } carrier: {
                packet.carrier
            }
            if packet.fragments > 0 { fragmented(event, packet.source.address, packet.destination.address) }
        case .ah(let packet):
            traffic(event, packet.repetition, packet.enclosure, packet.source.address, packet.destination.address) {
                _, _ in
            } carrier: {
                .ip
            }
        case .ikeKeys(let sa, let status): attempt(sa, event) { $0.keys = status }
        case .ipsecSAs(let pair):
            attempt(pair.ikeSA, event) { if $0.pairs.count < 64 { $0.pairs.append(pair) } }
        case .ipsecAccount(let account):
            var account = account
            (account.source, account.destination) = canonical(account.source, account.destination)
            let ends = Ends(account.source, account.destination)
            if pairs[ends] == nil { add(PairCase(account.source, account.destination, at: account.firstTime), ends) }
            pairs[ends]?.accounts.append(account)
        case .icmpError(let notice):
            let ends = Ends(notice.quotedSource.address, notice.quotedDestination.address)
            guard pairs[ends] != nil else { return }
            pairs[ends]?.errorCount += 1
            if pairs[ends]?.errors.count ?? 0 < PairCase.mostErrors {
                pairs[ends]?.errors.append((notice, event.frame, event.time))
            }
        case .reassembly(.incomplete(let frames, let missing)):
            guard let source = event.scope.source, let destination = event.scope.destination else { return }
            let (from, to) = canonical(source, destination)
            let ends = Ends(from, to)
            guard let pair = pairs[ends], pair.incompleteIKE.count + pair.incompleteIP.count < 64 else { return }
            if event.scope.ikeSA != nil {
                pairs[ends]?.incompleteIKE.append((frames, missing))
            } else {
                pairs[ends]?.incompleteIP.append((frames, missing))
            }
        case .natKeepalive(let source, let destination):
            let (from, to) = canonical(source.address, destination.address)
            guard let pair = pairs[Ends(from, to)] else { return }
            let isFromInitiator = from == pair.initiator
            pairs[Ends(from, to)]?.path[isFromInitiator].keepalives += 1
            pairs[Ends(from, to)]?.path[isFromInitiator].last = event.time
        case .clearTraffic(let traffic):
            let (from, to) = canonical(traffic.sender, traffic.receiver)
            guard pairs[Ends(from, to)]?.clear.count ?? 16 < 16 else { return }
            pairs[Ends(from, to)]?.clear.append(traffic)
        case .malformed, .reassembly, .captureLoss, .comment, .evicted, .unusedKey: break
        }
    }

    private func add(_ pair: PairCase, _ ends: Ends) {
        if pairs.count >= limit, let oldest = order.first {
            order.removeFirst()
            pairs[oldest] = nil
            judged[oldest] = nil
        }
        pairs[ends] = pair
        order.append(ends)
    }

    private func note(
        _ event: Event, from source: IPAddress, to destination: IPAddress, _ carrier: Carrier,
        _ change: (inout PairCase, IPAddress) -> Void = { _, _ in }
    ) {
        let (source, destination) = canonical(source, destination)
        let ends = Ends(source, destination)
        if pairs[ends] == nil { add(PairCase(source, destination, at: event.time), ends) }
        guard var pair = pairs.removeValue(forKey: ends) else { return }
        pair.last = max(pair.last, event.time)
        if source == pair.initiator { pair.fromInitiator += 1 } else { pair.fromResponder += 1 }
        pair.path.note(fromInitiator: source == pair.initiator, carrier, event)
        change(&pair, source)
        if let frame = event.origin, frame.capturedLength < frame.originalLength, pair.cutFrames.count < 16 {
            pair.cutFrames.append(frame.number)
        }
        pairs[ends] = pair
    }

    /// A packet on the wire; what is inside another SA is that SA's business.
    private func traffic(
        _ event: Event, _ repetition: IKEMessage.Repetition, _ enclosure: Enclosure, _ source: IPAddress,
        _ destination: IPAddress, _ change: (inout PathFacts, Bool) -> Void, carrier: () -> Carrier
    ) {
        guard enclosure.depth == 0 else { return }
        if case .sighting = repetition { return }
        note(event, from: source, to: destination, carrier()) { pair, from in
            change(&pair.path, from == pair.initiator)
            pair.noteTraffic(from: from)
        }
    }

    private func fragmented(_ event: Event, _ source: IPAddress, _ destination: IPAddress) {
        let (from, to) = canonical(source, destination)
        let ends = Ends(from, to)
        pairs[ends]?.fragmented += 1
        if pairs[ends]?.fragmentedFrames.count ?? 16 < 16 { pairs[ends]?.fragmentedFrames.append(event.frame) }
    }

    // MARK: IKE

    private func attempt(_ sa: IKESA, _ event: Event, _ change: (inout Attempt) -> Void) {
        let home = home(of: sa)
        let ends = home.ends
        if pairs[ends] == nil { add(PairCase(home.initiator, home.responder, at: event.time), ends) }
        guard var pair = pairs.removeValue(forKey: ends) else { return }
        defer { pairs[ends] = pair }
        var index = pair.attempts.lastIndex { $0.sa.id == sa.id }
        if index == nil {
            if pair.attempts.isEmpty, pair.olderAttempts == 0 {
                (pair.initiator, pair.responder) = (home.initiator, home.responder)
            }
            if pair.attempts.count >= PairCase.mostAttempts { retire(&pair, ends) }
            pair.attempts.append(Attempt(sa, home.initiator, home.responder, at: event.time, frame: event.frame))
            index = pair.attempts.count - 1
        }
        guard let index else { return }
        pair.attempts[index].sa = sa
        pair.attempts[index].last = event.time
        change(&pair.attempts[index])
    }

    /// The oldest attempt is judged now, and its messages go.
    private func retire(_ pair: inout PairCase, _ ends: Ends) {
        pair.devices = Devices(configs, pair.initiator, pair.responder)
        pair.candidates = candidates
        pair.known = KnownOffers()
        for attempt in pair.attempts { pair.known.note(attempt) }
        let oldest = pair.attempts.removeFirst()
        pair.olderAttempts += 1
        judged[ends, default: FindingList()].add(AttemptJudgement(oldest, in: pair).findings)
    }

    private func take(_ message: IKEMessage, _ event: Event) {
        if case .sighting = message.repetition {
            capture.sighting(event)
            if let sa = message.sa {
                let isFromInitiator = message.sender == .initiator
                let (source, destination) = (message.source.address, message.destination.address)
                let home = home(of: sa)
                let (initiator, responder) = isFromInitiator ? (source, destination) : (destination, source)
                if home.initiator != initiator || home.responder != responder { alias(home, initiator, responder) }
            }
            return
        }
        if let sa = message.sa { _ = home(of: sa) }
        note(event, from: message.source.address, to: message.destination.address, message.carrier) { pair, _ in
            pair.ikev2.note(message, event)
        }
        guard let sa = message.sa, sa.majorVersion == 1 else { return }
        reuse.note(message, event)
        attempt(sa, event) {
            $0.take(message, event)
            shared.share(&$0)
        }
    }

    // MARK: The end

    /// Judges everything: the pairs with the worst findings first.
    public func finish() -> (overview: [PeerOverview], findings: [Finding]) {
        var rows: [(overview: PeerOverview, findings: [Finding], rank: Int)] = []
        // Of very many peers most is the same: it becomes one at once, by how bad the peers are off.
        var shared = [Crowd.Merged](repeating: Crowd.Merged(), count: Finding.Severity.allCases.count + 1)
        let isCrowd = pairs.count > Self.crowd
        var known = KnownOffers()
        for ends in order { for attempt in pairs[ends]?.attempts ?? [] { known.note(attempt) } }
        for ends in order {
            guard var pair = pairs[ends] else { continue }
            pair.devices = Devices(configs, pair.initiator, pair.responder)
            pair.candidates = candidates
            pair.known = known
            var list = judged[ends] ?? FindingList()
            for attempt in pair.attempts { list.add(AttemptJudgement(attempt, in: pair).findings) }
            list.add(PairJudgement(pair, capture).findings)
            list.settle(pair)
            list.weigh(pair, losses: capture.losses)
            let findings = list.sorted
            let overview = PairSummary(pair, findings).overview
            var told: [Finding] = []
            for finding in findings {
                if Crowd.isShared(finding, isCrowd: isCrowd) {
                    shared[overview.severity.map { Int($0.rawValue) + 1 } ?? 0].add(finding)
                } else {
                    told.append(finding)
                }
            }
            rows.append((overview, told, rows.count))
        }
        rows.sort { a, b in
            let (x, y) = (a.overview.severity?.rawValue ?? 0, b.overview.severity?.rawValue ?? 0)
            return x != y ? x > y : a.rank < b.rank
        }
        var merged = Crowd.Merged()
        for group in shared.reversed() { merged.add(group) }
        for finding in reuse.findings { merged.add(finding) }
        let all = order.compactMap { pairs[$0] }
        let across = Rules.capture.flatMap { $0.findings(all) }
        return (
            rows.map(\.overview),
            capture.findings(pairs: all) + rows.flatMap(\.findings) + across + merged.findings
                + capture.facts
        )
    }
}
