import ScopeWire

extension Conditions: CustomStringConvertible {
    /// The lines of `show crypto debug-condition`; filters whose heading on the router is not known are comments.
    public var description: String { lines.joined(separator: "\n") }

    private var lines: [String] {
        let state = { (isOn: Bool) in isOn ? "ON" : "OFF" }
        var lines = [
            "Crypto conditional debug currently is turned \(state(!all.isEmpty))",
            "IKE debug context unmatched flag:\(state(showsUnmatched(.isakmp)))",
        ]
        // The releases that have no such condition do not have its line.
        if all.contains(.unmatched(.ikev2)) { lines.append("IKEv2 debug context unmatched flag:ON") }
        lines += [
            "IPsec debug context unmatched flag:\(state(showsUnmatched(.ipsec)))",
            "Crypto Engine debug context unmatched flag:\(state(all.contains(.unmatched(nil))))",
        ]
        let peers = all.compactMap(\.peerAddress)
        if !peers.isEmpty {
            lines += ["", "IKE peer IP address filters:"]
            for start in stride(from: 0, to: peers.count, by: 3) {
                lines.append(peers[start..<min(start + 3, peers.count)].joined(separator: "   "))
            }
        }
        let connections = all.compactMap(\.connectionEntry)
        if !connections.isEmpty {
            lines += ["", "Connection-id filters:[connid:engine_id]" + connections.map { $0 + "," }.joined()]
        }
        let others = all.compactMap(\.comment)
        if !others.isEmpty { lines += [""] + others }
        return lines
    }
}

extension Condition {
    fileprivate var peerAddress: String? {
        guard case .peer(let prefix) = self, prefix.length == prefix.address.bitCount else { return nil }
        return "\(prefix.address)"
    }

    fileprivate var connectionEntry: String? {
        guard case .connection(let number, let engine) = self else { return nil }
        return "\(number):\(engine.map(String.init) ?? "?")"
    }

    fileprivate var comment: String? {
        switch self {
        case .peer(let prefix): prefix.length == prefix.address.bitCount ? nil : "! peer subnet \(prefix)"
        case .local(let address): "! local \(address.isV6 ? "ipv6" : "ipv4") \(address)"
        case .hostname(let name): "! peer hostname \(name)"
        case .username(let name): "! peer username \(name)"
        case .group(let name): "! peer group \(name)"
        case .spi(let spi): "! spi 0x\(String(spi, radix: 16, uppercase: true))"
        case .connection, .unmatched: nil
        }
    }
}
