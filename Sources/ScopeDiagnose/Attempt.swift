import ScopeDissect
import ScopeModel
import ScopeWire

/// One negotiation of an IKE SA, as the rules see it: everything under one initiator SPI.
struct Attempt {
    /// One message, or all its repeats.
    struct Message {
        var frames: [Int]
        var time: Instant
        var lastTime: Instant
        var sender: Role
        var step: ExchangeStep
        /// Bytes of the ISAKMP message.
        var length: Int
        var messageID: UInt32
        var isEncrypted: Bool
        /// Nil while it stays sealed.
        var isOpened: Bool
        var proof: HashProof
        /// UDP ports, source and destination.
        var ports: (UInt16, UInt16)
        var isFragmented: Bool
        /// Repeats by its sender.
        var repeats = 0
        var hasKE = false
        var hasCertificate = false
        var hasSignature = false
        /// Another payload stands before the HASH.
        var isHashBehind = false
        /// The name of the key that opened it.
        var key: String?
        /// Nil where there is nothing of the kind, as in most: there are many messages.
        private(set) var rare: Rare?
    }

    /// What few messages have.
    final class Rare {
        let notifications: [Notification]
        let deletes: [DeletePayload]
        let identification: IdentificationPayload?
        let liveness: Liveness?
        let certificates: CertificateReport?
        let configuration: AttributesPayload?
        /// The authorities that its CERTREQ payloads name; an empty text for one that names none.
        let requests: [String]

        fileprivate init(
            _ notifications: [Notification], _ deletes: [DeletePayload], _ identification: IdentificationPayload?,
            _ liveness: Liveness?, _ certificates: CertificateReport?, _ configuration: AttributesPayload?,
            requests: [String]
        ) {
            self.notifications = notifications
            self.deletes = deletes
            self.identification = identification
            self.liveness = liveness
            self.certificates = certificates
            self.configuration = configuration
            self.requests = requests
        }
    }

    struct Notification {
        var type: NotifyType
        var protocolID: SecurityProtocol
        var spiLength: Int
        var spi: [UInt8]
        var data: [UInt8]
    }

    var sa: IKESA
    var first: Instant
    var last: Instant
    var firstFrame: Int
    var offer: SAPayload?
    /// The first and the last ones.
    var messages: [Message] = []
    var quickModes: [QuickMode] = []
    var natDiscovery: [Role: [NATDiscoveryMatch]] = [:]
    var vendors: [Role: Set<String>] = [:]
    /// What the clock of a side said, where its vendor ID tells.
    var clocks: [Role: (seconds: UInt32, at: Instant, frame: Int)] = [:]
    var keys = KeyStatus.none
    var pairs: [IPsecSAPair] = []
    /// The first answer came from here, and not from the address that was called.
    var answeredFrom: IPAddress?

    static let most = 64

    /// The peers under the addresses that they had first.
    let initiator: IPAddress
    let responder: IPAddress

    init(_ sa: IKESA, _ initiator: IPAddress, _ responder: IPAddress, at time: Instant, frame: Int) {
        self.sa = sa
        self.initiator = initiator
        self.responder = responder
        first = time
        last = time
        firstFrame = frame
    }

    var peers: [IPAddress] { [initiator, responder] }
    func address(_ role: Role) -> IPAddress { role == .initiator ? initiator : responder }

    /// The capture shows its first message.
    var isFromStart: Bool { messages.first.map { $0.step == .mainMode(1) || $0.step == .aggressive(1) } ?? false }

    func first(_ step: ExchangeStep) -> Message? { messages.first { $0.step == step } }

    /// Messages of `sender`, those that it sent again once.
    func sent(by sender: Role) -> [Message] { messages.filter { $0.sender == sender } }

    /// Informational messages of `sender` that came behind `message`.
    func informationals(by sender: Role, after message: Message) -> [Message] {
        messages.filter { $0.sender == sender && $0.step == .informational && $0.time >= message.time }
    }

    /// Anything that `sender` sent behind `message`, repeats included.
    func isAnything(by sender: Role, after message: Message) -> Bool {
        messages.contains { $0.sender == sender && $0.lastTime > message.time }
    }

    /// Message 5 of Main Mode, or 3 of Aggressive Mode.
    var proofOfInitiator: Message? { first(.mainMode(5)) ?? first(.aggressive(3)) }

    /// What was agreed on, or offered where there is no agreement.
    var methods: Set<UInt64> {
        if let chosen = sa.chosen { return Set([chosen.value(3)].compactMap { $0 }) }
        return Set((offer?.proposals ?? []).flatMap(\.transforms).compactMap { $0.value(3) })
    }

    /// Signatures prove both sides, or one and a user the other.
    var usesSignatures: Bool {
        !methods.isEmpty && methods.isSubset(of: [2, 3, 9, 10, 11, 64221, 64222, 65003, 65004, 65005, 65006])
    }

    /// The responder signs, and a user answers for the initiator.
    var isHybrid: Bool { !methods.isEmpty && methods.isSubset(of: [64221, 64222]) }

    var usesPSK: Bool { !methods.isDisjoint(with: [1, 65001, 65002]) }

    /// Every frame of these messages, the first few of each.
    static func frames(_ messages: [Message]) -> [Int] { Array(Set(messages.flatMap { $0.frames.prefix(8) })).sorted() }
}

extension Attempt.Message {
    var notifications: [Attempt.Notification] { rare?.notifications ?? [] }
    var deletes: [DeletePayload] { rare?.deletes ?? [] }
    var identification: IdentificationPayload? { rare?.identification }
    var liveness: Liveness? { rare?.liveness }
    var certificates: CertificateReport? { rare?.certificates }
    var configuration: AttributesPayload? { rare?.configuration }
    var requests: [String] { rare?.requests ?? [] }

    mutating func set(
        notifications: [Attempt.Notification], deletes: [DeletePayload], identification: IdentificationPayload?,
        liveness: Liveness?, certificates: CertificateReport?, configuration: AttributesPayload?,
        requests: [String]
    ) {
        let isBare =
            notifications.isEmpty && deletes.isEmpty && requests.isEmpty && identification == nil && liveness == nil
            && certificates == nil && configuration == nil
        if isBare { return }
        rare = Attempt.Rare(
            notifications, deletes, identification, liveness, certificates, configuration, requests: requests)
    }

    func has(_ type: UInt16) -> Bool { notifications.contains { $0.type.rawValue == type } }
    var firstFrame: Int { frames.first ?? 0 }
    /// It was sent so often.
    var transmissions: Int { repeats + 1 }
}
