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

/// What Quick Mode offers, held against transform sets.
enum TransformSetCheck {
    /// The name of the first set that accepts a proposal; else the difference of each set from the nearest proposal.
    ///
    /// - Parameter isTransport: whether the traffic is between the peers themselves; other traffic goes in tunnel mode,
    ///   even if the set says otherwise; nil where the mode does not decide.
    static func find(
        _ sets: [TransformSet], _ offers: [Offer], isTransport: Bool?
    ) -> (accepted: String?, differences: [TransformSetDifference]) {
        // Those with one number belong together (RFC 2408 section 4.2).
        var groups: [[Offer]] = []
        for offer in offers {
            if groups.last?.first?.number == offer.number {
                groups[groups.count - 1].append(offer)
            } else if groups.count < 64 {
                groups.append([offer])
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

    private static func compare(_ set: TransformSet, _ group: [Offer], isTransport: Bool?) -> [String] {
        var what: [String] = []
        let wanted = Set(set.transforms.map(\.protocolID))
        var offered: [SecurityProtocol] = []
        for offer in group where !offered.contains(offer.protocolID) { offered.append(offer.protocolID) }
        for protocolID in offered where !wanted.contains(protocolID) {
            what.append("\(name(protocolID)) is offered and not configured")
        }
        for protocolID in [SecurityProtocol.ah, .esp, .ipComp] where wanted.contains(protocolID) {
            guard offered.contains(protocolID) else {
                what.append("\(name(protocolID)) is configured and not offered")
                continue
            }
            let suites = group.lazy.filter { $0.protocolID == protocolID }.compactMap(\.child)
            what +=
                suites.prefix(256).map { compare($0, set, isTransport: isTransport) }.min { $0.count < $1.count } ?? []
        }
        return what
    }

    private static func name(_ protocolID: SecurityProtocol) -> String {
        protocolID.name ?? "protocol \(protocolID.rawValue)"
    }

    private static func compare(_ suite: ChildSuite, _ set: TransformSet, isTransport: Bool?) -> [String] {
        var what: [String] = []
        let words = set.transforms.filter { $0.protocolID == suite.protocolID }
        let transform = words.first(where: \.isTransform)
        if suite.transform != transform?.algorithm || suite.keyLength != transform?.keyLength {
            what.append(
                "\(IOSText.transform(suite, withIntegrity: false)) offered, \(transform?.text ?? "no cipher") configured"
            )
        }
        if suite.protocolID == .esp {
            let integrity = words.lazy.compactMap(\.integrity).first
            if suite.integrity != integrity {
                what.append("\(IOSText.integrity(suite.integrity)) offered, \(IOSText.integrity(integrity)) configured")
            }
        }
        guard suite.protocolID != .ipComp, let isTransport else { return what }
        let mode = suite.encapsulation
        let isOfferedTransport = mode.flatMap { $0.isTransport ? true : $0.isTunnel ? false : nil }
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
