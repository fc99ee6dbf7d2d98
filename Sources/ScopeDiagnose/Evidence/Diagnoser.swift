import ScopeConfig
import ScopeDissect
import ScopeModel
import ScopeSAD
import ScopeWire

/// Gathers what happened between each two peers, and judges it whenever it is asked.
///
/// Memory is bounded, in bytes: of a pair's attempts the latest are kept, and older ones live on in the findings that they
/// gave; of very many pairs those that were silent longest are judged before the end, and a row and findings remain.
public final class Diagnoser {
    var pairs: LeastUsedTable<Ends, PairCase>
    var homes: Homes
    var capture = CaptureFacts()
    var verdicts = Verdicts()
    /// How many pairs were seen.
    var made = 0
    private var shared = SharedFacts()
    private var ledgers = SALedgers(bounds: .ofDiagnosis, packets: false)
    /// The report at the end, once no more events come.
    var last: Report?

    let configs: [IOSConfig]

    /// - Parameter configs: running configurations of any of the peers, in any order.
    public init(limits: Limits = Limits(), configs: [IOSConfig] = []) {
        pairs = LeastUsedTable(limit: limits.ipsecAccounts, bytes: limits.diagnosisBytes)
        homes = Homes(limit: limits.ipsecAccounts)
        self.configs = configs
    }

    /// What is settled of pairs that were judged.
    struct Verdicts {
        var conclusions = Conclusions()
        /// What was offered in their attempts.
        var offers = KnownOffers()
        var halfOpen = HalfOpenAttempts()
        var bounds = Bounds()
    }

    /// Of more pairs, notes are not told one by one.
    static let crowd = 20
    /// What the attempts of one pair may hold.
    private static let mostBytesOfPair = 4 << 20

    /// Takes in one event of the tracker.
    public func take(_ event: Event) {
        capture.note(event)
        switch event.kind {
        case .ikeMessage(let message), .ikeFragment(let message): take(message, event)
        case .esp(let packet):
            traffic(
                event, packet.repetition, packet.enclosure, from: packet.source, to: packet.destination
            ) { pair, isFromInitiator in
                pair.path.noteESP(fromInitiator: isFromInitiator, packet.carrier, event)
                if isFromInitiator {
                    pair.sizes.initiator.note(packet, event)
                    pair.sizes.responder.noteAnswer(packet.length)
                } else {
                    pair.sizes.responder.note(packet, event)
                    pair.sizes.initiator.noteAnswer(packet.length)
                }
            } carrier: {
                packet.carrier
            }
            if packet.fragments > 0 { fragmented(event, packet.source.address, packet.destination.address) }
        case .ah(let packet):
            traffic(
                event, packet.repetition, packet.enclosure, from: packet.source, to: packet.destination
            ) {
                _, _ in
            } carrier: {
                .ip
            }
        case .ikeKeys(let sa, let status):
            attempt(sa, event) { attempt, _ in attempt.take(status) }
        case .ipsecSAs(let pair):
            attempt(pair.ikeSA, event) { attempt, _ in attempt.take(pair, settledIn: event.frame) }
            ledgers.fold(pair, at: event) { note($0, of: pair.ikeSA) }
        case .ipsecAccount(let account): take(account)
        case .icmpError(let notice):
            // The quoted packet is the peers' own, on this side of any NAT.
            pairs[Ends(notice.quotedSource.address, notice.quotedDestination.address)]?
                .take(notice, frame: event.frame, at: event.time)
        case .reassembly(let notice) where notice.isOfCapture: break
        case .reassembly(.incomplete(let frames, let missing)):
            guard let source = event.scope.source, let destination = event.scope.destination else { return }
            known(source, destination)?.take(incomplete: frames, missing: missing, of: event.scope.ikeSA)
        case .natKeepalive(let source, let destination):
            let (from, to) = homes.canonical(source.address, destination.address)
            guard let pair = pairs[Ends(from, to)] else { return }
            let isFromInitiator = from == pair.initiator
            pair.path[isFromInitiator].keepalives += 1
            pair.path[isFromInitiator].last = event.time
            let ports =
                isFromInitiator ? PortPair(source.port, destination.port) : PortPair(destination.port, source.port)
            pair.lanes.noteKeepalive(ports, isFromInitiator: isFromInitiator, at: event.time)
        case .malformed(let packet) where packet.layer == .esp || packet.layer == .ah:
            guard let source = event.scope.source, let destination = event.scope.destination else { return }
            note(event, from: Endpoint(source), to: Endpoint(destination), .ip, isESP: false) { pair, _ in
                pair.noteMalformed("\(packet.error)", frame: event.frame)
            }
        case .clearTraffic(let traffic): known(traffic.sender, traffic.receiver)?.take(traffic)
        case .cut(let packet): take(packet, event)
        case .evicted(let table, let count): verdicts.bounds.note(evicted: count, of: table)
        case .malformed, .reassembly, .captureLoss, .comment, .unusedKey: break
        }
    }

    // MARK: Pairs

    /// The pair of these two, which are under the addresses that they had first.
    private func pair(_ initiator: IPAddress, _ responder: IPAddress, at time: Instant) -> PairCase {
        let ends = Ends(initiator, responder)
        if let pair = pairs.use(ends) { return pair }
        made += 1
        let pair = PairCase(
            initiator, responder, at: time, number: made, isContinued: verdicts.conclusions.contains(ends),
            judgedSA: verdicts.conclusions.lastSA(of: ends))
        for gone in pairs.insert(pair, for: ends, cost: pair.heldBytes) { concludeEarly(gone.value) }
        return pair
    }

    /// Counts anew what the pair holds; others may have to go for it.
    private func price(_ pair: PairCase) {
        for gone in pairs.price(Ends(pair.initiator, pair.responder), at: pair.heldBytes) { concludeEarly(gone.value) }
    }

    func note(
        _ event: Event, from sender: Endpoint, to receiver: Endpoint, _ carrier: Carrier, isESP: Bool,
        _ change: (PairCase, IPAddress) -> Void = { _, _ in }
    ) {
        let (source, destination) = homes.canonical(sender.address, receiver.address)
        let pair = pair(source, destination, at: event.time)
        pair.last = max(pair.last, event.time)
        let isFromInitiator = source == pair.initiator
        if isFromInitiator { pair.fromInitiator += 1 } else { pair.fromResponder += 1 }
        pair.path.note(fromInitiator: isFromInitiator, carrier, event)
        if carrier != .ip, carrier != .tcp {
            let ports = isFromInitiator ? PortPair(sender.port, receiver.port) : PortPair(receiver.port, sender.port)
            pair.lanes.note(ports, isFromInitiator: isFromInitiator, isESP: isESP, event)
        }
        change(pair, source)
        if let frame = event.origin, pair.cutFrames.count < 16,
            frame.capturedLength < frame.originalLength || event.kind.isCut
        {
            pair.cutFrames.append(frame.number)
        }
    }

    /// A packet on the wire; what is inside another SA is that SA's business.
    private func traffic(
        _ event: Event, _ repetition: IKEMessage.Repetition, _ enclosure: Enclosure, from source: Endpoint,
        to destination: Endpoint, _ change: (PairCase, Bool) -> Void, carrier: () -> Carrier
    ) {
        guard enclosure.depth == 0 else { return }
        if case .sighting = repetition { return }
        note(event, from: source, to: destination, carrier(), isESP: true) { pair, from in
            if case .reflection = repetition { pair.noteReflection(by: from, frame: event.frame) }
            change(pair, from == pair.initiator)
            pair.noteTraffic(from: from)
        }
    }

    private func take(_ account: IPsecAccount) {
        var account = account
        (account.source, account.destination) = homes.canonical(account.source, account.destination)
        let ends = Ends(account.source, account.destination)
        if pairs[ends] == nil, verdicts.conclusions.contains(ends) {
            // Judged without it.
            return verdicts.conclusions.count(account.packets, from: account.source, of: ends)
        }
        pair(account.source, account.destination, at: account.firstTime).take(account)
    }

    // MARK: IKE

    private func attempt(_ sa: IKESA, _ event: Event, _ change: (Attempt, inout SharedFacts) -> Void) {
        let home = homes.home(of: sa)
        let pair = pair(home.initiator, home.responder, at: event.time)
        let identity = sa.identity
        guard let index = pair.index(of: identity) ?? join(sa, home, pair, at: event) ?? begin(sa, home, pair, event)
        else { return }
        let before = pair.attempts[index].heldBytes
        pair.attempts[index].take(sa, frame: event.frame)
        pair.attempts[index].last = event.time
        change(pair.attempts[index], &shared)
        pair.attemptBytes += pair.attempts[index].heldBytes - before
        while pair.attemptBytes > Self.mostBytesOfPair, pair.attempts.count > 1 { retire(pair) }
        price(pair)
    }

    private func begin(_ sa: IKESA, _ home: Homes.Home, _ pair: PairCase, _ event: Event) -> Int? {
        if pair.attempts.isEmpty, pair.olderAttempts == 0 {
            (pair.initiator, pair.responder) = (home.initiator, home.responder)
        }
        if pair.attempts.count >= PairCase.mostAttempts { retire(pair) }
        let attempt = Attempt(sa, home.initiator, home.responder, at: event.time, frame: event.frame)
        pair.attemptBytes += attempt.heldBytes
        if sa.identity == pair.judgedSA { pair.goesOn = true }
        pair.attempts.append(attempt)
        return pair.attempts.count - 1
    }

    /// The attempt whose IKE SA this one takes the place of: as the message says that made it, or, where no key opens that,
    /// as it looks.
    private func join(_ sa: IKESA, _ home: Homes.Home, _ pair: PairCase, at event: Event) -> Int? {
        guard sa.version == .v2 else { return nil }
        let index =
            sa.replaces.flatMap { id in
                pair.attempts.lastIndex { attempt in attempt.parts.contains { $0.id == id } }
            } ?? (Self.isFirst(event) ? nil : pair.successorExpected(at: event.time))
        guard let index else { return nil }
        pair.attempts[index].add(sa, initiator: home.initiator)
        return index
    }

    /// It begins a negotiation of its own.
    private static func isFirst(_ event: Event) -> Bool {
        switch event.kind {
        case .ikeMessage(let message), .ikeFragment(let message):
            message.step.isFirst || message.step.isOfSetUp || message.message.header.exchange == .ikeSessionResume
        default: true
        }
    }

    /// The oldest attempt is judged now, and its messages go.
    private func retire(_ pair: PairCase) {
        prepare(pair)
        let oldest = pair.attempts[0]
        let judgement = AttemptJudgement(oldest, in: pair)
        pair.attempts.removeFirst()
        pair.attemptBytes -= oldest.heldBytes
        pair.olderAttempts += 1
        pair.judged.add(judgement.findings)
    }

    private func take(_ message: IKEMessage, _ event: Event) {
        if case .sighting = message.repetition {
            capture.sighting(event)
            if let sa = message.sa {
                let isFromInitiator = message.sender == .initiator
                let (source, destination) = (message.source.address, message.destination.address)
                homes.note(
                    sa, initiator: isFromInitiator ? source : destination,
                    responder: isFromInitiator ? destination : source)
            }
            return
        }
        if case .reflection = message.repetition {
            // Who sends it back says nothing of its own.
            note(event, from: message.source, to: message.destination, message.carrier, isESP: false) { pair, from in
                pair.noteReflection(by: from, frame: event.frame)
            }
            return
        }
        if let sa = message.sa { _ = homes.home(of: sa) }
        let (source, destination) = ends(of: message)
        let (from, to) = (
            Endpoint(source, port: message.source.port), Endpoint(destination, port: message.destination.port)
        )
        note(event, from: from, to: to, message.carrier, isESP: false) { pair, _ in
            guard message.sa == nil else { return }
            pair.strays += 1
            pair.take(stray: StrayNotice.all(message, event, from: source, to: destination))
        }
        guard let sa = message.sa else { return }
        capture.note(message, event)
        attempt(sa, event) {
            $0.take(message, event, &$1)
            $1.share($0)
        }
        // What took its place belongs to it from now on, whatever is told of it first.
        if let successor = message.v2?.successor {
            homes.inherit(successor, from: sa)
            attempt(successor, event) { _, _ in }
        }
        ledgers.fold(message, at: event) { note($0, of: sa) }
    }

    /// The peers of a message under the addresses that they had first.
    ///
    /// Who moves with MOBIKE (RFC 4555) asks from the new address before the SA moves: where a key opens that, it is the
    /// same peer.
    private func ends(of message: IKEMessage) -> (source: IPAddress, destination: IPAddress) {
        let addresses = (source: message.source.address, destination: message.destination.address)
        guard let sa = message.sa, sa.version == .v2, case .opened = message.opening else { return addresses }
        let home = homes.home(of: sa)
        return message.sender == .initiator ? (home.initiator, home.responder) : (home.responder, home.initiator)
    }

    /// Takes in what became of an SA; `carrier` is the IKE SA whose message shows it.
    private func note(_ change: SAChange, of carrier: IKESA) {
        let home = homes.home(of: carrier)
        pairs[Ends(home.initiator, home.responder)]?.take(change, carrier: carrier.identity)
    }
}
