extension IKEv2 {
    /// What the body of a payload of IKEv2 says.
    ///
    /// CERT and vendor ID payloads are the same in both versions: they are cases of `Payload.Content`.
    public enum Content: Sendable {
        case sa(SAPayload)
        case keyExchange(KeyExchange)
        case identification(Identification)
        case certificateRequest(CertificateRequest)
        case authentication(Authentication)
        /// 16 to 256 bytes (RFC 7296 section 3.9): the whole body.
        case nonce
        case notify(Notify)
        case delete(Delete)
        case trafficSelectors(TrafficSelectors)
        case encrypted(Encrypted)
        case configuration(Configuration)
        case eap(EAP)
        /// The message of a secure password method, whose format is the method's (RFC 6467).
        case passwordMethod
        /// The policy of a group (RFC 9838): recognised, not decoded.
        case groupAssociation
        /// Keys of a group (RFC 9838): recognised, and not shown.
        case keyDownload
        /// The answer to a puzzle (RFC 8019 section 8.2).
        case puzzleSolution
    }
}

extension IKEv2.Content {
    /// What a body was read as, without its fields; the two that are shared with IKEv1 have a kind too.
    enum Kind: CaseIterable, Sendable {
        case sa, keyExchange, identification, certificate, certificateRequest, authentication, nonce, notify, delete
        case vendorID, trafficSelectors, encrypted, configuration, eap, passwordMethod, groupAssociation, keyDownload
        case puzzleSolution
    }

    var kind: Kind {
        switch self {
        case .sa: .sa
        case .keyExchange: .keyExchange
        case .identification: .identification
        case .certificateRequest: .certificateRequest
        case .authentication: .authentication
        case .nonce: .nonce
        case .notify: .notify
        case .delete: .delete
        case .trafficSelectors: .trafficSelectors
        case .encrypted: .encrypted
        case .configuration: .configuration
        case .eap: .eap
        case .passwordMethod: .passwordMethod
        case .groupAssociation: .groupAssociation
        case .keyDownload: .keyDownload
        case .puzzleSolution: .puzzleSolution
        }
    }
}
