import ScopeDissect
import ScopeModel
import ScopeWire

/// What the rules need of an IKE SA.
struct SAFacts {
    /// As it is printed.
    let id: Int
    let identity: IKESAIdentity
    let version: IKEVersion
    let mode: Phase1Mode?
    /// IKEv1, which nobody should use any more (RFC 9395).
    var isOutdated: Bool { version == .v1 }
    /// How it begins: two with other values are two ways to try.
    var kind: Kind { Kind(version: version, mode: mode) }

    struct Kind: Hashable {
        let version: IKEVersion
        let mode: Phase1Mode?
    }

    /// The highest message of phase 1 seen so far, as IKEv1 counts.
    let position: Int
    /// How far it has come.
    let stage: Progress.Stage
    /// Nothing followed the first answer.
    let isHalfOpen: Bool
    let isEstablished: Bool
    let responderSPI: UInt64
    let suite: IKESuite?
    let crosses: Crossing?
    /// It serves a group, which has no tunnel of its own.
    let isGroup: Bool

    init(_ sa: IKESA) {
        id = sa.id
        identity = sa.identity
        version = sa.version
        mode = sa.phase1.mode
        position = sa.phase1.position
        stage = sa.progress.stage
        isHalfOpen = sa.progress.isHalfOpen
        isEstablished = sa.isUp
        responderSPI = sa.responderSPI
        suite = sa.suite
        crosses = sa.crosses
        isGroup = sa.isGDOI
    }
}

extension Attempt {
    /// One of the IKE SAs of an attempt.
    struct Part {
        let identity: IKESAIdentity
        /// As it is printed.
        let id: Int
        /// The address of its initiator, whoever began the attempt.
        let initiator: IPAddress
        /// A Delete named it, and counts.
        var isDeleted = false
        /// Another one took its place.
        var isReplaced = false

        init(_ identity: IKESAIdentity, id: Int, initiator: IPAddress) {
            (self.identity, self.id, self.initiator) = (identity, id, initiator)
        }
    }

    /// What one proposal of IKEv2 has: of each kind of algorithm some to choose from.
    struct Proposed: Hashable {
        let number: UInt8
        let protocolID: SecurityProtocol
        let algorithms: AlgorithmSet

        init(_ proposal: IKEv2.Proposal) {
            number = proposal.number
            protocolID = SecurityProtocol(rawValue: proposal.protocolID.rawValue)
            algorithms = AlgorithmSet(proposal)
        }

        /// More proposals, and more algorithms of one, than any device sends are left out.
        static func all(_ payload: IKEv2.SAPayload?) -> [Proposed]? {
            payload.map { payload in
                payload.proposals.prefix(16).map { proposal in
                    var proposal = proposal
                    if proposal.transforms.count > 128 { proposal.transforms = Array(proposal.transforms.prefix(128)) }
                    return Proposed(proposal)
                }
            }
        }
    }

    /// A negotiation of children without nonces and public values.
    struct Mode {
        let exchange: ExchangeID
        var messageID: UInt32 { exchange.messageID }
        let initiatedBy: Role
        /// The highest message seen: 1 to 4.
        let position: Int
        /// Nil where they were not seen.
        var offers: [Offer]?
        var answers: [Offer]?
        /// The proxy identities: IDci of the exchange's initiator, IDcr of its responder; nil means the peers themselves.
        let initiatorProxy: IdentificationPayload?
        let responderProxy: IdentificationPayload?
        /// What IKEv2 alone has: proposals with several algorithms, and selectors of any number.
        var proposals: [Proposed]?
        var chosen: [Proposed]?
        let asked: ChildTraffic?
        let granted: ChildTraffic?
        let isTransport: Bool
        /// The SA that it replaces, as its request names it.
        let rekeys: RekeyedSA?
        /// The answer leaves out traffic that was asked for.
        let isNarrowed: Bool

        /// It came with the IKE SA, in IKE_AUTH, where no group is negotiated.
        let isOfSetUp: Bool

        private static let mostSelectors = 64

        init(_ mode: ChildNegotiation, part: (number: UInt8, isSwapped: Bool), keepsOffers: Bool) {
            initiatedBy = part.isSwapped ? mode.initiatedBy.other : mode.initiatedBy
            exchange = ExchangeID(
                part: part.number, messageID: mode.messageID, begunBy: mode.v2 == nil ? .initiator : initiatedBy)
            proposals = keepsOffers ? Proposed.all(mode.v2?.offer) : nil
            chosen = keepsOffers ? Proposed.all(mode.v2?.answer) : nil
            let differs = Self.differs(mode)
            asked = mode.v2?.asked?.first(Self.mostSelectors) ?? (differs ? mode.asked?.traffic : nil)
            granted = mode.v2?.granted?.first(Self.mostSelectors) ?? (differs ? mode.granted?.traffic : nil)
            isTransport = mode.v2?.isTransport ?? false
            rekeys = mode.v2?.rekeys
            isOfSetUp = mode.v2 != nil && mode.initiatorNonce == nil && mode.v2?.rekeys == nil && mode.messageID == 1
            isNarrowed = mode.v2?.isNarrowed ?? differs
            position = mode.position
            offers = keepsOffers ? mode.offer.map(Trim.offers) : nil
            answers = keepsOffers ? mode.answer.map(Trim.offers) : nil
            initiatorProxy = mode.initiatorProxy?.trimmed
            responderProxy = mode.responderProxy?.trimmed
        }

        /// The answer of a Quick Mode names other traffic than was asked for.
        private static func differs(_ mode: ChildNegotiation) -> Bool {
            guard mode.v2 == nil, let asked = mode.asked, let granted = mode.granted else { return false }
            return asked.traffic != granted.traffic
        }

        /// The PFS group of the chosen transform (else of the first offered one); nil without PFS.
        var group: DHGroup? {
            (answers ?? offers ?? []).lazy.compactMap { $0.child?.group }.first
                ?? (chosen ?? proposals ?? []).lazy.flatMap(\.algorithms.groups).compactMap { $0 }.first
        }

        /// The request was seen, and could be read.
        var isAsked: Bool { offers != nil || proposals != nil }
        /// The answer was seen, and could be read.
        var isAnswered: Bool { position >= 2 }
        /// It made its SAs, and nothing more is to come.
        var isThrough: Bool { asked == nil ? position >= 3 : position >= 2 }

        /// What its SAs are for; nil where it named no identities.
        var traffic: ChildTraffic? {
            if let agreed = granted ?? asked { return agreed }
            guard let initiatorProxy, let responderProxy else { return nil }
            return ProxyIdentities(initiator: initiatorProxy, responder: responderProxy).traffic
        }
    }

    /// A pair of SAs that a Quick Mode made.
    struct MadeSAs {
        struct Origin {
            let exchange: ExchangeID
            let initiatedBy: Role
            /// The PFS group; nil without.
            let group: DHGroup?
            let initiatorProxy: IdentificationPayload?
            let responderProxy: IdentificationPayload?

            /// The SA that it replaced, as its request named it.
            let rekeys: RekeyedSA?
            /// What its SAs are for; nil where it named no identities.
            let traffic: ChildTraffic?

            /// It came with the IKE SA, in IKE_AUTH: its keys are those of the IKE SA (RFC 7296 section 2.17).
            let isOfSetUp: Bool
        }

        let quickMode: Origin
        let suite: ChildSuite
        /// Chosen by the exchange's initiator: on packets that go to it.
        let spiToInitiator: UInt32
        let spiToResponder: UInt32
        /// Who takes packets under `spiToResponder`.
        let receiver: IPAddress
        /// Of the message that settled it.
        let frame: Int
        private(set) var isDeleted = false
        /// The pair that took its place.
        private(set) var replacedBy: ChildSAIdentity?
        var protocolID: SecurityProtocol { suite.protocolID }

        /// - Parameter frame: the frame of the event that tells of it.
        init(_ pair: ChildSA, settledIn frame: Int, part: (number: UInt8, isSwapped: Bool)) {
            self.frame = frame
            let mode = Mode(pair.negotiation, part: part, keepsOffers: false)
            quickMode = Origin(
                exchange: mode.exchange, initiatedBy: mode.initiatedBy, group: pair.negotiation.group,
                initiatorProxy: mode.initiatorProxy, responderProxy: mode.responderProxy, rekeys: mode.rekeys,
                traffic: mode.traffic,
                isOfSetUp: mode.isOfSetUp)
            suite = pair.suite
            spiToInitiator = pair.spiToInitiator
            spiToResponder = pair.spiToResponder
            receiver = pair.ikeSA.endpoint(of: pair.negotiation.initiatedBy.other).address
        }

        var identity: ChildSAIdentity {
            ChildSAIdentity(
                protocolID: protocolID, spiToInitiator: spiToInitiator, spiToResponder: spiToResponder,
                firstFrame: frame)
        }

        /// One of its SPIs is named, whatever frame showed the SA.
        func isNamed(by child: ChildSAIdentity) -> Bool {
            guard child.protocolID == protocolID else { return false }
            return child.spiToInitiator.map { $0 == spiToInitiator || $0 == spiToResponder } ?? false
                || child.spiToResponder.map { $0 == spiToInitiator || $0 == spiToResponder } ?? false
        }

        mutating func delete() { isDeleted = true }
        mutating func replace(by newer: ChildSAIdentity) { replacedBy = newer }
    }
}

extension ChildTraffic {
    /// With the first selectors of each side.
    fileprivate func first(_ most: Int) -> ChildTraffic {
        guard initiator.count > most || responder.count > most else { return self }
        return ChildTraffic(initiator: Array(initiator.prefix(most)), responder: Array(responder.prefix(most)))
    }
}

extension Step {
    /// A response of IKEv2.
    var isAnswer: Bool { if case .v2(let step) = self { step.isResponse } else { false } }

    /// Who began the exchange that a message of `sender` belongs to; IKEv1 does not ask.
    func begunBy(_ sender: Role) -> Role {
        guard case .v2(let step) = self else { return .initiator }
        return step.isResponse ? sender.other : sender
    }
}
