import ScopeDissect
import ScopeModel
import ScopeWire

/// All that happened between two peers, as the rules see it.
struct PairCase {
    /// Who began first.
    var initiator: IPAddress
    var responder: IPAddress
    /// The latest ones; older ones have been judged already.
    var attempts: [Attempt] = []
    /// Of those judged before.
    var olderAttempts = 0
    var accounts: [IPsecAccount] = []
    var ikev2 = IKEv2Seen()
    var path = PathFacts()
    /// Packets in the clear that an SA of theirs was made for.
    var clear: [ClearTraffic] = []
    var errors: [(notice: ICMPNotice, frame: Int, time: Instant)] = []
    var errorCount = 0
    /// Fragments that never became whole, of IKE messages and of IP packets.
    var incompleteIKE: [(frames: [Int], missing: String)] = []
    var incompleteIP: [(frames: [Int], missing: String)] = []
    /// ESP packets that came in IP fragments, and the first of their frames.
    var fragmented = 0
    var fragmentedFrames: [Int] = []
    /// Frames that were cut.
    var cutFrames: [Int] = []
    var first: Instant
    var last: Instant
    /// ESP and AH packets that each side has sent since the other one's last.
    private var unanswered: (initiator: Int, responder: Int) = (0, 0)
    /// Frames seen from either side.
    var fromInitiator = 0
    var fromResponder = 0

    /// What configurations say of the two.
    var devices = Devices()
    /// What the two, and others with them, offered and took in phase 1.
    var known = KnownOffers()

    /// The name of the list of candidates for pre-shared keys, where one was given.
    var candidates: String?

    static let mostAttempts = 16
    static let mostErrors = 16

    init(_ initiator: IPAddress, _ responder: IPAddress, at time: Instant) {
        self.initiator = initiator
        self.responder = responder
        first = time
        last = time
    }

    var peers: [IPAddress] { [initiator, responder] }

    /// Counts an ESP or AH packet.
    mutating func noteTraffic(from source: IPAddress) {
        if source == initiator {
            unanswered = (unanswered.initiator + 1, 0)
        } else {
            unanswered = (0, unanswered.responder + 1)
        }
    }

    /// ESP and AH packets that were sent to `address` since its own last one.
    func sentSince(_ address: IPAddress) -> Int { address == initiator ? unanswered.responder : unanswered.initiator }

    /// Only one side was seen at all: what is missing may have been missed.
    var isOneWay: Bool { fromInitiator == 0 || fromResponder == 0 }
}
