import ScopeDissect
import ScopeModel
import ScopeWire

extension Attempt {
    /// One message, or all its repeats.
    ///
    /// Laid out to be small, as there are very many: what few messages have lies apart.
    struct Message {
        let firstFrame: Int
        /// Of its repeats, the first ones.
        fileprivate var laterFrames: [Int] = []
        let time: Instant
        private(set) var lastTime: Instant
        let step: Step
        let sender: Role
        let isEncrypted: Bool
        /// False while it stays sealed.
        let isOpened: Bool
        let isFragmented: Bool
        private(set) var hasKE = false
        private(set) var hasCertificate = false
        private(set) var hasSignature = false
        /// Another payload stands before the HASH.
        private(set) var isHashBehind = false
        fileprivate let byteCount: UInt32
        let messageID: UInt32
        /// Repeats by its sender.
        private(set) var repeats: Int32 = 0
        /// UDP ports, source and destination.
        let ports: (UInt16, UInt16)
        let proof: Proof
        /// The name of the key that opened it.
        let key: KeyName?
        /// Nil where there is nothing of the kind, as in most.
        fileprivate var rare: Rare?

        private static let mostRepeatFrames = 31
        /// Notifications of one message that are looked at; no device sends so many.
        private static let mostNotifications = 32
        private static let mostRequests = 64

        init(_ message: IKEMessage, _ event: Event, keepsDetails: Bool) {
            firstFrame = event.frame
            time = event.time
            lastTime = event.time
            step = message.step
            sender = message.sender
            isEncrypted = !message.message.ciphertext.isEmpty
            isOpened = message.readable != nil
            isFragmented = message.ikeFragments > 0 || message.frames.count > 1
            byteCount = UInt32(clamping: message.message.byteCount)
            messageID = message.message.header.messageID
            ports = (message.source.port, message.destination.port)
            proof = message.proof
            if case .opened(_, let name, _) = message.opening { key = name } else { key = nil }
            let rare = Rare()
            rare.liveness = message.liveness
            rare.certificates = keepsDetails ? message.certificates : nil
            if let chain = message.readable { read(chain, into: rare, keepsDetails: keepsDetails) }
            if !rare.isBare { self.rare = rare }
        }

        private mutating func read(_ chain: PayloadChain, into rare: Rare, keepsDetails: Bool) {
            hasKE = chain.first(.keyExchange) != nil
            hasCertificate = chain.first(.certificate) != nil
            hasSignature = chain.first(.signature) != nil
            isHashBehind = chain.payloads.firstIndex { $0.type == .hash }.map { $0 > 0 } ?? false
            for payload in chain.payloads where keepsDetails {
                switch payload.content {
                case .notification(let content) where rare.notifications.count < Self.mostNotifications:
                    rare.notifications.append(
                        Notification(
                            type: content.type, protocolID: content.protocolID, spiLength: content.spi.count,
                            spi: Array(content.spi.prefix(16)), data: Array(chain.slice(content.data).prefix(64))))
                case .delete(let content): rare.deletes.append(content.trimmed)
                case .identification(let content): rare.identification = rare.identification ?? content.trimmed
                case .attributes(let content): rare.configuration = content.trimmed
                case .certificateRequest(let content) where rare.requests.count < Self.mostRequests:
                    rare.requests.append(Trim.text(content.name ?? ""))
                default: break
                }
            }
        }

        /// Takes in a repeat.
        mutating func again(_ event: Event) {
            if repeats < .max { repeats += 1 }
            lastTime = event.time
            if laterFrames.count < Self.mostRepeatFrames { laterFrames.append(event.frame) }
        }
    }

    /// What few messages have; filled before anybody else sees it.
    final class Rare {
        var notifications: [Notification] = []
        var deletes: [DeletePayload] = []
        var identification: IdentificationPayload?
        var liveness: Liveness?
        var certificates: CertificateReport?
        var configuration: AttributesPayload?
        /// The authorities that its CERTREQ payloads name; an empty text for one that names none.
        var requests: [String] = []

        var isBare: Bool {
            notifications.isEmpty && deletes.isEmpty && requests.isEmpty && identification == nil && liveness == nil
                && certificates == nil && configuration == nil
        }
    }

    struct Notification {
        var type: NotifyType
        var protocolID: SecurityProtocol
        var spiLength: Int
        /// Its first bytes.
        var spi: [UInt8]
        var data: [UInt8]
    }
}

extension Attempt.Message {
    var notifications: [Attempt.Notification] { rare?.notifications ?? [] }
    var deletes: [DeletePayload] { rare?.deletes ?? [] }
    var identification: IdentificationPayload? { rare?.identification }
    var liveness: Liveness? { rare?.liveness }
    var certificates: CertificateReport? { rare?.certificates }
    var configuration: AttributesPayload? { rare?.configuration }
    var requests: [String] { rare?.requests ?? [] }

    func has(_ meaning: NotifyMeaning) -> Bool { notifications.contains { NotifyMeaning($0.type) == meaning } }

    /// Of the ISAKMP message.
    var length: Int { Int(byteCount) }
    /// It was sent so often.
    var transmissions: Int { Int(repeats) + 1 }
    /// Of the first transmissions.
    var frames: [Int] { [firstFrame] + laterFrames }

    func isIn(_ frame: Int) -> Bool { firstFrame == frame || laterFrames.contains(frame) }

    /// What it holds in memory, in bytes.
    var heldBytes: Int {
        MemoryLayout<Self>.stride + (rare?.heldBytes ?? 0) + (laterFrames.isEmpty ? 0 : 32 + 8 * laterFrames.count)
    }
}
