import ScopeDissect
import ScopeModel

extension Event {
    /// The event as what a device prints would make it: of an IKE message what it says, and none of its bytes.
    var bare: Event {
        var event = self
        switch kind {
        case .ikeMessage(let message): event.kind = .ikeMessage(message.bare)
        case .ikeFragment(let message): event.kind = .ikeFragment(message.bare)
        default: break
        }
        return event
    }

    var isOfIKEMessage: Bool {
        switch kind {
        case .ikeMessage, .ikeFragment: true
        default: false
        }
    }
}

extension IKEMessage {
    fileprivate var bare: IKEMessage {
        var opening = opening
        if case .opened(let chain, let key, let proof) = opening {
            opening = .opened(PayloadChain(payloads: chain.payloads), key: key, proof: proof)
        }
        return IKEMessage(
            frames: frames, source: source, destination: destination, carrier: carrier,
            message: ISAKMPMessage(header: message.header, payloads: message.chain.payloads),
            ikeFragments: ikeFragments, sa: sa, positionBefore: positionBefore, sender: sender, step: step,
            repetition: repetition, opening: opening, natDiscovery: natDiscovery, quickMode: quickMode,
            liveness: liveness, clearProof: clearProof, certificates: certificates, v2: v2, hopLimit: hopLimit,
            hasPartialChecksum: hasPartialChecksum)
    }
}
