import ScopeDissect
import ScopeModel
import ScopeSAD
import ScopeWire

/// `show crypto session`: what stands between the device and each peer.
struct SessionView {
    let sink: ByteSink
    let standing: Snapshot

    func write(isDetailed: Bool) {
        sink.literal("Crypto session current status\n\n")
        let sessions = PeerSession.all(of: standing)
        let isQuantumSafe = sessions.contains { $0.shownIKE.contains { $0.record.capabilities.contains("Q") } }
        if isDetailed { legend(isQuantumSafe) }
        for session in sessions { write(session, isDetailed) }
    }

    /// - Parameter isQuantumSafe: the letter of the newest images is used.
    private func legend(_ isQuantumSafe: Bool) {
        sink.literal("Code: C - IKE Configuration mode, D - Dead Peer Detection     \n")
        sink.literal("K - Keepalives, N - NAT-traversal, T - cTCP encapsulation     \n")
        sink.literal("X - IKE Extended Authentication, F - IKE Fragmentation\n")
        sink.literal("R - IKE Auto Reconnect, U - IKE Dynamic Route Update\nS - SIP VPN\n")
        sink.literal(isQuantumSafe ? "Q - Quantum-safe Encryption\n\n" : "\n")
    }

    private func write(_ session: PeerSession, _ isDetailed: Bool) {
        sink.literal("Interface: ?\n")
        if isDetailed, let since = session.upSince(in: standing) {
            sink.text("Uptime: \(ShowWords.duration(Int(max(0, standing.now.since(since) / 1_000_000_000))))\n")
        }
        let doubt = session.isUp && !session.isProved ? " (unproved)" : ""
        sink.text("Session status: \(session.status.word)\(doubt)     \n")
        sink.text("Peer: \(session.remote)")
        if let port = session.port { sink.text(" port \(port)") }
        sink.literal(isDetailed ? " fvrf: ? ivrf: ?\n" : " \n")
        if isDetailed { identity(session) }
        for (record, local) in session.shownIKE { write(record, local, isDetailed) }
        for flow in session.flows { write(flow, isDetailed) }
        if session.isElsewhere {
            sink.literal("! IKEv2 passed between the two: its SA is listed under other addresses (MOBIKE or NAT)\n")
        }
        sink.newline()
    }

    private func identity(_ session: PeerSession) {
        let known = session.ike.last.flatMap {
            $0.local == .initiator ? $0.record.sa.responderIdentity : $0.record.sa.initiatorIdentity
        }
        sink.literal("      Phase1_id: ")
        if let known { Wording.identity(known, to: sink) } else { sink.literal("?") }
        sink.newline()
    }

    private func write(_ record: IKERecord, _ local: Role, _ isDetailed: Bool) {
        let (own, peer) = (record.sa.endpoint(of: local), record.sa.endpoint(of: local.other))
        let isActive = record.isAlive && record.isEstablished
        sink.text("  \(record.sa.version.name) SA: local \(own.address)/\(own.port)")
        sink.text(own.address.isV6 ? "\n          " : " ")
        let word: StaticString = record.isUnread ? "?" : isActive ? "Active" : "Inactive"
        sink.text("remote \(peer.address)/\(peer.port) \(word) \n")
        guard isDetailed else { return }
        let letters = record.capabilities.isEmpty ? "(none)" : record.capabilities
        let left = isActive ? record.secondsLeft(at: standing.now).map(ShowWords.duration) ?? "?" : "0"
        // Of IKEv2 it is the tunnel-id.
        let number = record.sa.version == .v2 ? record.sa.id : record.sa.connectionID ?? 0
        sink.text("          Capabilities:\(letters) connid:\(isActive ? number : 0)")
        sink.text(" lifetime:\(left)\n")
    }

    private func write(_ flow: Flow, _ isDetailed: Bool) {
        guard let (record, local) = flow.records.last else { return }
        let proxy = record.proxy(of: local)
        let number = proxy?.protocolID ?? 0
        sink.text("  IPSEC FLOW: permit \(record.pair == nil ? "?" : number == 0 ? "ip" : "\(number)") ")
        sink.text("\(network(record, local)) \(network(record, local.other)) \n")
        sink.text("        Active SAs: \(flow.activeSAs), origin: ?\n")
        guard isDetailed else { return }
        let newest = flow.newest
        let (into, out) = (flow.inbound, flow.outbound)
        let drop = into.verified + into.refused > 0 ? "\(into.refused)" : "?"
        sink.text("        Inbound:  #pkts dec'ed \(into.packets) drop \(drop)")
        life(newest.map { ($0.record, $0.local) })
        sink.text("        Outbound: #pkts enc'ed \(out.packets) drop ?")
        life(newest.map { ($0.record, $0.local.other) })
    }

    private func life(_ newest: (record: ChildRecord, role: Role)?) {
        let seconds = newest?.record.secondsLeft(at: standing.now).map(String.init) ?? (newest == nil ? "0" : "?")
        let kilobytes = newest?.record.kilobytesLeft(to: newest?.role ?? .initiator).map(String.init)
        let volume = kilobytes ?? (newest == nil ? "0" : newest?.record.pair == nil ? "?" : "KB Vol Rekey Disabled")
        sink.text(" life (KB/Sec) \(volume)/\(seconds)\n")
    }

    private func network(_ record: ChildRecord, _ role: Role) -> String {
        guard record.pair != nil, let network = ShowWords.network(record.proxy(of: role), of: record.end(role).address)
        else { return "?" }
        let isHost = network.mask == "255.255.255.255" || network.mask == "128" && network.net.contains(":")
        return isHost ? "host \(network.net)" : "\(network.net)/\(network.mask)"
    }
}

extension PeerSession.Status {
    /// The word of the router.
    var word: StaticString {
        switch self {
        case .active: "UP-ACTIVE"
        case .idle: "UP-IDLE"
        case .withoutIKE: "UP-NO-IKE"
        case .negotiating: "DOWN-NEGOTIATING"
        case .unread: "?"
        case .down: "DOWN"
        }
    }
}
