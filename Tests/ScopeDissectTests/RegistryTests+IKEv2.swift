import ScopeDissect
import ScopeWire

extension RegistryTests {
    static let ikev2Tables: [Table] = [
        Table(start: "- v2 (ikev2-parameters)", section: "## 2.", name: { ExchangeType(rawValue: UInt8($0)).name }),
        Table(
            start: "- v2: 33 SA", section: "## 3.", name: { PayloadType(rawValue: UInt8($0)).name },
            // product.md names payloads by the RFCs' short names.
            differs: [41: "N", 42: "D", 43: "V"]),
        Table(start: "- v2 id", section: "## 8.", name: { IKEv2.IdentificationType(rawValue: UInt8($0)).name }),
        Table(start: "- Protocol", section: "## 11.", name: { IKEv2.ProtocolID(rawValue: UInt8($0)).name }),
        Table(start: "- Transform type", section: "## 11.", name: { IKEv2.TransformType(rawValue: UInt8($0)).name }),
        Table(
            start: "- Transform attribute", section: "## 11.",
            name: { AttributeContext.ikev2Transform.name(ofAttribute: UInt16($0)) }),
        transforms("- ENCR", .encryption), transforms("- PRF", .prf), transforms("- INTEG", .integrity),
        transforms("- SN", .sequenceNumbers),
        Table(
            start: "- AUTH method", section: "## 12.", name: { IKEv2.AuthenticationMethod(rawValue: UInt8($0)).name }),
        Table(
            start: "- Hash algorithms", section: "## 12.", name: { IKEv2.HashAlgorithm(rawValue: UInt16($0)).name }),
        Table(start: "- TS type", section: "## 12.", name: { IKEv2.TrafficSelectorType(rawValue: UInt8($0)).name }),
        Table(
            start: "- Secure password methods", section: "## 12.",
            name: { IKEv2.SecurePasswordMethod(rawValue: UInt16($0)).name }),
        Table(
            start: "- ROHC attributes", section: "## 12.",
            name: { AttributeContext.rohc.name(ofAttribute: UInt16($0)) }),
        Table(start: "- IPCOMP transform", section: "## 12.", name: { IPCompTransform(rawValue: UInt8($0)).name }),
        notify("- Errors"), notify("- Status"),
        // Two numbers that 3GPP uses as well.
        notify(
            "- Private, strongSwan",
            [
                8192: "ME_CONNECT_FAILED or PDN_CONNECTION_REJECTION",
                40961: "USE_BEET_MODE or REACTIVATION_REQUESTED_CAUSE",
            ]),
        notify("- Private, 3GPP"),
        Table(start: "- Types", section: "## 14.", name: { IKEv2.ConfigurationType(rawValue: UInt8($0)).name }),
        configuration("- Attributes"), configuration("- Private seen"),
    ]

    private static func transforms(_ start: String, _ type: IKEv2.TransformType) -> Table {
        Table(start: start, section: "## 11.", name: { IKEv2.TransformID.name(of: UInt16($0), type: type) })
    }

    private static func notify(_ start: String, _ differs: [UInt64: String] = [:]) -> Table {
        Table(
            start: start, section: "## 13.", name: { IKEv2.NotifyType(rawValue: UInt16($0)).name }, differs: differs)
    }

    private static func configuration(_ start: String) -> Table {
        Table(
            start: start, section: "## 14.",
            name: { AttributeContext.ikev2Configuration.name(ofAttribute: UInt16($0)) })
    }
}
