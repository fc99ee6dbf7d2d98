import ScopeDissect
import ScopeModel
import ScopeWire

extension Attempt {
    /// An exchange of one of its IKE SAs: a request and its answer, or the messages of one message ID of IKEv1.
    struct ExchangeID: Hashable {
        /// Which IKE SA carries it: 0 the first one, then those that took its place.
        var part: UInt8
        var messageID: UInt32
        /// Who began it, as a role of the attempt; IKEv1 needs no telling, and has the initiator here.
        var begunBy: Role
    }

    /// One message, or all its repeats.
    ///
    /// Laid out to be small, as there are very many: what few messages have lies apart.
    struct Message {
        private(set) var firstFrame: Int
        /// Of its repeats, and of its other pieces, the first ones.
        private(set) var laterFrames: [Int] = []
        private(set) var time: Instant
        private(set) var lastTime: Instant
        let step: Step
        let sender: Role
        let exchange: ExchangeID
        let isEncrypted: Bool
        /// False while it stays sealed.
        let isOpened: Bool
        let isFragmented: Bool
        private(set) var hasKE = false
        private(set) var hasCertificate = false
        private(set) var hasSignature = false
        /// Another payload stands before the HASH.
        private(set) var isHashBehind = false
        fileprivate var byteCount: UInt32
        /// Repeats by its sender.
        private(set) var repeats: Int32 = 0
        /// UDP ports, source and destination.
        let ports: (UInt16, UInt16)
        let proof: Proof
        /// The name of the key that opened it.
        let key: KeyName?
        /// The pieces of a message that no key opens, as far as they came.
        private(set) var pieces: Pieces?
        /// The frame of the first piece that it was put together from.
        private var leading: Int?
        /// It was put together from pieces that keys open.
        var wasInPieces: Bool { leading != nil }
        /// What its exchange is for, in IKEv2; nil in IKEv1.
        let purpose: IKEv2Purpose?
        /// Nil where there is nothing of the kind, as in most.
        fileprivate var rare: Rare?

        private static let mostRepeatFrames = 31
        /// Notifications of one message that are looked at; no device sends so many.
        private static let mostNotifications = 32
        private static let mostRequests = 64

        /// - Parameters:
        ///   - part: the IKE SA that carries it, and whether its roles are those of the attempt.
        ///   - keepsDetails: whether what a peer can make grow is kept.
        init(_ message: IKEMessage, _ event: Event, part: (number: UInt8, isSwapped: Bool), keepsDetails: Bool) {
            firstFrame = event.frame
            time = event.time
            lastTime = event.time
            step = message.step
            sender = part.isSwapped ? message.sender.other : message.sender
            exchange = ExchangeID(
                part: part.number, messageID: message.message.header.messageID,
                begunBy: message.step.begunBy(sender))
            isEncrypted = message.message.isEncrypted
            var isPiece = message.readable == nil
            if case .ikeFragment = event.kind { isPiece = true }
            isOpened = message.readable != nil && !(isPiece && message.step.version == .v2)
            isFragmented = message.ikeFragments > 0 || message.frames.count > 1
            byteCount = UInt32(clamping: message.message.byteCount)
            ports = (message.source.port, message.destination.port)
            proof = message.proof
            if case .opened(_, let name, _) = message.opening { key = name } else { key = nil }
            pieces = isPiece ? Pieces(message.message, in: event.frame) : nil
            purpose = message.v2?.purpose
            let rare = Rare()
            rare.liveness = message.liveness
            rare.certificates = keepsDetails ? message.certificates : nil
            rare.authentication = message.v2?.authentication
            if let chain = message.readable { read(chain, into: rare, keepsDetails: keepsDetails) }
            if !rare.isBare { self.rare = rare }
        }

        private mutating func read(_ chain: PayloadChain, into rare: Rare, keepsDetails: Bool) {
            hasKE = chain.contains(.keyExchange) || chain.contains(.keyExchangeV2)
            hasCertificate = chain.contains(.certificate) || chain.contains(.certificateV2)
            hasSignature = chain.contains(.signature)
            isHashBehind = chain.payloads.firstIndex { $0.type == .hash }.map { $0 > 0 } ?? false
            for payload in chain.payloads where keepsDetails {
                switch payload.content {
                case .notification(let content) where rare.notifications.count < Self.mostNotifications:
                    rare.notifications.append(Notification(content, chain))
                case .delete(let content): rare.deletes.append(content.trimmed)
                case .identification(let content): rare.identification = rare.identification ?? content.trimmed
                case .attributes(let content): rare.configuration = content.trimmed
                case .certificateRequest(let content) where rare.requests.count < Self.mostRequests:
                    rare.requests.append(Trim.text(content.name ?? ""))
                case .ikev2(let content): read(content, payload.type, chain, into: rare)
                default: break
                }
            }
        }

        private mutating func read(
            _ content: IKEv2.Content, _ type: PayloadType, _ chain: PayloadChain, into rare: Rare
        ) {
            switch content {
            case .notify(let notify) where rare.notifications.count < Self.mostNotifications:
                rare.notifications.append(Notification(notify, chain))
            case .delete(let delete): rare.deletes.append(DeletePayload(delete).trimmed)
            case .identification(let identity):
                let own: PayloadType = step.isAnswer ? .identificationResponder : .identificationInitiator
                let payload = IdentificationPayload(identity).trimmed
                if type == own { rare.identification = payload } else { rare.wanted = payload }
            case .configuration(let configuration):
                rare.configuration =
                    AttributesPayload(
                        type: configuration.type.rawValue, identifier: 0, attributes: configuration.attributes
                    ).trimmed
            case .certificateRequest(let request):
                let room = Self.mostRequests - rare.requests.count
                rare.requests += request.authorities.prefix(max(room, 0)).map { Words.hex($0) }
            case .authentication(let authentication):
                let method = AuthenticationMethod(ikev2: UInt16(authentication.method.rawValue))
                rare.method = method
                hasSignature = method.usesSignatures
            case .eap(let eap): rare.eap = EAPSeen(eap, chain)
            case .keyExchange(let exchange): rare.group = exchange.group
            case .sa: rare.hasSA = true
            case .trafficSelectors: rare.hasTraffic = true
            default: break
            }
        }

        /// Takes in a repeat of what frame `first` brought.
        ///
        /// A message in pieces is sent again as often as its first piece is.
        mutating func again(_ event: Event, of first: Int) {
            if (pieces?.leading ?? leading).map({ $0 == first }) ?? true, repeats < .max { repeats += 1 }
            lastTime = event.time
            note(event.frame)
        }

        /// Takes in another piece of it.
        mutating func add(_ piece: Pieces, of byteCount: Int, _ event: Event) {
            pieces?.add(piece)
            self.byteCount = UInt32(clamping: Int(self.byteCount) + byteCount)
            lastTime = event.time
            note(event.frame)
        }

        /// The frames and times of the pieces that it was put together from.
        mutating func take(piecesOf sealed: Message) {
            let last = firstFrame
            (firstFrame, time) = (sealed.firstFrame, sealed.time)
            for frame in sealed.laterFrames + [last] where frame != firstFrame && !laterFrames.contains(frame) {
                note(frame)
            }
            leading = sealed.pieces?.leading ?? sealed.firstFrame
            repeats = max(repeats, sealed.repeats)
            byteCount = max(byteCount, sealed.byteCount)
        }

        private mutating func note(_ frame: Int) {
            if laterFrames.count < Self.mostRepeatFrames { laterFrames.append(frame) }
        }
    }

    /// The pieces of one message of IKEv2 (RFC 7383 section 2.5) that were seen.
    struct Pieces {
        /// A bit each, of the first 64.
        private(set) var seen: UInt64
        private(set) var total: UInt16
        private(set) var count = 1
        /// The frame of the one that came first.
        let leading: Int

        fileprivate init?(_ message: ISAKMPMessage, in frame: Int) {
            for payload in message.chain.payloads {
                guard case .ikev2(.encrypted(let content)) = payload.content, let fragment = content.fragment else {
                    continue
                }
                seen = (1...64).contains(fragment.number) ? 1 << UInt64(fragment.number - 1) : 0
                total = fragment.total
                leading = frame
                return
            }
            return nil
        }

        fileprivate mutating func add(_ other: Pieces) {
            // More pieces in all are another cut of the same message, which counts alone (RFC 7383 section 2.5.2).
            if other.total > total { (seen, total) = (0, other.total) }
            if other.total == total { seen |= other.seen }
            if count < .max { count += 1 }
        }

        /// The numbers that did not come, of the first 64.
        var missing: [Int] { (1...max(1, min(Int(total), 64))).filter { seen & (1 << UInt64($0 - 1)) == 0 } }
    }

    /// What few messages have; filled before anybody else sees it.
    final class Rare {
        var notifications: [Notification] = []
        var deletes: [DeletePayload] = []
        /// Who its sender says it is.
        var identification: IdentificationPayload?
        /// Whom its sender wants to reach, in IKEv2.
        var wanted: IdentificationPayload?
        var liveness: Liveness?
        var certificates: CertificateReport?
        var configuration: AttributesPayload?
        /// The authorities that its CERTREQ payloads name, in IKEv2 by a hash; an empty text for one that names none.
        var requests: [String] = []
        /// What became of its AUTH payload, and what that says it was made with.
        var authentication: AuthenticationOutcome?
        var method: AuthenticationMethod?
        var eap: EAPSeen?
        /// The group of its KE payload, in IKEv2.
        var group: DHGroup?
        /// It has an SA payload of IKEv2, and selectors.
        var hasSA = false
        var hasTraffic = false

        var isBare: Bool {
            notifications.isEmpty && deletes.isEmpty && requests.isEmpty && identification == nil && wanted == nil
                && liveness == nil && certificates == nil && configuration == nil && authentication == nil
                && method == nil && eap == nil && group == nil && !hasSA && !hasTraffic
        }
    }
}

extension Attempt.Message {
    var notifications: [Attempt.Notification] { rare?.notifications ?? [] }
    var deletes: [DeletePayload] { rare?.deletes ?? [] }
    var identification: IdentificationPayload? { rare?.identification }
    var wanted: IdentificationPayload? { rare?.wanted }
    var liveness: Liveness? { rare?.liveness }
    var certificates: CertificateReport? { rare?.certificates }
    var configuration: AttributesPayload? { rare?.configuration }
    var requests: [String] { rare?.requests ?? [] }
    var authentication: AuthenticationOutcome? { rare?.authentication }
    var method: AuthenticationMethod? { rare?.method }
    var eap: Attempt.EAPSeen? { rare?.eap }
    var group: DHGroup? { rare?.group }
    var hasSA: Bool { rare?.hasSA ?? false }
    var hasTraffic: Bool { rare?.hasTraffic ?? false }

    var messageID: UInt32 { exchange.messageID }

    func has(_ meaning: NotifyMeaning) -> Bool { notifications.contains { $0.meaning == meaning } }

    /// The shared key that its AUTH was made with, of a proof that was checked.
    var provedKey: KeyName? {
        guard case .verified? = authentication?.proof, case .key(let name)? = authentication?.means else { return nil }
        return name
    }

    /// Its first notification of an error.
    var refusal: Attempt.Notification? { notifications.first { $0.type.isError } }

    /// Of the ISAKMP message; of one in pieces that no key opens, all that came of it.
    var length: Int { Int(byteCount) }
    /// It was sent so often.
    var transmissions: Int { Int(repeats) + 1 }
    /// Of the first transmissions.
    var frames: [Int] { [firstFrame] + laterFrames }

    func isIn(_ frame: Int) -> Bool { firstFrame == frame || laterFrames.contains(frame) }

    /// What it holds in memory, in bytes.
    var heldBytes: Int {
        MemoryLayout<Self>.stride + (rare?.heldBytes ?? 0)
            + (laterFrames.isEmpty ? 0 : 32 + 8 * laterFrames.count)
    }
}

extension IdentificationPayload {
    /// An identity of IKEv2, which has no protocol and no port.
    fileprivate init(_ identity: IKEv2.Identification) {
        self.init(
            type: IdentificationType(rawValue: identity.type.rawValue), protocolID: 0, port: 0, data: 0..<0,
            identity: identity.identity)
    }
}

extension DeletePayload {
    /// A Delete of IKEv2; that of an IKE SA names no SPI (RFC 7296 section 3.11).
    fileprivate init(_ delete: IKEv2.Delete) {
        self.init(
            doi: 1, protocolID: SecurityProtocol(rawValue: delete.protocolID.rawValue), spis: delete.spis)
    }
}
