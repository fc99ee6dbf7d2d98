import ScopeDissect

/// What an error of IKEv1 usually means where it comes (RFC 2408 section 3.14.1): devices use few of them as the RFC does.
enum NotificationWords {
    /// Behind `A refuses … of B with NAME: `.
    static func meaning(_ type: NotifyType, at moment: ClearNotice.Moment) -> String {
        switch (moment, type.rawValue) {
        case (.proposal, 7), (.proposal, 29):
            "it does not allow this mode for this peer, or has no proposal in common with it"
        case (.proposal, 11): "there is no SPI to speak of yet, so it is the proposal or the peer that it refuses"
        case (.proposal, 4): "it knows no such negotiation, or does not know this peer"
        case (.proposal, 18): "it does not know this peer, by its address or its identity"
        case (.proposal, 24): "it does not know this peer, or allows it no such mode"
        case (.proposal, 1), (.proposal, 15), (.proposal, 16), (.proposal, 30):
            "it cannot read the message; some say so where no proposal fits"
        case (.proposal, 2), (.proposal, 3), (.proposal, 10), (.proposal, 12), (.proposal, 13), (.proposal, 14):
            "no proposal fits"
        case (.choice, 2), (.choice, 3), (.choice, 10), (.choice, 12), (.choice, 13), (.choice, 14), (.choice, 15):
            "it does not accept the choice"
        case (.keys, 17): "it has no pre-shared key for this peer, or cannot use its public value"
        case (.keys, 14): "it has no policy for this peer after all"
        case (.proof, 1), (.proof, 16), (.proof, 30):
            "what it decrypts makes no sense: the pre-shared keys differ, most often"
        case (.proof, 23): "the HASH is not what it computes: the pre-shared keys or the identities differ"
        case (.proof, 18), (.proof, 24): "it does not accept the identity"
        case (.child, 14), (.child, 2), (.child, 10), (.child, 12), (.child, 13), (.child, 15):
            "it accepts no transform set, mode or PFS group of the offer"
        case (.child, 18): "it has no access list for the networks that are asked for"
        case (.child, 23), (.child, 24): "the HASH is not what it computes, or it does not accept the peer"
        default: general(type)
        }
    }

    private static func general(_ type: NotifyType) -> String {
        switch type.rawValue {
        case 1: "it does not know a payload of the message"
        case 2: "it does not do IPsec under this domain of interpretation"
        case 3: "it does not do the situation that is asked for"
        case 4: "it has no IKE SA with these cookies: it lost or deleted it"
        case 5: "it does not speak this version of IKE"
        case 6: "it does not speak this minor version of IKE"
        case 7, 29: "it does not do this exchange"
        case 8: "it does not accept the flags of the message"
        case 9: "it does not expect this message ID: it has lost the exchange, or used the ID before"
        case 10: "it does not do the protocol that is asked for"
        case 11: "it does not know the SPI"
        case 12: "it does not know a transform of the offer"
        case 13: "it does not do an attribute of the offer"
        case 14: "no proposal fits"
        case 15: "it cannot read the proposal"
        case 16: "it cannot read the message"
        case 17: "it has no key for this peer, or cannot use its public value"
        case 18: "it does not accept the identity"
        case 19: "it cannot read the certificate"
        case 20: "it does not accept the certificate"
        case 21: "it does not do certificates of this kind"
        case 22: "it does not trust the authority of the certificate"
        case 23: "the HASH is not what it computes"
        case 24: "it does not accept the proof of the peer"
        case 25: "the signature is wrong"
        case 26: "it speaks of an address that it does not accept"
        case 27: "it speaks of the lifetime of an SA"
        case 28: "it has no certificate to show"
        case 30: "lengths in the message do not fit each other"
        case 8192..<16384: "a number that its maker has for itself: its own log says what it is"
        default: "a number that no registry has: its own log says what it is"
        }
    }

    /// Numbers with which a side says that it cannot read what it got.
    static let unreadable: Set<UInt16> = [1, 15, 16, 30]
    /// Numbers with which a side says that it does not do what is offered.
    static let unsupported: Set<UInt16> = [2, 3, 10, 12, 13, 14]
}
