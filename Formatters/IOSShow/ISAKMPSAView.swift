import ScopeDissect
import ScopeModel
import ScopeSAD
import ScopeWire

/// `show crypto isakmp sa` and its `detail`.
struct ISAKMPSAView {
    let sink: ByteSink
    let standing: Snapshot

    func write(isDetailed: Bool) {
        if isDetailed { legend() }
        sink.literal("IPv4 Crypto ISAKMP SA\n")
        let all = standing.ike.filter { $0.record.sa.version == .v1 }
        let four = all.filter { !$0.record.sa.initiator.address.isV6 }
        let six = all.filter { $0.record.sa.initiator.address.isV6 }
        if isDetailed {
            head()
            for (record, local) in four { detail(record, local) }
        } else {
            sink.literal("dst             src             state          conn-id status\n")
            for (record, _) in four { row(record) }
        }
        sink.literal("\nIPv6 Crypto ISAKMP SA\n\n")
        if isDetailed, !six.isEmpty { head() }
        for (record, local) in six { if isDetailed { detail(record, local) } else { rowV6(record) } }
        // The router has another command for those.
        let others = standing.ike.count - all.count
        if others > 0 { sink.text("! \(Wording.count(others, "IKEv2 SA")): 'show ikev2-sa' lists them\n") }
    }

    private func row(_ record: IKERecord) {
        sink.text(ShowWords.padded(record.sa.responder.address.description, 15) + " ")
        sink.text(ShowWords.padded(record.sa.initiator.address.description, 15) + " ")
        sink.text(ShowWords.padded("\(record.state)", 14) + " ")
        sink.text(ShowWords.padded(record.sa.connectionID ?? 0, left: 7) + " ")
        sink.text("\(record.status)\n")
    }

    private func rowV6(_ record: IKERecord) {
        sink.text(" dst: \(record.sa.responder.address)\n src: \(record.sa.initiator.address)\n")
        sink.text(" state: \(record.state)  conn-id: \(record.sa.connectionID ?? 0)  status: ")
        sink.text("\(record.status)\n\n")
    }

    // MARK: Detail

    private func legend() {
        sink.literal("Codes: C - IKE configuration mode, D - Dead Peer Detection\n")
        sink.literal("       K - Keepalives, N - NAT-traversal\n")
        sink.literal("       T - cTCP encapsulation, X - IKE Extended Authentication\n")
        sink.literal("       psk - Preshared key, rsig - RSA signature\n")
        sink.literal("       renc - RSA encryption\n")
    }

    private func head() {
        sink.literal("\nC-id  Local           Remote          I-VRF  Status Encr Hash   Auth DH Lifetime Cap.\n\n")
    }

    private func detail(_ record: IKERecord, _ local: Role) {
        let suite = record.sa.suite
        let left = record.isAlive ? record.secondsLeft(at: standing.now) : 0
        let columns: [(String, Int)] = [
            ("\(record.sa.connectionID ?? 0)", 5), (record.sa.endpoint(of: local).address.description, 15),
            (record.sa.endpoint(of: local.other).address.description, 15), ("", 6),
            (record.isAlive && record.isEstablished ? "ACTIVE" : "", 6),
            (ShowWords.encryption(suite?.cipher), 4), (ShowWords.hash(suite?.hash), 6),
            ("\(ShowWords.authentication(suite?.authentication))", 4),
            ((suite?.group).map { "\($0.rawValue)" } ?? "?", 2),
            (left.map(ShowWords.duration) ?? "?", 8), (record.capabilities, 4),
        ]
        sink.text(columns.map { ShowWords.padded($0.0, $0.1) }.joined(separator: " "))
        sink.newline()
        notes(record, local)
        sink.newline()
    }

    private func notes(_ record: IKERecord, _ local: Role) {
        let sa = record.sa
        sink.text("! cookies \(String(hex: sa.initiatorSPI, digits: 16)) \(String(hex: sa.responderSPI, digits: 16))")
        sink.literal(local == .initiator ? ", the device is the initiator\n" : ", the device is the responder\n")
        for role in [local, local.other] {
            guard let identity = role == .initiator ? sa.initiatorIdentity : sa.responderIdentity else { continue }
            sink.literal(role == local ? "! own identity " : "! the peer's identity ")
            Wording.identity(identity, to: sink)
            sink.newline()
        }
        if record.isAlive, record.trust == .probable { sink.text("! unproved: no key opened a message of it\n") }
        let old = standing.ikeRecord(record.replaces)?.sa.connectionID
        if let old { sink.text("! replaced \(old) in frame \(record.establishedFrame)\n") }
        if let new = standing.ikeRecord(record.replacedBy) {
            sink.text("! replaced by \(new.sa.connectionID ?? 0) in frame \(new.establishedFrame)\n")
        }
        if let deletion = record.deletion { sink.text("! \(ShowWords.deletion(deletion))\n") }
        if record.isExpired { sink.text("! \(ShowWords.expired(record.lifetime))\n") }
    }
}

extension IKERecord {
    /// The word of the router, which knows its SAs; one that only looks so is said to.
    fileprivate var status: StaticString {
        if !isAlive { return "ACTIVE (deleted)" }
        return trust == .probable ? "ACTIVE (unproved)" : "ACTIVE"
    }
}
