import ScopeDissect
import ScopeModel
import ScopeWire

/// One negotiation of an IKE SA, as the rules see it: everything under one initiator SPI, and under the IKE SAs that took
/// the place of the one that it made.
///
/// A COOKIE, another group and REDIRECT have IKEv2 ask once more under the same SPI: that is one attempt. An IKE SA that is
/// rekeyed goes on as the same attempt, as for its users it is the same tunnel; roles are those of the first one.
///
/// An object, since it is large, and many look at it.
final class Attempt {
    /// Of its first IKE SA; what it agreed on, of the latest.
    var sa: SAFacts
    /// Its IKE SAs, the first one first.
    var parts: [Part]
    var first: Instant
    var last: Instant
    var firstFrame: Int
    /// What message 1 offers; nil where it was not seen.
    var offers: [Offer]?
    /// The same of IKEv2, whose proposals have several algorithms of a kind.
    var proposals: [Proposed]?
    /// The first and the last ones.
    var messages: [Message] = []
    /// The negotiations of its children: Quick Modes, and in IKEv2 what IKE_AUTH and CREATE_CHILD_SA ask for.
    var quickModes: [Mode] = []
    var natDiscovery: [Role: [NATDiscoveryMatch]] = [:]
    var vendors: [Role: Set<String>] = [:]
    /// What the clock of a side said, where its vendor ID tells.
    var clocks: [Role: (seconds: UInt32, at: Instant, frame: Int)] = [:]
    var keys = KeyStatus.none
    var pairs: [MadeSAs] = []
    /// ESP or AH of both sides passed behind its set-up: as far as this is known, which is at the end.
    var hasTraffic = false
    /// The capture ends so soon behind its last message that an answer to it would not be there.
    var isCut = false
    /// Deletes named all its IKE SAs, and count.
    var isDeleted: Bool { parts.allSatisfy(\.isDeleted) }
    /// Where its ends are now.
    private(set) var places: (initiator: IPAddress, responder: IPAddress)
    /// Where its ends went to, as far as its messages show: an address a row.
    var moves: [(role: Role, from: IPAddress, to: IPAddress, frame: Int)] = []
    /// What its messages deleted, and what they refused: an SA a row.
    var deletions: [Deleted] = []
    var refusals: [Refused] = []
    /// The first answer came from here, and not from the address that was called.
    var answeredFrom: IPAddress?

    static let most = 64

    /// Of an attempt that holds more, the details of later messages are not kept.
    static let mostBytes = 1 << 20
    /// They were not.
    var isPartial = false

    /// What it holds in memory, in bytes, as far as a peer can make it grow.
    var heldBytes = MemoryLayout<SAFacts>.stride + 448 + MemoryLayout<Part>.stride

    /// The peers under the addresses that they had first.
    let initiator: IPAddress
    let responder: IPAddress

    init(_ sa: IKESA, _ initiator: IPAddress, _ responder: IPAddress, at time: Instant, frame: Int) {
        self.sa = SAFacts(sa)
        parts = [Part(sa.identity, id: sa.id, initiator: initiator)]
        places = (initiator, responder)
        self.initiator = initiator
        self.responder = responder
        first = time
        last = time
        firstFrame = frame
    }

    var peers: [IPAddress] { [initiator, responder] }

    /// Notes that a side is at this address now.
    func place(_ role: Role, at address: IPAddress, frame: Int) {
        let known = role == .initiator ? places.initiator : places.responder
        guard known != address else { return }
        if moves.count < Self.mostMoves { moves.append((role, from: known, to: address, frame: frame)) }
        if role == .initiator { places.initiator = address } else { places.responder = address }
    }

    private static let mostMoves = 16
    func address(_ role: Role) -> IPAddress { role == .initiator ? initiator : responder }

    /// The capture shows its first message.
    var isFromStart: Bool { messages.first.map { $0.step.isFirst || $0.purpose == .resumption } ?? false }

    func first(_ step: IKEv1Step) -> Message? { messages.first { $0.step == .v1(step) } }

    /// The message that asked for what `answer` answers.
    func request(of answer: Message) -> Message? {
        messages.last { $0.exchange == answer.exchange && !$0.step.isAnswer && $0.time <= answer.time }
    }

    /// The first answer to a request of IKEv2.
    func answer(to request: Message) -> Message? {
        messages.first { $0.exchange == request.exchange && $0.step.isAnswer && $0.time >= request.time }
    }

    /// Messages of `sender`, those that it sent again once.
    func sent(by sender: Role) -> [Message] { messages.filter { $0.sender == sender } }

    /// Informational messages of `sender` that came behind `message`.
    func informationals(by sender: Role, after message: Message) -> [Message] {
        messages.filter { $0.sender == sender && $0.step.isInformational && $0.time >= message.time }
    }

    /// Anything that `sender` sent behind `message`, repeats included.
    func isAnything(by sender: Role, after message: Message) -> Bool {
        messages.contains { $0.sender == sender && $0.lastTime > message.time }
    }

    /// The message with which the initiator proves itself: number 5 of Main Mode, 3 of Aggressive Mode, IKE_AUTH.
    var proofOfInitiator: Message? {
        first(.mainMode(5)) ?? first(.aggressive(3)) ?? messages.first { $0.isAuthentication && !$0.step.isAnswer }
    }

    /// How the sides prove themselves: what was agreed on, or offered where there is no agreement; in IKEv2 what each says
    /// for itself, where that can be read.
    ///
    /// One may stand there twice: rules ask often, and a set would hash each time.
    var methods: [AuthenticationMethod] {
        if sa.version == .v2 { return messages.compactMap(\.method) }
        if let suite = sa.suite { return suite.authentication.map { [$0] } ?? [] }
        return (offers ?? []).compactMap { $0.ike?.authentication }
    }

    /// Signatures prove both sides, or one and a user the other.
    var usesSignatures: Bool { allMethods(\.usesSignatures) }

    /// The responder signs, and a user answers for the initiator.
    var isHybrid: Bool { allMethods(\.isHybrid) }

    private func allMethods(_ test: (AuthenticationMethod) -> Bool) -> Bool {
        let methods = methods
        return !methods.isEmpty && methods.allSatisfy(test)
    }

    var usesPSK: Bool { methods.contains(where: \.usesPSK) }

    /// Every frame of these messages, the first few of each.
    static func frames(_ messages: [Message]) -> [Int] { Array(Set(messages.flatMap { $0.frames.prefix(8) })).sorted() }
}
