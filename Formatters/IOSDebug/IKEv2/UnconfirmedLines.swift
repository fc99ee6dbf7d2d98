import ScopeDissect
import ScopeModel

/// Lines and words that no stored transcript of a device shows.
///
/// They follow general knowledge of the vendor's documentation, and a real transcript corrects them here. `K` stands for a
/// line whose wording is taken to be right, `K-` for one whose wording is doubtful. What is doubtful altogether is not
/// printed.
enum UnconfirmedLines {
    // MARK: Words

    /// K; IKE_FOLLOWUP_KE is K-.
    static func exchange(_ type: ExchangeType) -> StaticString? {
        switch type {
        case .ikeIntermediate: "IKE_INTERMEDIATE"
        case .ikeFollowupKE: "IKE_FOLLOWUP_KE"
        case .ikeSessionResume: "IKE_SESSION_RESUME"
        default: nil
        }
    }

    /// K; that of a fragment is K-.
    ///
    /// The device lists a message before it is cut, and when it is whole again.
    static func payload(_ type: PayloadType) -> StaticString? {
        switch type {
        case .certificateV2: "CERT"
        case .eap: "EAP"
        case .encryptedFragment: "ENCR"
        default: nil
        }
    }

    /// K; those of MOBIKE are K-, which IOS does not have.
    static func notify(_ type: IKEv2.NotifyType) -> StaticString? {
        switch type {
        case .unsupportedCriticalPayload: "UNSUPPORTED_CRITICAL_PAYLOAD"
        case .invalidIKESPI: "INVALID_IKE_SPI"
        case .invalidMajorVersion: "INVALID_MAJOR_VERSION"
        case .invalidSyntax: "INVALID_SYNTAX"
        case .invalidMessageID: "INVALID_MESSAGE_ID"
        case .invalidKEPayload: "INVALID_KE_PAYLOAD"
        case .singlePairRequired: "SINGLE_PAIR_REQUIRED"
        case .noAdditionalSAs: "NO_ADDITIONAL_SAS"
        case .internalAddressFailure: "INTERNAL_ADDRESS_FAILURE"
        case .failedCPRequired: "FAILED_CP_REQUIRED"
        case .invalidSelectors: "INVALID_SELECTORS"
        case .temporaryFailure: "TEMPORARY_FAILURE"
        case .childSANotFound: "CHILD_SA_NOT_FOUND"
        case .additionalTSPossible: "ADDITIONAL_TS_POSSIBLE"
        case .ipCompSupported: "IPCOMP_SUPPORTED"
        case .cookie: "COOKIE"
        case .mobikeSupported: "MOBIKE_SUPPORTED"
        case .additionalIP4Address: "ADDITIONAL_IP4_ADDRESS"
        case .additionalIP6Address: "ADDITIONAL_IP6_ADDRESS"
        case .noAdditionalAddresses: "NO_ADDITIONAL_ADDRESSES"
        case .updateSAAddresses: "UPDATE_SA_ADDRESSES"
        case .cookie2: "COOKIE2"
        case .noNATsAllowed: "NO_NATS_ALLOWED"
        case .redirectSupported: "REDIRECT_SUPPORTED"
        case .redirect: "REDIRECT"
        case .redirectedFrom: "REDIRECTED_FROM"
        case .signatureHashAlgorithms: "SIGNATURE_HASH_ALGORITHMS"
        case .usePPK: "USE_PPK"
        case .ppkIdentity: "PPK_IDENTITY"
        case .noPPKAuth: "NO_PPK_AUTH"
        default: nil
        }
    }

    /// K.
    static func cipher(_ cipher: IKEv2.EncryptionTransform) -> StaticString? {
        switch cipher {
        case .des: "DES"
        case .null: "NULL"
        default: nil
        }
    }

    /// K; those of ML-KEM are K-.
    static func group(_ group: DHGroup) -> StaticString? {
        switch group {
        case .modp768: "DH_GROUP_768_MODP/Group 1"
        case .modp3072: "DH_GROUP_3072_MODP/Group 15"
        case DHGroup(rawValue: 35): "ML-KEM-512"
        case DHGroup(rawValue: 36): "ML-KEM-768"
        case DHGroup(rawValue: 37): "ML-KEM-1024"
        default: nil
        }
    }

    /// K.
    static var usesESN: StaticString { "Use ESN" }
    /// K-.
    static var rekeyedProposal: StaticString { " (IKE rekey), " }

    /// K; a key id is K-.
    static func identity(_ type: IKEv2.IdentificationType) -> StaticString? {
        switch type {
        case .rfc822: "RFC822 address"
        case .keyID: "key-id"
        default: nil
        }
    }

    // MARK: IKE_SA_INIT

    /// K.
    static var cookieChallenge: StaticString { "Sending COOKIE challenge" }
    /// K.
    static var responderHasNoConfiguration: StaticString {
        "IKEv2 responder - no config data to send in IKE_SA_INIT exch"
    }
    /// K: of the line of a device only `KE payload contained` is known.
    static var wrongGroup: StaticString { "The initial KE payload contained wrong DH group" }

    // MARK: Authentication

    /// K.
    static var ecdsa: StaticString { "ECDSA" }
    /// K.
    static var mlDSA: StaticString { "MLDSA" }
    /// K.
    static var eap: StaticString { "EAP" }

    /// K.
    static var signing: [StaticString] {
        [
            "Sign authentication data",
            "[IKEv2 -> PKI] Getting private key",
            "[PKI -> IKEv2] Getting of private key PASSED",
            "[IKEv2 -> Crypto Engine] Sign authentication data",
            "[Crypto Engine -> IKEv2] Signing of authentication data PASSED",
            "Authentication material has been sucessfully signed",
        ]
    }

    /// K.
    static var chainValidated: [StaticString] {
        [
            "[IKEv2 -> PKI] Validating certificate chain",
            "[PKI -> IKEv2] Validation of certificate chain PASSED",
            "Save pubkey",
        ]
    }

    /// K.
    static var verifying: StaticString { "[IKEv2 -> Crypto Engine] Verify signed authenticaiton data" }
    /// K.
    static var verified: StaticString { "[Crypto Engine -> IKEv2] Verification of signed authentication data PASSED" }

    /// K-.
    static func eap(_ code: IKEv2.EAPCode) -> (before: StaticString?, sending: StaticString?) {
        switch code {
        case .request: ("Generating EAP request", "Sending EAP request")
        case .success: (nil, "Sending EAP status success")
        default: (nil, nil)
        }
    }

    /// K-.
    static var processingEAPResponse: StaticString { "Processing EAP response" }

    // MARK: Configuration

    /// K.
    static var configurationIsValid: StaticString { "Received valid config mode data" }
    /// K.
    static var configurationReceived: StaticString { "Config data recieved:" }
    /// K.
    static var configurationSet: StaticString { "Set received config mode data" }

    /// `Config-request` was seen; the others are K.
    static func configuration(_ type: IKEv2.ConfigurationType) -> StaticString {
        switch type {
        case .request: "Config-request"
        case .reply: "Config-reply"
        case .set: "Config-set"
        case .acknowledge: "Config-ack"
        default: "?"
        }
    }

    /// K; the names of Cisco's own were seen, and their numbers are K.
    ///
    /// `ipv4-wins` is K-.
    static func attribute(_ type: UInt16) -> StaticString? {
        switch type {
        case 1: "ipv4-addr"
        case 2: "ipv4-netmask"
        case 3: "ipv4-dns"
        case 4: "ipv4-wins"
        case 8: "ipv6-addr"
        case 10: "ipv6-dns"
        case 13: "ipv4-subnet"
        case 15: "ipv6-subnet"
        case 28672: "banner"
        case 28674: "def-domain"
        case 28675: "split-dns"
        case 28681: "backup-gateway"
        case 28692: "config-url"
        default: nil
        }
    }

    /// K: with `packet`.
    static func dumped(_ type: UInt16) -> StaticString? {
        switch type {
        case 1: "internal IP4 address"
        case 2: "internal IP4 netmask"
        case 3: "internal IP4 DNS"
        case 4: "internal IP4 NBNS"
        case 7: "application version"
        case 13: "internal IP4 subnet"
        default: nil
        }
    }

    // MARK: CREATE_CHILD_SA

    /// K-.
    static var generatesChild: StaticString { "Generating CREATE_CHILD_SA exchange" }
    /// K.
    static var readsChildNotifications: StaticString { "Processing any notify-messages in child SA exchange" }
    /// K.
    static var validatesChild: StaticString { "Validating create child message" }
    /// K.
    static var setsGroup: StaticString { "Set IPSEC DH group" }
    /// K.
    static var checksPFS: StaticString { "Checking for PFS configuration" }
    /// K.
    static var noPFS: StaticString { "PFS not configured" }
    /// K.
    static var requestsSPI: StaticString { "Requesting SPI from IPSec" }
    /// K.
    static var loadsKeys: StaticString { "Loading IPSEC key material" }
    /// K.
    static var createsChild: StaticString { "Creating child SA" }
    /// K.
    static var childFailed: StaticString { "Create child exchange failed" }
    /// K.
    static var unacceptableTraffic: StaticString { "Sending TS unacceptable notify" }

    // MARK: INFORMATIONAL

    /// K.
    static var asksForLife: StaticString { "Sending DPD/liveness query" }
    /// K.
    static var takesQuestion: StaticString { "Received DPD/liveness query" }
    /// K.
    static var answersQuestion: StaticString { "Sending ACK to informational exchange" }
}
