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
        case .isakmpSA: for (record, local) in standing.ike { write(record, local) }
        case .ipsecSA: for (record, local) in standing.children { write(record, local) }
        case .session: for session in PeerSession.all(of: standing) { write(session) }
        }
    }

    private func line(_ kind: StaticString, _ body: (inout JSONWriter, inout WorldClock) -> Void) {
        var clock = WorldClock()
        var json = JSONWriter(sink)
        json.object { json in
            json.word("schema", "ikescope.sa/1")
            json.word("kind", kind)
            json.quoted("at") { clock.write(standing.now, to: $0) }
            body(&json, &clock)
        }
        sink.newline()
    }

    private func write(_ record: IKERecord, _ local: Role) {
        let sa = record.sa
        let left = record.isAlive ? record.secondsLeft(at: standing.now) : nil
        line("ike") { json, clock in
            json.number("id", sa.id)
            if let id = sa.connectionID { json.number("connection_id", id) }
            json.word(
                "status",
                record.isExpired
                    ? "expired" : !record.isAlive ? "deleted" : record.isEstablished ? "established" : "negotiating")
            json.bool("proved", record.trust == .proved)
            json.word("state", record.state)
            json.word("role", local.word)
            json.end("local", sa.endpoint(of: local))
            json.end("remote", sa.endpoint(of: local.other))
            json.quoted("initiator_spi") { $0.hex(sa.initiatorSPI, digits: 16) }
            json.quoted("responder_spi") { $0.hex(sa.responderSPI, digits: 16) }
            switch sa.phase1.mode {
            case .main: json.word("mode", "main")
            case .aggressive: json.word("mode", "aggressive")
            case .base: json.word("mode", "base")
            case nil: break
            }
            json.number("position", sa.phase1.position)
            json.quoted("first_seen") { clock.write(record.first, to: $0) }
            json.quoted("last_seen") { clock.write(record.last, to: $0) }
            if let time = record.established { json.quoted("established") { clock.write(time, to: $0) } }
            if let suite = sa.suite { json.object("transform") { $0.suite(suite) } }
            if let lifetime = record.lifetime { json.number("lifetime_seconds", lifetime) }
            if let left { json.number("seconds_left", left) }
            json.string("capabilities", record.capabilities)
            json.identity("local_identity", local == .initiator ? sa.initiatorIdentity : sa.responderIdentity)
            json.identity("remote_identity", local == .initiator ? sa.responderIdentity : sa.initiatorIdentity)
            json.fate(
                replaces: record.replaces, replacedBy: record.replacedBy, deletion: record.deletion, &clock)
        }
    }

    private func write(_ record: ChildRecord, _ local: Role) {
        line("ipsec") { json, clock in
            json.number("id", record.id)
            json.word(
                "status",
                record.isExpired
                    ? "expired"
                    : record.deletion != nil ? "deleted" : record.trust == .claimed ? "claimed" : "alive")
            json.bool("proved", record.trust == .proved)
            json.word("protocol", record.isAH ? "ah" : "esp")
            json.end("local", record.end(local))
            json.end("remote", record.end(local.other))
            if let spi = record.spi(to: local) { json.quoted("inbound_spi") { $0.spi(spi) } }
            if let spi = record.spi(to: local.other) { json.quoted("outbound_spi") { $0.spi(spi) } }
            json.number("frame", record.frame)
            json.quoted("first_seen") { clock.write(record.made, to: $0) }
            json.quoted("last_seen") { clock.write(record.last, to: $0) }
            json.traffic("decaps", record.traffic(to: local))
            json.traffic("encaps", record.traffic(to: local.other))
            if let pair = record.pair {
                json.agreement(pair)
                json.identity("local_proxy", record.proxy(of: local).map(PeerIdentity.init))
                json.identity("remote_proxy", record.proxy(of: local.other).map(PeerIdentity.init))
                if let value = record.lifetime(.seconds) { json.number("lifetime_seconds", value) }
                if let value = record.lifetime(.kilobytes) { json.number("lifetime_kilobytes", value) }
                if record.isAlive, let left = record.secondsLeft(at: standing.now) { json.number("seconds_left", left) }
            }
            json.fate(
                replaces: record.replaces, replacedBy: record.replacedBy, deletion: record.deletion, &clock)
        }
    }

    private func write(_ session: PeerSession) {
        line("session") { json, clock in
            json.word("status", session.status.word)
            json.bool("proved", session.isProved)
            json.address("local", session.local)
            json.address("remote", session.remote)
            if let since = session.upSince(in: standing) { json.quoted("up_since") { clock.write(since, to: $0) } }
            if let count = session.ikev2Messages { json.number("ikev2_messages", count) }
            json.list("ike") { list in for (record, _) in session.ike { list.element(record.sa.id) } }
            json.list("flows") { list in for flow in session.flows { list.flow(flow) } }
        }
    }
}

extension Role {
    fileprivate var word: StaticString { self == .initiator ? "initiator" : "responder" }
}

extension JSONWriter {
    fileprivate mutating func end(_ name: StaticString, _ endpoint: Endpoint) {
        object(name) { json in
            json.address("address", endpoint.address)
            if endpoint.port != 0 { json.number("port", endpoint.port) }
        }
    }

    fileprivate mutating func identity(_ name: StaticString, _ identity: PeerIdentity?) {
        guard let identity else { return }
        object(name) { $0.write(identity) }
    }

    fileprivate mutating func suite(_ suite: IKESuite) {
        if let value = suite.cipher?.ikev1 { number("encryption", value) }
        if let value = suite.keyLength { number("key_length", value) }
        if let value = suite.hash?.ikev1 { number("hash", value) }
        if let value = suite.authentication?.ikev1 { number("authentication", value) }
        if let value = suite.group?.rawValue { number("group", value) }
        string("text", SuiteText.text(suite))
    }

    fileprivate mutating func agreement(_ pair: Agreement) {
        number("ike", pair.ikeSA)
        quoted("message_id") { $0.hex(UInt64(pair.messageID), digits: 8) }
        word("quick_mode_by", pair.initiatedBy.word)
        string("transform", SuiteText.text(pair.suite))
        switch pair.suite.encapsulation {
        case .tunnel: word("mode", "tunnel")
        case .transport: word("mode", "transport")
        case .tunnelInUDP, .tunnelInUDPDraft: word("mode", "udp-tunnel")
        case .transportInUDP, .transportInUDPDraft: word("mode", "udp-transport")
        case .other, nil: break
        }
        bool("pfs", pair.group != nil)
        if let group = pair.group { number("pfs_group", group.rawValue) }
    }

    fileprivate mutating func traffic(_ name: StaticString, _ traffic: Traffic) {
        object(name) { json in
            json.number("packets", traffic.packets)
            json.number("octets", traffic.octets)
            json.number("verified", traffic.verified)
            json.number("refused", traffic.refused)
            if traffic.isOpened { json.number("payload_octets", traffic.payloadOctets) }
            json.findings(of: traffic)
        }
    }

    /// Of one SA in one direction.
    private mutating func findings(of traffic: Traffic) {
        guard traffic.sequence.distinct > 0 else { return }
        if traffic.icvLength > 0 {
            number("icv_bits", Int(traffic.icvLength) * 8)
            bool("icv_unusual", traffic.isICVLengthUnusual)
        }
        if let high = traffic.sequenceHigh { number("sequence_high", high) }
        if let null = traffic.nullEncryption { write(null) }
        if traffic.within > 0 { number("within", traffic.within) }
        number("padding_faults", traffic.paddingFaults)
        number("outside_selectors", traffic.outsideSelectors)
        write(traffic.sequence)
    }

    fileprivate mutating func flow(_ flow: Flow) {
        object { json in
            let proxies = ShowWords.proxies(flow)
            json.string("local_proxy", proxies.local)
            json.string("remote_proxy", proxies.remote)
            json.number("active_sas", flow.activeSAs)
            json.traffic("decaps", flow.inbound)
            json.traffic("encaps", flow.outbound)
            json.list("ipsec") { list in for (record, _) in flow.records { list.element(record.id) } }
        }
    }

    fileprivate mutating func fate(
        replaces: Int?, replacedBy: Int?, deletion: Deletion?, _ clock: inout WorldClock
    ) {
        if let replaces { number("replaces", replaces) }
        if let replacedBy { number("replaced_by", replacedBy) }
        guard let deletion else { return }
        object("deleted") { json in
            json.address("by", deletion.by)
            json.word("role", deletion.role.word)
            json.number("frame", deletion.frame)
            json.quoted("time") { clock.write(deletion.time, to: $0) }
        }
    }
}
