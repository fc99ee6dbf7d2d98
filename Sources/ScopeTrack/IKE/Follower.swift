import ScopeDissect
import ScopeModel
import ScopeWire

/// Follows one IKE SA by the rules of its version: it places each message, has it opened, and says what that changed.
///
/// It holds what the version alone needs of an SA; what both versions have stands in `IKESAState`. `IKETracker` finds the
/// SA of a message, recognises repeats, and tells events.
protocol Follower: AnyObject {
    static var version: IKEVersion { get }

    /// Whether it knows when a negotiation is through, so that one under way can be told from one that was.
    static var tellsWhenUp: Bool { get }

    /// What is made of a message that belongs to no SA.
    static func unplaced(_ arrival: Arrival) -> Reading

    /// True for a message whose SPIs are not those of an IKE SA.
    static func belongsToNoSA(_ arrival: Arrival) -> Bool

    /// Whether an SA may be taken to exist because of this message.
    static func mayBegin(with message: ISAKMPMessage) -> Bool

    /// Whether the first message that was seen of an SA comes from its responder.
    static func isFromResponder(_ arrival: Arrival) -> Bool

    /// True for a message that anyone may have sent, so that its SPI of the responder is not yet to be trusted.
    static func mayBeForged(_ header: ISAKMPHeader) -> Bool

    init(_ sa: IKESA, _ tools: FollowerTools)

    /// Makes the follower of `state`, whose first message is that of `first`, which this one follows: it was answered
    /// twice.
    func twin(of first: IKESAState, in state: IKESAState) -> any Follower

    /// The SA is known as far as its first message tells: looks for keys.
    func begin(in state: IKESAState)

    /// The responder's SPI was seen, or another one than before.
    func answered(responderSPI: UInt64)

    /// The sides were taken for each other.
    func swapRoles()

    /// Whether a message under the SPIs of this SA begins another one.
    func isBegunAnew(by message: ISAKMPMessage, in state: IKESAState) -> Bool

    /// Who sent a message.
    func sender(of arrival: Arrival, in state: IKESAState) -> Role

    /// Takes in a message that is new: what it is, and what came of it.
    ///
    /// A message that can be read better now that its SA is known takes the place of `arrival`.
    func follow(_ arrival: inout Arrival, from sender: Role, in state: IKESAState) -> Reading

    /// What is told of a message that came before as `step`, with what became of it then.
    func reread(
        _ arrival: inout Arrival, as step: Step, from sender: Role, _ outcome: MessageMemory.Outcome,
        in state: IKESAState
    ) -> Reading

    /// The keys of the child SAs that `negotiation` made.
    func childKeys(of negotiation: ChildNegotiation) -> ChildKeys

    /// A message was told: lets go of what nothing that follows needs.
    func settle(after reading: Reading, _ message: ISAKMPMessage, in state: IKESAState)

    /// Messages that wait for pieces at the end.
    func incomplete() -> [ReassemblyNotice]

    /// What is known of the keys at the end, where no message gave reason to tell it before.
    func statusAtEnd(in state: IKESAState) -> KeyStatus?

    /// What it holds of what peers sent, in bytes.
    var heldBytes: Int { get }
}

/// What all followers of a run share.
final class FollowerTools {
    let unsealer: any Unsealer
    let limits: Limits
    private var connections = 1000

    init(_ unsealer: any Unsealer, _ limits: Limits) {
        self.unsealer = unsealer
        self.limits = limits
    }

    /// The number of the next IKE SA that gets its keys.
    func nextConnection() -> Int {
        connections += 1
        return connections
    }
}

/// What a follower made of a message.
///
/// It is large and goes through several hands: so it is handed on as one reference.
final class Reading {
    var step: Step
    /// Where the SA stood before; nil for where it stands now.
    var positionBefore: Int?
    var opening = Opening.clear
    var clearProof = Proof.notChecked
    var natDiscovery: [NATDiscoveryMatch] = []
    var certificates: CertificateReport?
    var quickMode: ChildNegotiation?
    var liveness: Liveness?
    var v2: IKEv2Reading?
    /// The message is another form of one that came before.
    var repetition = IKEMessage.Repetition.first
    /// A piece of a message.
    var isFragment = false
    /// The message that this piece makes whole.
    var joined: Joined?
    /// What is known of the keys after a message that needed them.
    var keys: KeyStatus?
    /// The negotiation whose child SAs this message settles.
    var settled: ChildNegotiation?
    /// The IKE SA that this message makes in place of its own, and what follows it.
    var successor: Successor?

    init(_ step: Step, opening: Opening = .clear, clearProof: Proof = .notChecked) {
        self.step = step
        self.opening = opening
        self.clearProof = clearProof
    }

    /// What the pieces of a message make.
    indirect enum Joined {
        case message(Arrival)
        /// Its pieces were opened one by one: it is no message that was sent.
        case opened(Arrival)
        case malformed(DecodeError)
    }

    /// An IKE SA that takes the place of another one: all but its id.
    struct Successor {
        var sa: IKESA
        var follower: any Follower
        /// Of the exchange that made it.
        var rekeyNonce: RekeyNonce?
    }
}
