import ScopeDissect
import ScopeModel
import ScopeSAD
import ScopeWire

/// `show crypto ikev2 session` and its `detailed`: between the device and each peer the living IKE SAs and their children.
struct IKEv2SessionView {
    let sink: ByteSink
    let standing: Snapshot

    private struct Session {
        /// From 1, in the order of first sight.
        var number: Int
        var status: StaticString
        var ike: [(record: IKERecord, local: Role)]
        var children: [(record: ChildRecord, local: Role)]
        var isV6: Bool
    }

    func write(isDetailed: Bool) {
        let sessions = sessions()
        guard !sessions.isEmpty else { return }
        sink.literal(" IPv4 Crypto IKEv2 Session \n\n")
        for session in sessions where !session.isV6 { write(session, isDetailed) }
        sink.literal(" IPv6 Crypto IKEv2 Session \n\n")
        for session in sessions where session.isV6 { write(session, isDetailed) }
    }

    private func sessions() -> [Session] {
        var number = 0
        var sessions: [Session] = []
        for peer in PeerSession.all(of: standing) {
            let all = peer.ike.filter { $0.record.sa.version == .v2 }
            guard !all.isEmpty else { continue }
            number += 1
            let alive = all.filter(\.record.isAlive)
            guard !alive.isEmpty else { continue }
            let children = peer.flows.flatMap(\.alive).filter { $0.record.pair?.version == .v2 }
            let isUp = alive.contains { $0.record.isEstablished }
            let isUnread = alive.contains { $0.record.isUnread }
            sessions.append(
                Session(
                    number: number,
                    status: !isUp
                        ? isUnread ? "?" : "DOWN-NEGOTIATING" : children.isEmpty ? "UP-IDLE" : "UP-ACTIVE",
                    ike: alive, children: children, isV6: peer.remote.isV6))
        }
        return sessions
    }

    private func write(_ session: Session, _ isDetailed: Bool) {
        sink.text("Session-id:\(session.number), Status:\(session.status), IKE count:\(session.ike.count), ")
        sink.text("CHILD count:\(session.children.count)\n\n")
        let view = IKEv2SAView(sink: sink, standing: standing)
        for (record, local) in session.ike { view.write(record, local, isDetailed) }
        for (record, local) in session.children { write(record, local, isDetailed) }
        if !session.children.isEmpty { sink.newline() }
    }

    // MARK: Children

    private func write(_ record: ChildRecord, _ local: Role, _ isDetailed: Bool) {
        guard let pair = record.pair else { return }
        let ends = Self.selectors(pair, local)
        sink.text("Child sa: local selector  \(Self.first(ends.own)) \n")
        sink.text("          remote selector \(Self.first(ends.peer)) \n")
        let spis = [record.spi(to: local), record.spi(to: local.other)].map { "0x" + ShowWords.upperHex($0 ?? 0) }
        let names = spis.joined(separator: "/")
        if !record.isAH || isDetailed {
            sink.text("          ESP spi in/out: \(record.isAH ? "0x0/0x0" : names)  \n")
        }
        if record.isAH || isDetailed { sink.text("          AH spi in/out: \(record.isAH ? names : "0x0/0x0")  \n") }
        if isDetailed { algorithms(pair) }
        for (word, list) in [("local", ends.own), ("remote", ends.peer)] where list.count > 1 {
            sink.text("! \(word) selectors beside the first: \(list.dropFirst().joined(separator: ", "))\n")
        }
    }

    private func algorithms(_ pair: Agreement) {
        let suite = pair.suite
        sink.literal("          CPI in/out: 0x0/0x0  \n")
        if suite.protocolID == .ah {
            sink.literal("          Encr: None, esp_hmac: None\n")
            sink.text("          ah_hmac: \(IKEv2Words.integrity(suite.integrity ?? suite.transformOfAH))")
        } else {
            sink.text("          \(IKEv2Words.algorithms(suite))\n          ah_hmac: None")
        }
        let isTransport = suite.encapsulation == .transport || suite.encapsulation == .transportInUDP
        sink.text(", comp: IPCOMP_NONE, mode \(isTransport ? "transport" : "tunnel")\n")
    }

    private static func first(_ list: [String]) -> String { list.first ?? "?" }

    /// Of the device and of the peer: `10.1.0.0/0 - 10.1.0.255/65535`.
    private static func selectors(_ pair: Agreement, _ local: Role) -> (own: [String], peer: [String]) {
        let began = (pair.traffic?.initiator ?? []).map { text($0) }
        let answered = (pair.traffic?.responder ?? []).map { text($0) }
        return local == .initiator ? (began, answered) : (answered, began)
    }

    private static func text(_ selector: TrafficSelector) -> String {
        guard let (low, high) = selector.range else { return "?" }
        return "\(low)/\(selector.ports.lowerBound) - \(high)/\(selector.ports.upperBound)"
    }
}
