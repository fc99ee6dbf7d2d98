import ScopeModel
import ScopeWire

/// What IOS calls things in the version of IKE that a negotiation speaks: configuration, commands, and the words for its
/// messages.
struct IOSLines {
    private let isV2: Bool

    init(_ version: IKEVersion) { isV2 = version == .v2 }

    // MARK: Configuration and commands

    var debug: String { isV2 ? "debug crypto ikev2" : "debug crypto isakmp" }
    var showPolicy: String { isV2 ? "show crypto ikev2 proposal" : "show crypto isakmp policy" }
    var showSA: String { isV2 ? "show crypto ikev2 sa" : "show crypto isakmp sa" }
    var fragmentation: String { isV2 ? "crypto ikev2 fragmentation mtu 1200" : "crypto isakmp fragmentation" }
    var natKeepalive: String { isV2 ? "crypto ikev2 nat keepalive 20" : "crypto isakmp nat keepalive 20" }
    var keepalive: String { isV2 ? "crypto ikev2 dpd 10 3 periodic" : "crypto isakmp keepalive 10 3 periodic" }
    var keepaliveAlways: String { isV2 ? "crypto ikev2 dpd 10 2 periodic" : "crypto isakmp keepalive 10 periodic" }
    var keepaliveOnDemand: String {
        isV2 ? "crypto ikev2 dpd 10 3 on-demand" : "crypto isakmp keepalive 10 3 on-demand"
    }
    /// To identify oneself by `word`.
    func identity(_ word: String) -> [String] {
        isV2
            ? ["crypto ikev2 profile NAME", " identity local \(word == "address" ? "address ADDRESS" : "fqdn NAME")"]
            : ["crypto isakmp identity \(word)"]
    }
    /// To accept a peer that identifies itself by its address.
    func match(_ peer: IPAddress) -> [String] {
        isV2
            ? ["crypto ikev2 profile NAME", " match identity remote address \(peer)"]
            : ["crypto isakmp profile NAME", " match identity address \(peer)"]
    }
    /// To accept an identity as it is written.
    func match(_ identity: String) -> [String] {
        ["crypto \(isV2 ? "ikev2" : "isakmp") profile NAME", " match identity \(isV2 ? "remote " : "")\(identity)"]
    }
    /// The key of a peer; of any that the reader has in mind where none is named.
    func key(for peer: IPAddress?) -> [String] {
        let name = peer.map { "\($0)" } ?? "PEER"
        return isV2
            ? ["crypto ikev2 keyring RING", " peer NAME", "  address \(name)", "  pre-shared-key KEY"]
            : ["crypto isakmp key KEY address \(name)"]
    }

    // MARK: Words

    var phase1: String { isV2 ? "the IKE SA" : "phase 1" }
    var phase2: String { isV2 ? "the child SA" : "phase 2" }
    var phase2Word: String { isV2 ? "child SA" : "phase 2" }
    var beforeProof: String { isV2 ? "IKE_SA_INIT passed on UDP 500" : "messages 1 to 4 passed on UDP 500" }
    var beginsChild: String { isV2 ? "negotiate a child SA" : "begin Quick Mode" }
    var beginsChildAlone: String { isV2 ? "sends CREATE_CHILD_SA" : "begins Quick Mode" }
    var childExchanges: String { isV2 ? "CREATE_CHILD_SA exchanges" : "Quick Modes" }
    var childEnd: String { isV2 ? "the child SA came about" : "Quick Mode" }
    var unknownLifetime: String { isV2 ? "IKEv2 does not tell its lifetimes" : "its lifetime is encrypted" }
    var childFollows: String { isV2 ? "IKE_AUTH came through" : "Quick Mode follows" }
    func natTraversal(lackedBy names: String) -> String {
        isV2
            ? "no NAT_DETECTION notification in IKE_SA_INIT of \(names)"
            : "no vendor ID of NAT-T in the messages of \(names)"
    }
}

extension Attempt {
    var ios: IOSLines { IOSLines(sa.version) }
}

extension PairCase {
    /// Of the negotiation that came last.
    var ios: IOSLines { IOSLines(attempts.last?.sa.version ?? .v1) }
}
