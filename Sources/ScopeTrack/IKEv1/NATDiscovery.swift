import ScopeDissect
import ScopeModel
import ScopeWire

/// NAT-D payloads against the addresses of the packet that brought them (RFC 3947 section 3.2).
extension IKEv1Follower {
    func natDiscovery(_ arrival: Arrival, _ chain: PayloadChain?, _ state: IKESAState) -> [NATDiscoveryMatch] {
        // Of hashes that were cut off nobody knows what they were.
        guard let chain, !arrival.message.isCut else { return [] }
        let payloads = chain.payloads.filter { if case .natDiscovery = $0.content { true } else { false } }
        guard !payloads.isEmpty else { return [] }
        guard let algorithm = state.sa.suite?.hash,
            let destination = hash(arrival.packet.destination, algorithm, arrival.message.header),
            let source = hash(arrival.packet.source, algorithm, arrival.message.header)
        else { return payloads.map { _ in .unknown } }
        return payloads.map { payload in
            let body = chain.slice(payload.body)
            if body.elementsEqual(destination) { return .destination }
            return body.elementsEqual(source) ? .source : .neither
        }
    }

    private func hash(_ endpoint: Endpoint, _ algorithm: Hash, _ header: ISAKMPHeader) -> [UInt8]? {
        tools.unsealer.natDiscoveryHash(
            algorithm, initiatorSPI: header.initiatorSPI, responderSPI: header.responderSPI,
            address: endpoint.address, port: endpoint.port)
    }
}
