import ScopeDissect
import ScopeWire

/// The words for what a table of proposals holds: nothing is decided on them.
extension ProposalTable {
    /// `encryption`, `key length`: the field's own word for what a column has.
    public func name(ofColumn index: Int) -> String {
        switch columns[index].kind {
        // Of phase 2 the field has words of its own.
        case .suite(.cipher) where phase == 2: "transform"
        case .suite(.group) where phase == 2: "PFS group"
        case .suite(let kind): "\(kind.name)"
        case .sizedCipher: "encryption"
        case .prf: "PRF"
        case .additionalGroup(let number): "additional key exchange \(number)"
        case .sequenceNumbers: "sequence numbers"
        case .network(let peer): "behind \(peer)"
        case .service: "protocol"
        }
    }
}

extension ProposalTable.Value {
    /// In few letters, as tables have it; may hold what a peer wrote.
    public var text: String {
        switch self {
        case .cipher(let cipher): Self.text(.cipher) { $0.cipher = cipher }
        case .hash(let hash): Self.text(.hash) { $0.prf = .hmac(hash) }
        case .authentication(let method): Self.text(.authentication) { $0.authentication = method }
        case .transform(let protocolID, let algorithm):
            Self.text(.cipher, protocolID) { suite in
                switch algorithm {
                case .cipher(let cipher): suite.cipher = cipher
                case .integrity(let integrity): suite.transformOfAH = integrity
                case .compression(let compression): suite.compression = compression
                case nil: break
                }
            }
        case .integrity(let integrity): Self.text(.integrity, .esp) { $0.integrity = integrity }
        case .encapsulation(let mode): Self.text(.encapsulation, .esp) { $0.encapsulation = mode }
        case .keyLength(let bits): "\(bits)"
        case .group(let group): group.rawValue == 0 ? "none" : "\(group.rawValue)"
        case .lifetime(let lifetime): SuiteText.text(lifetime) ?? ""
        case .sizedCipher(let cipher):
            Self.text(.cipher) { $0.cipher = cipher.cipher } + (cipher.keyLength.map { "-\($0)" } ?? "")
        case .prf(let prf): SuiteText.name(prf)
        case .sequenceNumbers(let isExtended): isExtended ? "64 bits" : "32 bits"
        case .unknown: "-"
        case .anyOf(let values):
            values.prefix(6).map(\.text).joined(separator: ", ") + (values.count > 6 ? " …" : "")
        case .network(let network): network.text
        case .selectors(let selectors): SelectorText.text(selectors)
        case .service(let protocolID, let port): "\(protocolID)" + (port == 0 ? "" : " port \(port)")
        }
    }

    private static func text(_ kind: SuiteKind, _ set: (inout IKESuite) -> Void) -> String {
        var suite = IKESuite()
        set(&suite)
        return SuiteText.text(kind, of: suite) ?? ""
    }

    private static func text(
        _ kind: SuiteKind, _ protocolID: SecurityProtocol, _ set: (inout ChildSuite) -> Void
    ) -> String {
        var suite = ChildSuite(protocolID)
        set(&suite)
        return SuiteText.text(kind, of: suite) ?? ""
    }
}

extension ProposalTable.Network {
    /// As it was written.
    public var text: String {
        switch form {
        case .identity(let identity): IdentityText.text(identity)
        case .unread(let type): IdentityText.text(type)
        case .prefix(let prefix) where prefix.length == 0: "any"
        case .prefix(let prefix) where prefix.length == 128: "host \(prefix.address)"
        case .prefix(let prefix): "\(prefix)"
        case .group(let name): "object-group \(name)"
        }
    }
}
