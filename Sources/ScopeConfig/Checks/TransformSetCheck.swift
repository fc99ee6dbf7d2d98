import ScopeDissect
import ScopeModel
import ScopeWire

/// The difference between a transform set and the nearest proposal of a peer.
public struct TransformSetDifference: Hashable, Sendable {
    /// The transform set.
    public var set: String
    /// The words of the nearest proposal.
    public var proposal: UInt8
    public var what: [String]

    /// `SET: esp-aes esp-sha-hmac offered, esp-3des esp-md5-hmac configured`, and so on.
    public var text: String { "transform set \(set): " + what.joined(separator: "; ") }
}

/// Proposals of Quick Mode held against transform sets.
enum TransformSetCheck {
    /// The name of the first set that accepts a proposal; else the difference of each set from the nearest proposal.
    ///
    /// - Parameter isTransport: whether the traffic is between the peers themselves; other traffic goes in tunnel mode,
    ///   even if the set says otherwise.
    static func find(
        _ sets: [TransformSet], _ proposals: [Proposal], isTransport: Bool
    ) -> (accepted: String?, differences: [TransformSetDifference]) {
        // Proposals with one number belong together (RFC 2408 section 4.2).
        var groups: [[Proposal]] = []
        for proposal in proposals.prefix(64) {
            if groups.last?.first?.number == proposal.number {
                groups[groups.count - 1].append(proposal)
            } else {
                groups.append([proposal])
            }
        }
        var differences: [TransformSetDifference] = []
        for set in sets {
            var best: TransformSetDifference?
            for group in groups {
                let what = compare(set, group, isTransport: isTransport)
                if what.isEmpty { return (set.name, []) }
                if what.count < best?.what.count ?? .max {
                    best = TransformSetDifference(set: set.name, proposal: group.first?.number ?? 0, what: what)
                }
            }
            if let best { differences.append(best) }
        }
        return (nil, differences)
    }

    private static func compare(_ set: TransformSet, _ group: [Proposal], isTransport: Bool) -> [String] {
        var what: [String] = []
        let wanted = Set(set.transforms.map(\.protocolID))
        for proposal in group where !wanted.contains(proposal.protocolID) {
            what.append("\(name(proposal.protocolID)) is offered and not configured")
        }
        for protocolID in [SecurityProtocol.ah, .esp, .ipComp] where wanted.contains(protocolID) {
            guard let proposal = group.first(where: { $0.protocolID == protocolID }) else {
                what.append("\(name(protocolID)) is configured and not offered")
                continue
            }
            let words = set.transforms.filter { $0.protocolID == protocolID }
            let tries = proposal.transforms.prefix(256).map { compare($0, of: protocolID, words, set, isTransport) }
            what += tries.min { $0.count < $1.count } ?? ["it offers no transform of \(name(protocolID))"]
        }
        return what
    }

    private static func name(_ protocolID: SecurityProtocol) -> String {
        protocolID.name ?? "protocol \(protocolID.rawValue)"
    }

    private static func compare(
        _ transform: Transform, of protocolID: SecurityProtocol, _ words: [ConfiguredTransform], _ set: TransformSet,
        _ isTransport: Bool
    ) -> [String] {
        var what: [String] = []
        let cipher = words.first { $0.id != nil }
        if transform.id != cipher?.id || transform.value(6) != cipher?.keyLength {
            var bare = transform
            bare.attributes.removeAll { $0.type == Phase2Attribute.authenticationAlgorithm.rawValue }
            what.append("\(IOSText.transform(bare, of: protocolID)) offered, \(cipher?.text ?? "no cipher") configured")
        }
        if protocolID == .esp {
            let integrity = words.compactMap(\.integrity).first.map { UInt64($0.rawValue) }
            let offered = transform.value(5)
            if offered != integrity {
                what.append("\(IOSText.integrity(offered)) offered, \(IOSText.integrity(integrity)) configured")
            }
        }
        guard protocolID != .ipComp else { return what }
        let isOfferedTransport: Bool? =
            switch transform.value(4) {
            case 1, 3, 61443: false
            case 2, 4, 61444: true
            default: nil
            }
        let isWanted =
            switch set.mode {
            case .tunnel: false
            case .transport: isTransport
            case .transportOnly: true
            }
        if isOfferedTransport != isWanted {
            let offered = isOfferedTransport.map { $0 ? "transport" : "tunnel" } ?? "no mode"
            what.append("mode \(offered) offered, \(isWanted ? "transport" : "tunnel") configured")
        }
        return what
    }
}
