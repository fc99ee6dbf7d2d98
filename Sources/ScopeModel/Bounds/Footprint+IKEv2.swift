import ScopeDissect

extension IKEv2.Content {
    /// What the value holds in memory beside itself, as far as a peer can make it grow: an estimate, in bytes.
    var footprint: Int {
        switch self {
        case .sa(let content):
            content.proposals.reduce(64) { sum, proposal in
                sum + 64 + proposal.spi.count + proposal.transforms.reduce(0) { $0 + 32 + $1.attributes.footprint }
            }
        case .identification(let content): content.identity.footprint
        case .certificateRequest(let content): content.authorities.count * 56
        case .authentication: 64
        case .notify(let content): content.spi.count + content.content.footprint(dataCount: content.data.count)
        case .delete(let content): content.spiBytes.count
        case .trafficSelectors(let content):
            content.selectors.reduce(0) { $0 + $1.footprint }
        case .configuration(let content): content.attributes.footprint
        case .eap(let content): 128 + content.data.count
        case .keyExchange, .nonce, .encrypted, .passwordMethod, .groupAssociation, .keyDownload, .puzzleSolution: 0
        }
    }
}

extension IKEv2.NotifyContent {
    /// Lists and texts are at most some ten times as large as the data that they were read from.
    fileprivate func footprint(dataCount: Int) -> Int {
        switch self {
        case .hashAlgorithms, .passwordMethods, .device, .gateway, .ppk: 32 + dataCount
        case .attributes(let attributes): attributes.footprint
        case .authenticationMethods(let methods):
            methods.count * MemoryLayout<IKEv2.AuthenticationAnnouncement>.stride + dataCount
        default: 0
        }
    }
}

extension IKEv2.TrafficSelector {
    fileprivate var footprint: Int {
        let held =
            switch content {
            case .addresses: 0
            case .securityLabel(let bytes), .other(let bytes): 32 + bytes.count
            }
        return MemoryLayout<Self>.stride + held
    }
}
