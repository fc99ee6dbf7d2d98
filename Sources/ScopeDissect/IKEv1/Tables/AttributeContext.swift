import ScopeWire

/// Where an attribute stands: the same number means another thing in each.
public enum AttributeContext: Hashable, Sendable, CaseIterable {
    /// Transforms of the ISAKMP protocol (RFC 2409 appendix A).
    case phase1
    /// Transforms of the IPsec DOI's protocols (RFC 2407 section 4.5).
    case phase2
    /// Mode Config, XAUTH and Unity.
    case modeConfig
    /// Transforms of IKEv2 (RFC 7296 section 3.3.5).
    case ikev2Transform
    /// Configuration payloads of IKEv2 (RFC 7296 section 3.15.1).
    case ikev2Configuration
    /// ROHC_SUPPORTED of IKEv2 (RFC 5857 section 2.1).
    case rohc

    /// The registry's name of an attribute type.
    public func name(ofAttribute type: UInt16) -> String? {
        switch self {
        case .phase1: Phase1Attribute(rawValue: type).name
        case .phase2: Phase2Attribute(rawValue: type).name
        case .modeConfig: ModeConfigAttribute(rawValue: type).name
        case .ikev2Transform: IKEv2.TransformAttribute(rawValue: type).name
        case .ikev2Configuration: IKEv2.ConfigurationAttribute(rawValue: type).name
        case .rohc: IKEv2.ROHCAttribute(rawValue: type).name
        }
    }

    /// Whether the first bit of an attribute says that its value has two bytes: in a configuration payload of IKEv2 it is
    /// reserved, and to be ignored.
    var hasShortForm: Bool { self != .ikev2Configuration }

    /// True for what a user types to prove who they are: never printed unless secrets are asked for.
    public func isSecret(attribute type: UInt16) -> Bool {
        self == .modeConfig && ModeConfigAttribute.secrets.contains(ModeConfigAttribute(rawValue: type))
    }
}

extension Attribute {
    /// Name and value in words; the value is nil when it is empty or not known here.
    ///
    /// Text in it may come from the peer: escape it where it is printed.
    public func describe(in context: AttributeContext) -> (name: String, value: String?) {
        let name = context.name(ofAttribute: type) ?? "UNKNOWN(\(type))"
        switch meaning(in: context) {
        case .number(let number): return (name, "\(number)")
        case .code(_, let word): return (name, word)
        case .address(let address): return (name, "\(address)")
        case .text(let text): return (name, value.isEmpty ? nil : text)
        case .bytes, .structure: return (name, nil)
        }
    }

    /// What the value says.
    public func meaning(in context: AttributeContext) -> FieldValue {
        switch context {
        case .phase1: return Phase1Attribute(rawValue: type).meaning(number)
        case .phase2: return Phase2Attribute(rawValue: type).meaning(number)
        case .modeConfig: return ModeConfigAttribute(rawValue: type).meaning(value)
        case .ikev2Configuration: return IKEv2.ConfigurationAttribute(rawValue: type).meaning(value)
        case .ikev2Transform, .rohc: return number.map { .number($0) } ?? .bytes
        }
    }
}
