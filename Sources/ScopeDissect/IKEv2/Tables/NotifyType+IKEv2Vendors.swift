import ScopeWire

/// Private notify types: strongSwan's and libreswan's, and those of 3GPP TS 24.302 and TS 24.502.
extension IKEv2.NotifyType {
    @inlinable public static var nullAuth: Self { Self(rawValue: 40960) }
    @inlinable public static var useBEETMode: Self { Self(rawValue: 40961) }
    @inlinable public static var backoffTimer: Self { Self(rawValue: 41041) }
    @inlinable public static var deviceIdentity: Self { Self(rawValue: 41101) }
    @inlinable public static var nasIP4Address: Self { Self(rawValue: 55502) }
    @inlinable public static var nasIP6Address: Self { Self(rawValue: 55503) }
    @inlinable public static var upIP4Address: Self { Self(rawValue: 55504) }
    @inlinable public static var upIP6Address: Self { Self(rawValue: 55505) }
    @inlinable public static var nasTCPPort: Self { Self(rawValue: 55506) }

    /// Two numbers are used by both: their names say so, since nothing in the payload tells whose they are.
    static let vendors: [Self: String] = [
        Self(rawValue: 8192): "ME_CONNECT_FAILED or PDN_CONNECTION_REJECTION",
        Self(rawValue: 8193): "MAX_CONNECTION_REACHED",
        Self(rawValue: 8241): "SEMANTIC_ERROR_IN_THE_TFT_OPERATION",
        Self(rawValue: 8242): "SYNTACTICAL_ERROR_IN_THE_TFT_OPERATION",
        Self(rawValue: 8244): "SEMANTIC_ERRORS_IN_PACKET_FILTERS",
        Self(rawValue: 8245): "SYNTACTICAL_ERRORS_IN_PACKET_FILTERS",
        Self(rawValue: 9000): "NON_3GPP_ACCESS_TO_EPC_NOT_ALLOWED",
        Self(rawValue: 9001): "USER_UNKNOWN",
        Self(rawValue: 9002): "NO_APN_SUBSCRIPTION",
        Self(rawValue: 9003): "AUTHORIZATION_REJECTED",
        Self(rawValue: 9006): "ILLEGAL_ME",
        Self(rawValue: 10500): "NETWORK_FAILURE",
        Self(rawValue: 11001): "RAT_TYPE_NOT_ALLOWED",
        Self(rawValue: 11005): "IMEI_NOT_ACCEPTED",
        Self(rawValue: 11011): "PLMN_NOT_ALLOWED",
        Self(rawValue: 11055): "UNAUTHENTICATED_EMERGENCY_NOT_SUPPORTED",
        Self(rawValue: 15500): "CONGESTION",
        .nullAuth: "NULL_AUTH",
        .useBEETMode: "USE_BEET_MODE or REACTIVATION_REQUESTED_CAUSE",
        Self(rawValue: 40962): "ME_MEDIATION",
        Self(rawValue: 40963): "ME_ENDPOINT",
        Self(rawValue: 40964): "ME_CALLBACK",
        Self(rawValue: 40965): "ME_CONNECTID",
        Self(rawValue: 40966): "ME_CONNECTKEY",
        Self(rawValue: 40967): "ME_CONNECTAUTH",
        Self(rawValue: 40968): "ME_RESPONSE",
        Self(rawValue: 40969): "RADIUS_ATTRIBUTE",
        .backoffTimer: "BACKOFF_TIMER",
        Self(rawValue: 41050): "PDN_TYPE_IPv4_ONLY_ALLOWED",
        Self(rawValue: 41051): "PDN_TYPE_IPv6_ONLY_ALLOWED",
        .deviceIdentity: "DEVICE_IDENTITY",
        Self(rawValue: 41112): "EMERGENCY_SUPPORT",
        Self(rawValue: 41134): "EMERGENCY_CALL_NUMBERS",
        Self(rawValue: 41288): "NBIFOM_GENERIC_CONTAINER",
        Self(rawValue: 41304): "P-CSCF_RESELECTION_SUPPORT",
        Self(rawValue: 41501): "PTI",
        Self(rawValue: 42011): "IKEV2_MULTIPLE_BEARER_PDN_CONNECTIVITY",
        Self(rawValue: 42014): "EPS_QOS",
        Self(rawValue: 42015): "EXTENDED_EPS_QOS",
        Self(rawValue: 42017): "TFT",
        Self(rawValue: 42020): "MODIFIED_BEARER",
        Self(rawValue: 42094): "APN_AMBR",
        Self(rawValue: 42095): "EXTENDED_APN_AMBR",
        Self(rawValue: 51015): "N1_MODE_CAPABILITY",
        Self(rawValue: 51115): "N1_MODE_INFORMATION",
        Self(rawValue: 55501): "5G_QOS_INFO",
        .nasIP4Address: "NAS_IP4_ADDRESS",
        .nasIP6Address: "NAS_IP6_ADDRESS",
        .upIP4Address: "UP_IP4_ADDRESS",
        .upIP6Address: "UP_IP6_ADDRESS",
        .nasTCPPort: "NAS_TCP_PORT",
        Self(rawValue: 55507): "N3GPP_BACKOFF_TIMER",
    ]
}
