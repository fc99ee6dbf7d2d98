import ScopeWire

extension IKEv2 {
    /// What an EAP message is (RFC 3748 section 4, RFC 6696).
    public struct EAPCode: CodePoint {
        public let rawValue: UInt8
        @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

        @inlinable public static var request: Self { Self(rawValue: 1) }
        @inlinable public static var response: Self { Self(rawValue: 2) }
        @inlinable public static var success: Self { Self(rawValue: 3) }
        @inlinable public static var failure: Self { Self(rawValue: 4) }

        public static let names: [Self: String] = [
            .request: "Request",
            .response: "Response",
            .success: "Success",
            .failure: "Failure",
            Self(rawValue: 5): "Initiate",
            Self(rawValue: 6): "Finish",
        ]
    }

    /// Methods of EAP (RFC 3748 section 5 and the IANA registry).
    public struct EAPType: CodePoint {
        public let rawValue: UInt8
        @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

        @inlinable public static var identity: Self { Self(rawValue: 1) }
        @inlinable public static var notification: Self { Self(rawValue: 2) }
        @inlinable public static var nak: Self { Self(rawValue: 3) }
        @inlinable public static var md5Challenge: Self { Self(rawValue: 4) }
        @inlinable public static var oneTimePassword: Self { Self(rawValue: 5) }
        @inlinable public static var tokenCard: Self { Self(rawValue: 6) }
        @inlinable public static var tls: Self { Self(rawValue: 13) }
        @inlinable public static var sim: Self { Self(rawValue: 18) }
        @inlinable public static var ttls: Self { Self(rawValue: 21) }
        @inlinable public static var aka: Self { Self(rawValue: 23) }
        @inlinable public static var peap: Self { Self(rawValue: 25) }
        @inlinable public static var mschapv2: Self { Self(rawValue: 26) }
        @inlinable public static var fast: Self { Self(rawValue: 43) }
        @inlinable public static var akaPrime: Self { Self(rawValue: 50) }
        @inlinable public static var teap: Self { Self(rawValue: 55) }
        @inlinable public static var expanded: Self { Self(rawValue: 254) }

        public static let names: [Self: String] = [
            .identity: "Identity",
            .notification: "Notification",
            .nak: "Nak",
            .md5Challenge: "MD5-Challenge",
            .oneTimePassword: "OTP",
            .tokenCard: "GTC",
            .tls: "EAP-TLS",
            Self(rawValue: 17): "LEAP",
            .sim: "EAP-SIM",
            .ttls: "EAP-TTLS",
            .aka: "EAP-AKA",
            .peap: "PEAP",
            .mschapv2: "EAP-MSCHAPv2",
            Self(rawValue: 33): "EAP-TLV",
            .fast: "EAP-FAST",
            Self(rawValue: 46): "EAP-PAX",
            Self(rawValue: 47): "EAP-PSK",
            Self(rawValue: 48): "EAP-SAKE",
            Self(rawValue: 49): "EAP-IKEv2",
            .akaPrime: "EAP-AKA'",
            Self(rawValue: 51): "EAP-GPSK",
            Self(rawValue: 52): "EAP-pwd",
            Self(rawValue: 53): "EAP-EKE",
            .teap: "TEAP",
            Self(rawValue: 56): "EAP-NOOB",
            .expanded: "Expanded",
            Self(rawValue: 255): "Experimental",
        ]
    }

    /// Operations of EAP-MSCHAPv2 (draft-kamath-pppext-eap-mschapv2 section 2).
    public struct MSCHAPv2Operation: CodePoint {
        public let rawValue: UInt8
        @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

        @inlinable public static var challenge: Self { Self(rawValue: 1) }
        @inlinable public static var response: Self { Self(rawValue: 2) }
        @inlinable public static var success: Self { Self(rawValue: 3) }
        @inlinable public static var failure: Self { Self(rawValue: 4) }
        @inlinable public static var changePassword: Self { Self(rawValue: 7) }

        public static let names: [Self: String] = [
            .challenge: "Challenge",
            .response: "Response",
            .success: "Success",
            .failure: "Failure",
            .changePassword: "Change-Password",
        ]
    }

    /// Subtypes of EAP-SIM and EAP-AKA (RFC 4186 section 11, RFC 4187 section 11).
    public struct AKASubtype: CodePoint {
        public let rawValue: UInt8
        @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

        @inlinable public static var challenge: Self { Self(rawValue: 1) }

        public static let names: [Self: String] = [
            .challenge: "Challenge",
            Self(rawValue: 2): "Authentication-Reject",
            Self(rawValue: 4): "Synchronization-Failure",
            Self(rawValue: 5): "Identity",
            Self(rawValue: 10): "SIM Start",
            Self(rawValue: 11): "SIM Challenge",
            Self(rawValue: 12): "Notification",
            Self(rawValue: 13): "Reauthentication",
            Self(rawValue: 14): "Client-Error",
        ]
    }

    /// Attributes of EAP-SIM, EAP-AKA and EAP-AKA' (RFC 4186 section 10, RFC 4187 section 10, RFC 9048).
    public struct AKAAttribute: CodePoint {
        public let rawValue: UInt8
        @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

        @inlinable public static var res: Self { Self(rawValue: 3) }
        @inlinable public static var identity: Self { Self(rawValue: 14) }

        public static let names: [Self: String] = [
            Self(rawValue: 1): "AT_RAND",
            Self(rawValue: 2): "AT_AUTN",
            .res: "AT_RES",
            Self(rawValue: 4): "AT_AUTS",
            Self(rawValue: 6): "AT_PADDING",
            Self(rawValue: 7): "AT_NONCE_MT",
            Self(rawValue: 10): "AT_PERMANENT_ID_REQ",
            Self(rawValue: 11): "AT_MAC",
            Self(rawValue: 12): "AT_NOTIFICATION",
            Self(rawValue: 13): "AT_ANY_ID_REQ",
            .identity: "AT_IDENTITY",
            Self(rawValue: 15): "AT_VERSION_LIST",
            Self(rawValue: 16): "AT_SELECTED_VERSION",
            Self(rawValue: 17): "AT_FULLAUTH_ID_REQ",
            Self(rawValue: 19): "AT_COUNTER",
            Self(rawValue: 20): "AT_COUNTER_TOO_SMALL",
            Self(rawValue: 21): "AT_NONCE_S",
            Self(rawValue: 22): "AT_CLIENT_ERROR_CODE",
            Self(rawValue: 23): "AT_KDF_INPUT",
            Self(rawValue: 24): "AT_KDF",
            Self(rawValue: 129): "AT_IV",
            Self(rawValue: 130): "AT_ENCR_DATA",
            Self(rawValue: 132): "AT_NEXT_PSEUDONYM",
            Self(rawValue: 133): "AT_NEXT_REAUTH_ID",
            Self(rawValue: 134): "AT_CHECKCODE",
            Self(rawValue: 135): "AT_RESULT_IND",
            Self(rawValue: 136): "AT_BIDDING",
        ]
    }

    /// Types of TLS records (RFC 8446 section 5.1).
    public struct TLSContentType: CodePoint {
        public let rawValue: UInt8
        @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

        @inlinable public static var handshake: Self { Self(rawValue: 22) }

        public static let names: [Self: String] = [
            Self(rawValue: 20): "ChangeCipherSpec",
            Self(rawValue: 21): "Alert",
            .handshake: "Handshake",
            Self(rawValue: 23): "ApplicationData",
        ]
    }

    /// Types of TLS handshake messages (RFC 5246 section 7.4, RFC 8446 section 4).
    public struct TLSHandshakeType: CodePoint {
        public let rawValue: UInt8
        @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

        public static let names: [Self: String] = [
            Self(rawValue: 1): "ClientHello",
            Self(rawValue: 2): "ServerHello",
            Self(rawValue: 4): "NewSessionTicket",
            Self(rawValue: 8): "EncryptedExtensions",
            Self(rawValue: 11): "Certificate",
            Self(rawValue: 12): "ServerKeyExchange",
            Self(rawValue: 13): "CertificateRequest",
            Self(rawValue: 14): "ServerHelloDone",
            Self(rawValue: 15): "CertificateVerify",
            Self(rawValue: 16): "ClientKeyExchange",
            Self(rawValue: 20): "Finished",
        ]
    }
}
