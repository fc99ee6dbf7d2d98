import ScopeModel
import ScopeWire

/// What the evidence amounts to: before a pair has to go, whenever a report is asked for, and at the end.
extension Diagnoser {
    func prepare(_ pair: PairCase) {
        pair.devices = Devices(configs, pair.initiator, pair.responder)
        pair.captureEnd = max(pair.last, capture.lastTime ?? pair.last)
        pair.hasClock = !capture.clock.isMissing
        pair.hasCutUDP = capture.cutUDP.mayBe(of: pair.ends)
        pair.noteTraffic()
        pair.noteCuts()
    }

    /// Judges a pair that has to go.
    func concludeEarly(_ pair: PairCase) {
        verdicts.bounds.early += 1
        conclude(pair, in: &verdicts)
        for attempt in pair.attempts { verdicts.offers.note(attempt) }
    }

    /// - Parameter offers: what is known of all peers, where all pairs are judged.
    private func conclude(_ pair: PairCase, knowing offers: KnownOffers? = nil, in verdicts: inout Verdicts) {
        prepare(pair)
        pair.offers = offers
        defer { pair.offers = nil }
        verdicts.halfOpen.note(pair)
        verdicts.bounds.note(pair)
        let peers = pair.apart()
        if peers.count > 1 { PeersBehindOneAddress.note(peers) }
        let shared = peers.count > 1 ? Rules.acrossPeers.flatMap { $0.findings(peers) } : []
        for (number, peer) in peers.enumerated() {
            // Told with the peer that it concerns.
            let own = shared.filter { finding in
                peer.attempts.contains { $0.sa.id == finding.ikeSA } || finding.ikeSA == nil && number == 0
            }
            conclude(peer, number: UInt8(clamping: number), own, in: &verdicts)
        }
        for peer in peers { peer.displacedBy = nil }
    }

    private func conclude(_ pair: PairCase, number: UInt8, _ shared: [Finding], in verdicts: inout Verdicts) {
        var list = pair.judged
        list.add(shared)
        for attempt in pair.attempts { list.add(AttemptJudgement(attempt, in: pair).findings) }
        for rule in Rules.pair { list.add(rule.findings(pair)) }
        list.tellLeftOut()
        list.settle(pair)
        list.weigh(pair, losses: capture.losses)
        if !pair.hasClock { list.leaveOutTimes() }
        let findings = list.sorted
        var ends = pair.ends
        ends.peer = number
        verdicts.conclusions.add(
            PairSummary(pair, findings).overview, findings, of: ends,
            number: pair.number, sa: (pair.attempts.last?.sa.identity, pair.goesOn), isCrowd: made > Self.crowd)
    }

    /// Who began first comes first.
    private var inOrder: [PairCase] { pairs.entries.map(\.value).sorted { $0.number < $1.number } }

    /// What was found up to now; what comes later is judged as if nobody had asked.
    ///
    /// - Parameter standing: how the IPsec SAs stand, in the events that the end would tell.
    public func report(standing: [Event] = []) -> Report {
        if let last { return last }
        // A copy: what is settled here is settled for this report alone.
        var verdicts = verdicts
        var all = inOrder
        let before = all.map(\.ending)
        let known = all.count
        for event in standing { lend(event, to: &all, &verdicts) }
        defer { for (pair, ending) in zip(all.prefix(known), before) { pair.ending = ending } }
        return judge(all, in: &verdicts, lettingGo: false)
    }

    /// Has the pairs know for a while what the end would tell; one that only this shows is added behind `all`.
    private func lend(_ event: Event, to all: inout [PairCase], _ verdicts: inout Verdicts) {
        switch event.kind {
        case .ipsecAccount(var account):
            (account.source, account.destination) = homes.peek(account.source, account.destination)
            let ends = Ends(account.source, account.destination)
            if let pair = pairs[ends] ?? all.last(where: { $0.ends == ends }) { return pair.take(account) }
            if verdicts.conclusions.contains(ends) {
                return verdicts.conclusions.count(account.packets, from: account.source, of: ends)
            }
            let pair = PairCase(
                account.source, account.destination, at: account.firstTime, number: all.count + made + 1,
                isContinued: false, judgedSA: nil)
            pair.take(account)
            all.append(pair)
        case .clearTraffic(let traffic):
            let (from, to) = homes.peek(traffic.sender, traffic.receiver)
            pairs[Ends(from, to)]?.take(traffic)
        default: break
        }
    }

    /// No more events come: the last report, which lets go of what only making it needed.
    public func finish() -> Report {
        if let last { return last }
        let all = inOrder
        pairs = LeastUsedTable(limit: 1)
        let report = judge(all, in: &verdicts, lettingGo: true)
        verdicts = Verdicts()
        last = report
        return report
    }

    private func judge(_ all: [PairCase], in verdicts: inout Verdicts, lettingGo: Bool) -> Report {
        for pair in all { for attempt in pair.attempts { verdicts.offers.note(attempt) } }
        let across = Rules.acrossPairs.flatMap { $0.findings(all) }
        let offers = verdicts.offers
        for pair in all {
            conclude(pair, knowing: offers, in: &verdicts)
            if lettingGo { pair.letGo() }
        }
        verdicts.bounds.withoutRow = verdicts.conclusions.withoutRow
        let whole = CaptureCase(facts: capture, halfOpen: verdicts.halfOpen, bounds: verdicts.bounds)
        func findings(_ rules: [any Rule<CaptureCase>]) -> [Finding] { rules.flatMap { $0.findings(whole) } }
        let told = verdicts.conclusions.all(findings(Rules.merged))
        return Report(
            peers: told.overview,
            findings: findings(Rules.capture) + told.findings + across + told.merged + findings(Rules.last))
    }
}
