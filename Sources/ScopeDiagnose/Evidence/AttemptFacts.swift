import ScopeDissect
import ScopeModel
import ScopeWire

/// What the rules need of an IKE SA.
struct SAFacts {
    let id: Int
    let mode: Phase1Mode?
    /// The highest message of phase 1 seen so far.
    let position: Int
    let isEstablished: Bool
    let responderSPI: UInt64
    var chosen: Transform?
    let crosses: Crossing?

    init(_ sa: IKESA) {
        id = sa.id
        mode = sa.mode
        position = sa.position
        isEstablished = sa.isEstablished
        responderSPI = sa.responderSPI
        chosen = sa.chosen
        crosses = sa.crosses
    }
}

/// What was proposed or agreed on in an SA payload.
struct Offer {
    var proposals: [Proposal]

    init?(_ payload: SAPayload?) {
        guard let payload else { return nil }
        proposals = Trim.proposals(payload.proposals)
    }
}

extension Attempt {
    /// A Quick Mode without nonces and public values.
    struct Mode {
        let messageID: UInt32
        let initiatedBy: Role
        /// The highest message seen: 1 to 4.
        let position: Int
        var offer: Offer?
        var answer: Offer?
        /// The proxy identities: IDci of the exchange's initiator, IDcr of its responder; nil means the peers themselves.
        let initiatorProxy: IdentificationPayload?
        let responderProxy: IdentificationPayload?

        init(_ mode: ChildNegotiation, keepsOffers: Bool) {
            messageID = mode.messageID
            initiatedBy = mode.initiatedBy
            position = mode.position
            offer = keepsOffers ? Offer(mode.offer) : nil
            answer = keepsOffers ? Offer(mode.answer) : nil
            initiatorProxy = mode.initiatorProxy?.trimmed
            responderProxy = mode.responderProxy?.trimmed
        }

        /// The PFS group of the chosen transform (else of the first offered one); nil without PFS.
        var group: UInt16? {
            let transforms = (answer ?? offer)?.proposals.flatMap(\.transforms) ?? []
            return transforms.lazy.compactMap { $0.value(3) }.first.map { UInt16(truncatingIfNeeded: $0) }
        }
    }

    /// A pair of SAs that a Quick Mode made.
    struct MadeSAs {
        struct Origin {
            let messageID: UInt32
            let initiatedBy: Role
            /// The PFS group; nil without.
            let group: UInt16?
            let initiatorProxy: IdentificationPayload?
            let responderProxy: IdentificationPayload?
        }

        let quickMode: Origin
        let protocolID: SecurityProtocol
        /// Chosen by the exchange's initiator: on packets that go to it.
        let spiToInitiator: UInt32
        let spiToResponder: UInt32
        /// Who takes packets under `spiToResponder`.
        let receiver: IPAddress
        /// The agreed transform.
        var transform: Transform

        init(_ pair: ChildSA) {
            let mode = pair.quickMode
            quickMode = Origin(
                messageID: mode.messageID, initiatedBy: mode.initiatedBy, group: mode.group,
                initiatorProxy: mode.initiatorProxy?.trimmed, responderProxy: mode.responderProxy?.trimmed)
            protocolID = pair.protocolID
            spiToInitiator = pair.spiToInitiator
            spiToResponder = pair.spiToResponder
            receiver = pair.ikeSA.endpoint(of: mode.initiatedBy.other).address
            transform = Trim.transform(pair.transform)
        }
    }
}
