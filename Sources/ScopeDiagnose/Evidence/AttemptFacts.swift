import ScopeDissect
import ScopeModel
import ScopeWire

/// What the rules need of an IKE SA.
struct SAFacts {
    /// As it is printed.
    let id: Int
    let identity: IKESAIdentity
    let mode: Phase1Mode?
    /// The highest message of phase 1 seen so far.
    let position: Int
    let isEstablished: Bool
    let responderSPI: UInt64
    let suite: IKESuite?
    let crosses: Crossing?

    init(_ sa: IKESA) {
        id = sa.id
        identity = sa.identity
        mode = sa.phase1.mode
        position = sa.phase1.position
        isEstablished = sa.isUp
        responderSPI = sa.responderSPI
        suite = sa.suite
        crosses = sa.crosses
    }
}

extension Attempt {
    /// A Quick Mode without nonces and public values.
    struct Mode {
        let messageID: UInt32
        let initiatedBy: Role
        /// The highest message seen: 1 to 4.
        let position: Int
        /// Nil where they were not seen.
        var offers: [Offer]?
        var answers: [Offer]?
        /// The proxy identities: IDci of the exchange's initiator, IDcr of its responder; nil means the peers themselves.
        let initiatorProxy: IdentificationPayload?
        let responderProxy: IdentificationPayload?

        init(_ mode: ChildNegotiation, keepsOffers: Bool) {
            messageID = mode.messageID
            initiatedBy = mode.initiatedBy
            position = mode.position
            offers = keepsOffers ? mode.offer.map(Trim.offers) : nil
            answers = keepsOffers ? mode.answer.map(Trim.offers) : nil
            initiatorProxy = mode.initiatorProxy?.trimmed
            responderProxy = mode.responderProxy?.trimmed
        }

        /// The PFS group of the chosen transform (else of the first offered one); nil without PFS.
        var group: DHGroup? { (answers ?? offers ?? []).lazy.compactMap { $0.child?.group }.first }

        /// What its SAs are for; nil where it named no identities.
        var traffic: ChildTraffic? {
            guard let initiatorProxy, let responderProxy else { return nil }
            return ProxyIdentities(initiator: initiatorProxy, responder: responderProxy).traffic
        }
    }

    /// A pair of SAs that a Quick Mode made.
    struct MadeSAs {
        struct Origin {
            let messageID: UInt32
            let initiatedBy: Role
            /// The PFS group; nil without.
            let group: DHGroup?
            let initiatorProxy: IdentificationPayload?
            let responderProxy: IdentificationPayload?

            /// What its SAs are for; nil where it named no identities.
            var traffic: ChildTraffic? {
                guard let initiatorProxy, let responderProxy else { return nil }
                return ProxyIdentities(initiator: initiatorProxy, responder: responderProxy).traffic
            }
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
        init(_ pair: ChildSA, settledIn frame: Int) {
            self.frame = frame
            let mode = pair.negotiation
            quickMode = Origin(
                messageID: mode.messageID, initiatedBy: mode.initiatedBy, group: mode.group,
                initiatorProxy: mode.initiatorProxy?.trimmed, responderProxy: mode.responderProxy?.trimmed)
            suite = pair.suite
            spiToInitiator = pair.spiToInitiator
            spiToResponder = pair.spiToResponder
            receiver = pair.ikeSA.endpoint(of: mode.initiatedBy.other).address
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
