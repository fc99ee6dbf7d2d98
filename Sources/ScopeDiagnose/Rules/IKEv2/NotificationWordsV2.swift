import ScopeDissect

extension NotificationType {
    /// What an error of IKEv2 says outside the set-up, where rules of their own know more (RFC 7296 section 3.10.1,
    /// RFC 4555 section 4); nil for one that its name explains as well.
    var wordsOfIKEv2: String? {
        guard case .v2(let type) = self else { return nil }
        return switch type {
        case .unsupportedCriticalPayload: "it does not know a payload that is marked as critical"
        case .invalidIKESPI: "it has no IKE SA with these SPIs: it lost or deleted it"
        case .invalidMajorVersion: "it does not speak this version of IKE"
        case .invalidSyntax: "it cannot read the message"
        case .invalidMessageID: "the message ID is outside its window"
        case .invalidSPI: "it does not know the SPI of an ESP or AH packet"
        case .noProposalChosen: "no proposal fits"
        case .authenticationFailed: "it does not accept the proof of the peer"
        case .invalidSelectors: "an ESP or AH packet was for traffic that its SA does not allow, and was dropped"
        case .unacceptableAddresses: "it does not take the new addresses (MOBIKE)"
        case .unexpectedNATDetected: "there is a NAT where none was allowed (MOBIKE)"
        case .temporaryFailure: "not now, but later"
        case .childSANotFound: "it does not know the child SA that is to be replaced"
        case .authorizationFailed: "the peer is known, and not allowed to do this"
        case .stateNotFound: "it has lost the state of the key exchanges under way"
        default: nil
        }
    }
}
