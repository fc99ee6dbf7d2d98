import ScopeModel
import ScopeSAD

extension IKERecord {
    /// The word of the router for where the SA is.
    var state: StaticString {
        // As `show crypto ikev2 sa` has it.
        if sa.version == .v2 { return !isAlive ? "DELETE" : isUnread ? "?" : isEstablished ? "READY" : "IN-NEG" }
        if !isAlive { return "MM_NO_STATE" }
        if isEstablished {
            return switch configuring {
            case .xauth: "CONF_XAUTH"
            case .address: "CONF_ADDR"
            case nil: "QM_IDLE"
            }
        }
        if sa.phase1.mode == .aggressive { return "AG_INIT_EXCH" }
        return switch sa.phase1.position {
        case ...1: "MM_NO_STATE"
        case 2...3: "MM_SA_SETUP"
        default: "MM_KEY_EXCH"
        }
    }

    /// Letters that `show` puts under `Cap.`, for what the wire showed to be in use.
    var capabilities: String {
        if sa.version == .v2 { return capabilitiesV2 }
        let isNAT = sa.initiator.port == 4500 || sa.responder.port == 4500
        let letters: [(String, Bool)] = [
            ("C", hasConfiguration), ("D", hasDPD.initiator && hasDPD.responder), ("N", isNAT), ("X", hasXAUTH),
        ]
        return letters.filter(\.1).map(\.0).joined()
    }

    private var capabilitiesV2: String {
        let hasKEM = sa.suite.map { IKEv2Words.kems($0.additionalGroups) != nil } ?? false
        let letters: [(String, Bool)] = [
            ("C", v2?.hasConfiguration ?? false), ("D", v2?.hasLiveness ?? false),
            ("F", v2?.hasFragmentation ?? false), ("N", v2?.hasNAT ?? false),
            ("Q", hasKEM || v2?.usesPPK ?? false),
        ]
        return letters.filter(\.1).map(\.0).joined()
    }
}
