import ScopeWire

extension IKEv2 {
    /// Notify message types (RFC 7296 section 3.10.1 and the IANA registry); private ones have a table of their own.
    public struct NotifyType: CodePoint {
        public let rawValue: UInt16
        @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

        @inlinable public static var unsupportedCriticalPayload: Self { Self(rawValue: 1) }
        @inlinable public static var invalidIKESPI: Self { Self(rawValue: 4) }
        @inlinable public static var invalidMajorVersion: Self { Self(rawValue: 5) }
        @inlinable public static var invalidSyntax: Self { Self(rawValue: 7) }
        @inlinable public static var invalidMessageID: Self { Self(rawValue: 9) }
        @inlinable public static var invalidSPI: Self { Self(rawValue: 11) }
        @inlinable public static var noProposalChosen: Self { Self(rawValue: 14) }
        @inlinable public static var invalidKEPayload: Self { Self(rawValue: 17) }
        @inlinable public static var authenticationFailed: Self { Self(rawValue: 24) }
        @inlinable public static var singlePairRequired: Self { Self(rawValue: 34) }
        @inlinable public static var noAdditionalSAs: Self { Self(rawValue: 35) }
        @inlinable public static var internalAddressFailure: Self { Self(rawValue: 36) }
        @inlinable public static var failedCPRequired: Self { Self(rawValue: 37) }
        @inlinable public static var tsUnacceptable: Self { Self(rawValue: 38) }
        @inlinable public static var invalidSelectors: Self { Self(rawValue: 39) }
        @inlinable public static var unacceptableAddresses: Self { Self(rawValue: 40) }
        @inlinable public static var unexpectedNATDetected: Self { Self(rawValue: 41) }
        @inlinable public static var temporaryFailure: Self { Self(rawValue: 43) }
        @inlinable public static var childSANotFound: Self { Self(rawValue: 44) }
        @inlinable public static var authorizationFailed: Self { Self(rawValue: 46) }
        @inlinable public static var stateNotFound: Self { Self(rawValue: 47) }
        @inlinable public static var initialContact: Self { Self(rawValue: 16384) }
        @inlinable public static var setWindowSize: Self { Self(rawValue: 16385) }
        @inlinable public static var additionalTSPossible: Self { Self(rawValue: 16386) }
        @inlinable public static var ipCompSupported: Self { Self(rawValue: 16387) }
        @inlinable public static var natDetectionSourceIP: Self { Self(rawValue: 16388) }
        @inlinable public static var natDetectionDestinationIP: Self { Self(rawValue: 16389) }
        @inlinable public static var cookie: Self { Self(rawValue: 16390) }
        @inlinable public static var useTransportMode: Self { Self(rawValue: 16391) }
        @inlinable public static var httpCertLookupSupported: Self { Self(rawValue: 16392) }
        @inlinable public static var rekeySA: Self { Self(rawValue: 16393) }
        @inlinable public static var espTFCPaddingNotSupported: Self { Self(rawValue: 16394) }
        @inlinable public static var nonFirstFragmentsAlso: Self { Self(rawValue: 16395) }
        @inlinable public static var mobikeSupported: Self { Self(rawValue: 16396) }
        @inlinable public static var additionalIP4Address: Self { Self(rawValue: 16397) }
        @inlinable public static var additionalIP6Address: Self { Self(rawValue: 16398) }
        @inlinable public static var noAdditionalAddresses: Self { Self(rawValue: 16399) }
        @inlinable public static var updateSAAddresses: Self { Self(rawValue: 16400) }
        @inlinable public static var cookie2: Self { Self(rawValue: 16401) }
        @inlinable public static var noNATsAllowed: Self { Self(rawValue: 16402) }
        @inlinable public static var authLifetime: Self { Self(rawValue: 16403) }
        @inlinable public static var multipleAuthSupported: Self { Self(rawValue: 16404) }
        @inlinable public static var anotherAuthFollows: Self { Self(rawValue: 16405) }
        @inlinable public static var redirectSupported: Self { Self(rawValue: 16406) }
        @inlinable public static var redirect: Self { Self(rawValue: 16407) }
        @inlinable public static var redirectedFrom: Self { Self(rawValue: 16408) }
        @inlinable public static var ticketLTOpaque: Self { Self(rawValue: 16409) }
        @inlinable public static var ticketRequest: Self { Self(rawValue: 16410) }
        @inlinable public static var ticketAck: Self { Self(rawValue: 16411) }
        @inlinable public static var ticketNack: Self { Self(rawValue: 16412) }
        @inlinable public static var ticketOpaque: Self { Self(rawValue: 16413) }
        @inlinable public static var linkID: Self { Self(rawValue: 16414) }
        @inlinable public static var rohcSupported: Self { Self(rawValue: 16416) }
        @inlinable public static var eapOnlyAuthentication: Self { Self(rawValue: 16417) }
        @inlinable public static var childlessSupported: Self { Self(rawValue: 16418) }
        @inlinable public static var quickCrashDetection: Self { Self(rawValue: 16419) }
        @inlinable public static var messageIDSync: Self { Self(rawValue: 16422) }
        @inlinable public static var replayCounterSync: Self { Self(rawValue: 16423) }
        @inlinable public static var securePasswordMethods: Self { Self(rawValue: 16424) }
        @inlinable public static var groupSender: Self { Self(rawValue: 16429) }
        @inlinable public static var fragmentationSupported: Self { Self(rawValue: 16430) }
        @inlinable public static var signatureHashAlgorithms: Self { Self(rawValue: 16431) }
        @inlinable public static var puzzle: Self { Self(rawValue: 16434) }
        @inlinable public static var usePPK: Self { Self(rawValue: 16435) }
        @inlinable public static var ppkIdentity: Self { Self(rawValue: 16436) }
        @inlinable public static var noPPKAuth: Self { Self(rawValue: 16437) }
        @inlinable public static var intermediateExchangeSupported: Self { Self(rawValue: 16438) }
        @inlinable public static var additionalKeyExchange: Self { Self(rawValue: 16441) }
        @inlinable public static var useAggFrag: Self { Self(rawValue: 16442) }
        @inlinable public static var supportedAuthMethods: Self { Self(rawValue: 16443) }
        @inlinable public static var usePPKInt: Self { Self(rawValue: 16445) }
        @inlinable public static var ppkIdentityKey: Self { Self(rawValue: 16446) }

        /// Errors stand below 16384 (RFC 7296 section 3.10.1), status types above.
        public var isError: Bool { rawValue < 16384 }

        public static let names = registered.merging(vendors) { registered, _ in registered }

        private static let registered: [Self: String] = [
            .unsupportedCriticalPayload: "UNSUPPORTED_CRITICAL_PAYLOAD",
            .invalidIKESPI: "INVALID_IKE_SPI",
            .invalidMajorVersion: "INVALID_MAJOR_VERSION",
            .invalidSyntax: "INVALID_SYNTAX",
            .invalidMessageID: "INVALID_MESSAGE_ID",
            .invalidSPI: "INVALID_SPI",
            .noProposalChosen: "NO_PROPOSAL_CHOSEN",
            .invalidKEPayload: "INVALID_KE_PAYLOAD",
            .authenticationFailed: "AUTHENTICATION_FAILED",
            .singlePairRequired: "SINGLE_PAIR_REQUIRED",
            .noAdditionalSAs: "NO_ADDITIONAL_SAS",
            .internalAddressFailure: "INTERNAL_ADDRESS_FAILURE",
            .failedCPRequired: "FAILED_CP_REQUIRED",
            .tsUnacceptable: "TS_UNACCEPTABLE",
            .invalidSelectors: "INVALID_SELECTORS",
            .unacceptableAddresses: "UNACCEPTABLE_ADDRESSES",
            .unexpectedNATDetected: "UNEXPECTED_NAT_DETECTED",
            Self(rawValue: 42): "USE_ASSIGNED_HoA",
            .temporaryFailure: "TEMPORARY_FAILURE",
            .childSANotFound: "CHILD_SA_NOT_FOUND",
            Self(rawValue: 45): "INVALID_GROUP_ID",
            .authorizationFailed: "AUTHORIZATION_FAILED",
            .stateNotFound: "STATE_NOT_FOUND",
            Self(rawValue: 48): "TS_MAX_QUEUE",
            Self(rawValue: 49): "REGISTRATION_FAILED",
            .initialContact: "INITIAL_CONTACT",
            .setWindowSize: "SET_WINDOW_SIZE",
            .additionalTSPossible: "ADDITIONAL_TS_POSSIBLE",
            .ipCompSupported: "IPCOMP_SUPPORTED",
            .natDetectionSourceIP: "NAT_DETECTION_SOURCE_IP",
            .natDetectionDestinationIP: "NAT_DETECTION_DESTINATION_IP",
            .cookie: "COOKIE",
            .useTransportMode: "USE_TRANSPORT_MODE",
            .httpCertLookupSupported: "HTTP_CERT_LOOKUP_SUPPORTED",
            .rekeySA: "REKEY_SA",
            .espTFCPaddingNotSupported: "ESP_TFC_PADDING_NOT_SUPPORTED",
            .nonFirstFragmentsAlso: "NON_FIRST_FRAGMENTS_ALSO",
            .mobikeSupported: "MOBIKE_SUPPORTED",
            .additionalIP4Address: "ADDITIONAL_IP4_ADDRESS",
            .additionalIP6Address: "ADDITIONAL_IP6_ADDRESS",
            .noAdditionalAddresses: "NO_ADDITIONAL_ADDRESSES",
            .updateSAAddresses: "UPDATE_SA_ADDRESSES",
            .cookie2: "COOKIE2",
            .noNATsAllowed: "NO_NATS_ALLOWED",
            .authLifetime: "AUTH_LIFETIME",
            .multipleAuthSupported: "MULTIPLE_AUTH_SUPPORTED",
            .anotherAuthFollows: "ANOTHER_AUTH_FOLLOWS",
            .redirectSupported: "REDIRECT_SUPPORTED",
            .redirect: "REDIRECT",
            .redirectedFrom: "REDIRECTED_FROM",
            .ticketLTOpaque: "TICKET_LT_OPAQUE",
            .ticketRequest: "TICKET_REQUEST",
            .ticketAck: "TICKET_ACK",
            .ticketNack: "TICKET_NACK",
            .ticketOpaque: "TICKET_OPAQUE",
            .linkID: "LINK_ID",
            Self(rawValue: 16415): "USE_WESP_MODE",
            .rohcSupported: "ROHC_SUPPORTED",
            .eapOnlyAuthentication: "EAP_ONLY_AUTHENTICATION",
            .childlessSupported: "CHILDLESS_IKEV2_SUPPORTED",
            .quickCrashDetection: "QUICK_CRASH_DETECTION",
            Self(rawValue: 16420): "IKEV2_MESSAGE_ID_SYNC_SUPPORTED",
            Self(rawValue: 16421): "IPSEC_REPLAY_COUNTER_SYNC_SUPPORTED",
            .messageIDSync: "IKEV2_MESSAGE_ID_SYNC",
            .replayCounterSync: "IPSEC_REPLAY_COUNTER_SYNC",
            .securePasswordMethods: "SECURE_PASSWORD_METHODS",
            Self(rawValue: 16425): "PSK_PERSIST",
            Self(rawValue: 16426): "PSK_CONFIRM",
            Self(rawValue: 16427): "ERX_SUPPORTED",
            Self(rawValue: 16428): "IFOM_CAPABILITY",
            .groupSender: "GROUP_SENDER",
            .fragmentationSupported: "IKEV2_FRAGMENTATION_SUPPORTED",
            .signatureHashAlgorithms: "SIGNATURE_HASH_ALGORITHMS",
            Self(rawValue: 16432): "CLONE_IKE_SA_SUPPORTED",
            Self(rawValue: 16433): "CLONE_IKE_SA",
            .puzzle: "PUZZLE",
            .usePPK: "USE_PPK",
            .ppkIdentity: "PPK_IDENTITY",
            .noPPKAuth: "NO_PPK_AUTH",
            .intermediateExchangeSupported: "INTERMEDIATE_EXCHANGE_SUPPORTED",
            Self(rawValue: 16439): "IP4_ALLOWED",
            Self(rawValue: 16440): "IP6_ALLOWED",
            .additionalKeyExchange: "ADDITIONAL_KEY_EXCHANGE",
            .useAggFrag: "USE_AGGFRAG",
            .supportedAuthMethods: "SUPPORTED_AUTH_METHODS",
            Self(rawValue: 16444): "SA_RESOURCE_INFO",
            .usePPKInt: "USE_PPK_INT",
            .ppkIdentityKey: "PPK_IDENTITY_KEY",
        ]
    }
}
