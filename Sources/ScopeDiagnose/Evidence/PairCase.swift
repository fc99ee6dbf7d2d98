import ScopeDissect
import ScopeModel
import ScopeWire

/// All that happened between two peers, as the rules see it.
final class PairCase {
    /// Who began first.
    var initiator: IPAddress
    var responder: IPAddress
    /// The latest ones; older ones have been judged already.
    var attempts: [Attempt] = []
    /// Of those judged before.
    var olderAttempts = 0
    /// What the end of the capture tells; before it, for as long as a report is made.
    var ending = Ending()
    var accounts: [IPsecAccount] { ending.accounts }
    /// SAs that are counted by their packets alone.
    var moreAccounts: Int { ending.moreAccounts }
    var path = PathFacts()
    /// Packets in the clear that an SA of theirs was made for.
    var clear: [ClearTraffic] { ending.clear }
    var errors: [(notice: ICMPNotice, frame: Int, time: Instant)] = []
    var errorCount = 0
    /// Fragments that never became whole, of IKE messages and of IP packets.
    private(set) var incompleteIKE: [(frames: [Int], missing: String, ikeSA: Int?)] = []
    private(set) var incompleteIP: [(frames: [Int], missing: String)] = []
    /// What the sizes of each side's ESP packets tell.
    var sizes = (initiator: SizeFacts(), responder: SizeFacts())
    /// What went over each pair of UDP ports, where there are several.
    var lanes = Lanes()
    /// Of several peers behind one address, the address and the port that tell this one apart.
    var place: Endpoint?
    /// Another peer behind its address, since whose coming nothing goes back to this one.
    var displacedBy: PairCase?
    /// It gets what is meant for another peer behind its address.
    var takesAnswers = false
    /// Messages and packets that came back byte for byte, and who sent them back.
    private(set) var reflections: (count: Int, frames: [Int], by: IPAddress?) = (0, [], nil)
    /// ESP and AH packets that are none, and what is wrong with the first of them.
    private(set) var malformed: (count: Int, frames: [Int], text: String) = (0, [], "")
    /// ESP packets that came in IP fragments, and the first of their frames.
    var fragmented = 0
    var fragmentedFrames: [Int] = []
    /// Frames that were cut.
    var cutFrames: [Int] = []
    /// IKE messages that were cut inside their header, so that they belong to no negotiation.
    var cutMessages = 0
    /// ESP and AH packets that were cut inside their header, so that they belong to no SA.
    var cutPackets = (sent: 0, received: 0)
    /// UDP packets of the two were cut before their ports: IKE may be among them.
    var hasCutUDP = false
    /// The time stamps of the capture tell the time.
    var hasClock = true
    var first: Instant
    var last: Instant
    /// ESP and AH packets that each side has sent since the other one's last.
    private var unanswered: (initiator: Int, responder: Int) = (0, 0)
    /// Frames seen from either side.
    var fromInitiator = 0
    var fromResponder = 0

    /// IKE messages that belong to no IKE SA.
    var strays = 0
    /// Errors in the clear among them.
    var strayNotices: [StrayNotice] = []
    /// When the last event of the whole capture came that was seen before it is judged.
    var captureEnd: Instant

    /// What configurations say of the two.
    var devices = Devices()
    /// What the two, and others with them, offered and took in phase 1, where it is known by now.
    var offers: KnownOffers?
    var known: KnownOffers { offers ?? KnownOffers(attempts) }

    /// In the order in which pairs are seen first.
    let number: Int
    /// Judged once already, before the end of the capture: this is what came after.
    let isContinued: Bool
    /// The IKE SA that was judged last then, and whether it goes on.
    let judgedSA: IKESAIdentity?
    var goesOn = false
    /// One of very many: who sends one first message and nothing else is told with the others.
    var isInCrowd = false
    /// Of the attempts that were judged before the others.
    var judged = FindingList()
    /// What the attempts hold in memory, in bytes.
    var attemptBytes = 0

    static let mostAttempts = 16
    private static let mostErrors = 16
    private static let mostIncomplete = 64
    private static let mostFrames = 64

    init(
        _ initiator: IPAddress, _ responder: IPAddress, at time: Instant, number: Int, isContinued: Bool,
        judgedSA: IKESAIdentity?
    ) {
        self.judgedSA = judgedSA
        self.number = number
        self.isContinued = isContinued
        self.initiator = initiator
        self.responder = responder
        first = time
        last = time
        captureEnd = time
    }

    /// The frame of the negotiation that the other side had begun, and not completed, when this one began.
    func crossed(by attempt: Attempt) -> Int? {
        if let crossing = attempt.sa.crosses { return crossing.frame }
        guard attempt.sa.version == .v2, attempt.isFromStart else { return nil }
        let other = attempts.first { other in
            guard other.sa.version == .v2, other.isFromStart, other.initiator == attempt.responder,
                other.initiator != attempt.initiator, other.first < attempt.first
            else { return false }
            return other.lastAuthentication.map { $0.time > attempt.first } ?? false
        }
        return other?.firstFrame
    }

    /// An attempt whose IKE SA may have been rekeyed when one is seen that nothing in the capture made.
    ///
    /// What made it is encrypted: a CREATE_CHILD_SA exchange that was answered not long before.
    func successorExpected(at time: Instant) -> Int? {
        attempts.lastIndex { attempt in
            attempt.sa.version == .v2
                && attempt.messages.contains { message in
                    message.step.answersForChild && !message.isOpened && message.time <= time
                }
        }
    }

    /// Notes which attempts have traffic behind them, as the accounts of its SAs tell.
    func noteTraffic() {
        for index in attempts.indices {
            let begun = attempts[index].first
            let next = attempts.indices.contains(index + 1) ? attempts[index + 1].first : nil
            func passes(_ source: IPAddress) -> Bool {
                accounts.contains { account in
                    account.source == source && account.packets > 0 && account.enclosure.depth == 0
                        && account.firstTime >= begun && next.map { account.firstTime < $0 } ?? true
                }
            }
            attempts[index].hasTraffic = passes(initiator) && passes(responder)
        }
    }

    /// Notes which attempts the capture leaves in the middle: a device goes on within a second.
    func noteCuts() {
        for index in attempts.indices {
            guard let last = attempts[index].messages.last?.lastTime else { continue }
            // Without a clock nobody knows how long the last message stood: a repeat shows that time passed.
            attempts[index].isCut =
                hasClock
                ? captureEnd.since(last) < 1_000_000_000 : (attempts[index].messages.last?.repeats ?? 0) == 0
        }
    }

    var peers: [IPAddress] { [initiator, responder] }
    var ends: Ends { Ends(initiator, responder) }

    func noteReflection(by address: IPAddress, frame: Int) {
        reflections.count += 1
        reflections.by = reflections.by ?? address
        if reflections.frames.count < 16 { reflections.frames.append(frame) }
    }

    func noteMalformed(_ text: String, frame: Int) {
        if malformed.count == 0 { malformed.text = Trim.text(text) }
        malformed.count += 1
        if malformed.frames.count < 16 { malformed.frames.append(frame) }
    }

    /// Counts an ESP or AH packet.
    func noteTraffic(from source: IPAddress) {
        if source == initiator {
            unanswered = (unanswered.initiator + 1, 0)
        } else {
            unanswered = (0, unanswered.responder + 1)
        }
    }

    /// Whether an ESP or AH packet of either side was seen: true before the accounts of the SAs are closed.
    var hasTraffic: Bool { unanswered != (0, 0) }

    /// ESP and AH packets that were sent to `address` since its own last one.
    func sentSince(_ address: IPAddress) -> Int { address == initiator ? unanswered.responder : unanswered.initiator }

    func take(_ account: IPsecAccount) { ending.take(account, isFromInitiator: account.source == initiator) }

    func take(_ traffic: ClearTraffic) { ending.take(traffic) }

    /// ESP and AH packets from the initiator, or to it.
    func packets(sent: Bool) -> Int {
        accounts.filter { initiator == responder || ($0.source == initiator) == sent }.reduce(0) { $0 + $1.packets }
            + (sent ? ending.morePackets.sent + cutPackets.sent : ending.morePackets.received + cutPackets.received)
    }

    func take(_ notice: ICMPNotice, frame: Int, at time: Instant) {
        errorCount += 1
        if notice.error.isTooBig {
            if notice.quotedSource.address == responder, responder != initiator {
                sizes.responder.note(mtu: Int(notice.error.mtu))
            } else {
                sizes.initiator.note(mtu: Int(notice.error.mtu))
            }
        }
        if errors.count < Self.mostErrors { errors.append((notice, frame, time)) }
    }

    /// - Parameter ikeSA: the IKE SA that the fragments belong to; nil for those of IP packets.
    func take(incomplete frames: [Int], missing: String, of ikeSA: Int?) {
        guard incompleteIKE.count + incompleteIP.count < Self.mostIncomplete else { return }
        let (frames, missing) = (Array(frames.prefix(Self.mostFrames)), Trim.text(missing))
        if let ikeSA { incompleteIKE.append((frames, missing, ikeSA)) } else { incompleteIP.append((frames, missing)) }
    }

    /// What it holds in memory, in bytes, as far as peers can make it grow.
    var heldBytes: Int {
        var sum =
            1280 + lanes.heldBytes + attemptBytes + judged.heldBytes + accounts.count
            * MemoryLayout<IPsecAccount>.stride
        for (frames, missing, _) in incompleteIKE { sum += 96 + 8 * frames.count + missing.utf8.count }
        for (frames, missing) in incompleteIP { sum += 96 + 8 * frames.count + missing.utf8.count }
        sum += strayNotices.count * (MemoryLayout<StrayNotice>.stride + 160)
        return sum + clear.count * 512 + errors.count * 256
    }

    /// Gives up what only its judgement needed.
    func letGo() { (attempts, ending, judged) = ([], Ending(), FindingList()) }

    /// One of the peers behind one address: its attempts, its accounts, and what went over its ports.
    ///
    /// What belongs to none of them stays with the first.
    func part(
        _ own: [Attempt], _ accounts: [IPsecAccount], _ lanes: [Lanes.Lane], number: Int, at place: Endpoint
    ) -> PairCase {
        let isFirst = number == 0
        let part = PairCase(
            initiator, responder, at: own.first?.first ?? first, number: self.number, isContinued: isContinued,
            judgedSA: isFirst ? judgedSA : nil)
        part.attempts = own
        for account in accounts { part.take(account) }
        let spis = Set(own.map(\.sa.id))
        for traffic in clear where spis.contains(traffic.ikeSA) { part.take(traffic) }
        part.place = place
        (part.devices, part.offers, part.captureEnd) = (devices, offers, captureEnd)
        part.last = ([own.last?.last] + accounts.map(\.lastTime)).compactMap { $0 }.max() ?? last
        part.path = PathFacts(lanes.map(\.path))
        let messages = own.flatMap { attempt in attempt.messages.map { attempt.address($0.sender) == initiator } }
        part.fromInitiator = lanes.reduce(messages.count { $0 }) { $0 + $1.fromInitiator }
        part.fromResponder = lanes.reduce(messages.count { !$0 }) { $0 + $1.fromResponder }
        part.unanswered =
            lanes.last { $0.lastESP.initiator != nil || $0.lastESP.responder != nil }?.unanswered ?? (0, 0)
        guard isFirst else { return part }
        (part.olderAttempts, part.judged, part.goesOn) = (olderAttempts, judged, goesOn)
        (part.errors, part.errorCount) = (errors, errorCount)
        (part.incompleteIKE, part.incompleteIP) = (incompleteIKE, incompleteIP)
        (part.fragmented, part.fragmentedFrames, part.cutFrames) = (fragmented, fragmentedFrames, cutFrames)
        (part.sizes, part.reflections, part.malformed, part.strays) = (sizes, reflections, malformed, strays)
        return part
    }

    /// Only one side was seen at all: what is missing may have been missed.
    var isOneWay: Bool { fromInitiator == 0 || fromResponder == 0 }
}

/// What the end of a capture tells of two peers: how each SA stands, and what of its traffic was in the clear.
struct Ending {
    private(set) var accounts: [IPsecAccount] = []
    private(set) var moreAccounts = 0
    private(set) var morePackets = (sent: 0, received: 0)
    private(set) var clear: [ClearTraffic] = []

    private static let mostAccounts = 2048
    private static let mostClear = 16

    mutating func take(_ account: IPsecAccount, isFromInitiator: Bool) {
        guard accounts.count >= Self.mostAccounts else { return accounts.append(account) }
        moreAccounts += 1
        if isFromInitiator { morePackets.sent += account.packets } else { morePackets.received += account.packets }
    }

    mutating func take(_ traffic: ClearTraffic) { if clear.count < Self.mostClear { clear.append(traffic) } }
}
