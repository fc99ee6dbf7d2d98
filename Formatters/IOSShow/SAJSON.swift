import ScopeDissect
import ScopeModel
import ScopeSAD
import ScopeWire

/// `show --format json`: `ikescope.sa/1`, one object a line.
///
/// Dead SAs are told too; what is not known is left out.
struct SAJSON {
    let sink: ByteSink
    let standing: Snapshot

    func write(_ content: ShowFormatter.Content) {
        switch content {
        case .isakmpSA: for (record, local) in standing.ike where record.sa.version == .v1 { write(record, local) }
        case .ikev2SA: for (record, local) in standing.ike where record.sa.version == .v2 { write(record, local) }
        case .ikev2Session:
            for session in PeerSession.all(of: standing)
            where session.ike.contains(where: { $0.record.sa.version == .v2 }) { write(session) }
        case .ipsecSA: for (record, local) in standing.children { write(record, local) }
        case .session: for session in PeerSession.all(of: standing) { write(session) }
        }
    }

    private func line(_ kind: StaticString, _ body: (inout JSONWriter, inout WorldClock) -> Void) {
        var clock = WorldClock()
        var json = JSONWriter(sink)
        json.writeObject { json in
            json.writeWord("schema", "ikescope.sa/1")
            json.writeWord("kind", kind)
            json.writeQuoted("at") { clock.write(standing.now, to: $0) }
            body(&json, &clock)
        }
        sink.newline()
    }

    private func write(_ record: IKERecord, _ local: Role) {
        let sa = record.sa
        let left = record.isAlive ? record.secondsLeft(at: standing.now) : nil
        line("ike") { json, clock in
            json.writeNumber("id", sa.id)
            if let id = sa.connectionID { json.writeNumber("connection_id", id) }
            json.writeWord(
                "status",
                record.isExpired
                    ? "expired"
                    : !record.isAlive
                        ? "deleted"
                        : record.isUnread ? "unread" : record.isEstablished ? "established" : "negotiating")
            json.writeBool("proved", record.trust == .proved)
            json.writeWord("state", record.state)
            if sa.version == .v2 { json.writeWord("version", sa.version.name) }
            json.writeWord("role", local.word)
            json.writeEnd("local", sa.endpoint(of: local))
            json.writeEnd("remote", sa.endpoint(of: local.other))
            json.writeQuoted("initiator_spi") { $0.hex(sa.initiatorSPI, digits: 16) }
            json.writeQuoted("responder_spi") { $0.hex(sa.responderSPI, digits: 16) }
            switch sa.phase1.mode {
            case .main: json.writeWord("mode", "main")
            case .aggressive: json.writeWord("mode", "aggressive")
            case .base: json.writeWord("mode", "base")
            case nil: break
            }
            json.writeNumber("position", sa.phase1.position)
            json.writeQuoted("first_seen") { clock.write(record.first, to: $0) }
            json.writeQuoted("last_seen") { clock.write(record.last, to: $0) }
            if let time = record.established { json.writeQuoted("established") { clock.write(time, to: $0) } }
            if let suite = sa.suite {
                json.writeObject("transform") { json in
                    switch sa.progress.place {
                    case .v1: json.writeSuite(suite)
                    case .v2: json.writeFields(of: suite)
                    }
                }
            }
            if let lifetime = record.lifetime { json.writeNumber("lifetime_seconds", lifetime) }
            if let left { json.writeNumber("seconds_left", left) }
            json.writeString("capabilities", record.capabilities)
            json.writeIdentity("local_identity", local == .initiator ? sa.initiatorIdentity : sa.responderIdentity)
            json.writeIdentity("remote_identity", local == .initiator ? sa.responderIdentity : sa.initiatorIdentity)
            if let traits = record.v2 { json.write(traits, of: local) }
            json.writeFate(
                replaces: record.replaces, replacedBy: record.replacedBy, deletion: record.deletion, &clock)
        }
    }

    private func write(_ record: ChildRecord, _ local: Role) {
        line("ipsec") { json, clock in
            json.writeNumber("id", record.id)
            json.writeWord(
                "status",
                record.isExpired
                    ? "expired"
                    : record.deletion != nil ? "deleted" : record.trust == .claimed ? "claimed" : "alive")
            json.writeBool("proved", record.trust == .proved)
            json.writeWord("protocol", record.isAH ? "ah" : "esp")
            json.writeEnd("local", record.end(local))
            json.writeEnd("remote", record.end(local.other))
            if let spi = record.spi(to: local) { json.writeQuoted("inbound_spi") { $0.spi(spi) } }
            if let spi = record.spi(to: local.other) { json.writeQuoted("outbound_spi") { $0.spi(spi) } }
            json.writeNumber("frame", record.frame)
            json.writeQuoted("first_seen") { clock.write(record.made, to: $0) }
            json.writeQuoted("last_seen") { clock.write(record.last, to: $0) }
            json.writeTraffic("decaps", record.traffic(to: local))
            json.writeTraffic("encaps", record.traffic(to: local.other))
            if let pair = record.pair {
                json.writeAgreement(pair)
                json.writeIdentity("local_proxy", record.proxy(of: local).map(PeerIdentity.init))
                json.writeIdentity("remote_proxy", record.proxy(of: local.other).map(PeerIdentity.init))
                if let value = record.lifetime(.seconds) { json.writeNumber("lifetime_seconds", value) }
                if let value = record.lifetime(.kilobytes) { json.writeNumber("lifetime_kilobytes", value) }
                if record.isAlive, let left = record.secondsLeft(at: standing.now) {
                    json.writeNumber("seconds_left", left)
                }
            }
            json.writeFate(
                replaces: record.replaces, replacedBy: record.replacedBy, deletion: record.deletion, &clock)
        }
    }

    private func write(_ session: PeerSession) {
        line("session") { json, clock in
            json.writeWord("status", session.status.word)
            json.writeBool("proved", session.isProved)
            json.writeAddress("local", session.local)
            json.writeAddress("remote", session.remote)
            if let since = session.upSince(in: standing) { json.writeQuoted("up_since") { clock.write(since, to: $0) } }
            json.writeList("ike") { list in for (record, _) in session.ike { list.writeElement(record.sa.id) } }
            json.writeList("flows") { list in for flow in session.flows { list.writeFlow(flow) } }
        }
    }
}

extension Role {
    var word: StaticString { self == .initiator ? "initiator" : "responder" }
}

extension JSONWriter {
    fileprivate mutating func writeEnd(_ name: StaticString, _ endpoint: Endpoint) {
        writeObject(name) { json in
            json.writeAddress("address", endpoint.address)
            if endpoint.port != 0 { json.writeNumber("port", endpoint.port) }
        }
    }

    fileprivate mutating func writeIdentity(_ name: StaticString, _ identity: PeerIdentity?) {
        guard let identity else { return }
        writeObject(name) { $0.write(identity) }
    }

    fileprivate mutating func writeSuite(_ suite: IKESuite) {
        if let value = suite.cipher?.ikev1 { writeNumber("encryption", value) }
        if let value = suite.keyLength { writeNumber("key_length", value) }
        if let value = suite.hash?.ikev1 { writeNumber("hash", value) }
        if let value = suite.authentication?.ikev1 { writeNumber("authentication", value) }
        if let value = suite.group?.rawValue { writeNumber("group", value) }
        writeString("text", SuiteText.text(suite))
    }

    fileprivate mutating func writeAgreement(_ pair: Agreement) {
        writeNumber("ike", pair.ikeSA)
        writeQuoted("message_id") { $0.hex(UInt64(pair.messageID), digits: 8) }
        writeWord("quick_mode_by", pair.initiatedBy.word)
        writeString("transform", SuiteText.text(pair.suite))
        writeMode(pair.suite.encapsulation)
        writeBool("pfs", pair.group != nil)
        if let group = pair.group { writeNumber("pfs_group", group.rawValue) }
    }

    fileprivate mutating func writeTraffic(_ name: StaticString, _ traffic: Traffic) {
        writeObject(name) { json in
            json.writeNumber("packets", traffic.packets)
            json.writeNumber("octets", traffic.octets)
            json.writeNumber("verified", traffic.verified)
            json.writeNumber("refused", traffic.refused)
            if traffic.isOpened { json.writeNumber("payload_octets", traffic.payloadOctets) }
            json.writeFindings(of: traffic)
        }
    }

    /// Of one SA in one direction.
    private mutating func writeFindings(of traffic: Traffic) {
        guard traffic.sequence.distinct > 0 else { return }
        if traffic.icvLength > 0 {
            writeNumber("icv_bits", Int(traffic.icvLength) * 8)
            writeBool("icv_unusual", traffic.isICVLengthUnusual)
        }
        if let high = traffic.sequenceHigh { writeNumber("sequence_high", high) }
        if let null = traffic.nullEncryption { write(null) }
        if traffic.within > 0 { writeNumber("within", traffic.within) }
        writeNumber("padding_faults", traffic.paddingFaults)
        writeNumber("outside_selectors", traffic.outsideSelectors)
        write(traffic.sequence)
    }

    fileprivate mutating func writeFlow(_ flow: Flow) {
        writeObject { json in
            let proxies = ShowWords.proxies(flow)
            json.writeString("local_proxy", proxies.local)
            json.writeString("remote_proxy", proxies.remote)
            json.writeNumber("active_sas", flow.activeSAs)
            json.writeTraffic("decaps", flow.inbound)
            json.writeTraffic("encaps", flow.outbound)
            json.writeList("ipsec") { list in for (record, _) in flow.records { list.writeElement(record.id) } }
        }
    }

    fileprivate mutating func writeFate(
        replaces: Int?, replacedBy: Int?, deletion: Deletion?, _ clock: inout WorldClock
    ) {
        if let replaces { writeNumber("replaces", replaces) }
        if let replacedBy { writeNumber("replaced_by", replacedBy) }
        guard let deletion else { return }
        writeObject("deleted") { json in
            json.writeAddress("by", deletion.by)
            json.writeWord("role", deletion.role.word)
            json.writeNumber("frame", deletion.frame)
            json.writeQuoted("time") { clock.write(deletion.time, to: $0) }
        }
    }
}
