import ScopeWire

/// Where an attribute stands: the same number means another thing in each.
public enum AttributeContext: Hashable, Sendable, CaseIterable {
    /// Transforms of the ISAKMP protocol (RFC 2409 appendix A).
    case phase1
    /// Transforms of the IPsec DOI's protocols (RFC 2407 section 4.5).
    case phase2
    /// Mode Config, XAUTH and Unity.
    case modeConfig

    /// The registry's name of an attribute type.
    public func name(ofAttribute type: UInt16) -> String? {
        switch self {
        case .phase1: Phase1Attribute(rawValue: type).name
        case .phase2: Phase2Attribute(rawValue: type).name
        case .modeConfig: ModeConfigAttribute(rawValue: type).name
        }
    }

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
        }
    }
}
