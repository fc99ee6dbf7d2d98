import ScopeDissect
import ScopeModel
import ScopeWire

/// One negotiation of an IKE SA, as the rules see it: everything under one initiator SPI.
struct Attempt {
    var sa: SAFacts
    var first: Instant
    var last: Instant
    var firstFrame: Int
    /// What message 1 offers; nil where it was not seen.
    var offers: [Offer]?
    /// The first and the last ones.
    var messages: [Message] = []
    var quickModes: [Mode] = []
    var natDiscovery: [Role: [NATDiscoveryMatch]] = [:]
    var vendors: [Role: Set<String>] = [:]
    /// What the clock of a side said, where its vendor ID tells.
    var clocks: [Role: (seconds: UInt32, at: Instant, frame: Int)] = [:]
    var keys = KeyStatus.none
    var pairs: [MadeSAs] = []
    /// A Delete named its IKE SA, and counts.
    var isDeleted = false
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
    var heldBytes = MemoryLayout<Attempt>.stride + 64

    /// The peers under the addresses that they had first.
    let initiator: IPAddress
    let responder: IPAddress

    init(_ sa: IKESA, _ initiator: IPAddress, _ responder: IPAddress, at time: Instant, frame: Int) {
        self.sa = SAFacts(sa)
        self.initiator = initiator
        self.responder = responder
        first = time
        last = time
        firstFrame = frame
    }

    var peers: [IPAddress] { [initiator, responder] }
    func address(_ role: Role) -> IPAddress { role == .initiator ? initiator : responder }

    /// The capture shows its first message.
    var isFromStart: Bool { messages.first?.step.isFirst ?? false }

    func first(_ step: IKEv1Step) -> Message? { messages.first { $0.step == .v1(step) } }

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

    /// Message 5 of Main Mode, or 3 of Aggressive Mode.
    var proofOfInitiator: Message? { first(.mainMode(5)) ?? first(.aggressive(3)) }

    /// What was agreed on, or offered where there is no agreement.
    var methods: Set<AuthenticationMethod> {
        if let suite = sa.suite { return Set([suite.authentication].compactMap { $0 }) }
        return Set((offers ?? []).compactMap { $0.ike?.authentication })
    }

    /// Signatures prove both sides, or one and a user the other.
    var usesSignatures: Bool { !methods.isEmpty && methods.allSatisfy(\.usesSignatures) }

    /// The responder signs, and a user answers for the initiator.
    var isHybrid: Bool { !methods.isEmpty && methods.allSatisfy(\.isHybrid) }

    var usesPSK: Bool { methods.contains(where: \.usesPSK) }

    /// Every frame of these messages, the first few of each.
    static func frames(_ messages: [Message]) -> [Int] { Array(Set(messages.flatMap { $0.frames.prefix(8) })).sorted() }
}
