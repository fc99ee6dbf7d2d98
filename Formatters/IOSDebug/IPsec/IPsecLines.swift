import ScopeDissect
import ScopeModel
import ScopeWire

/// `debug crypto ipsec`: what the device's IPsec says while IKE negotiates for it, in either version.
extension DeviceLines {
    /// IPsec asks for SAs; of several transform sets the first is printed.
    func saRequest(_ exchange: ChildNegotiation) {
        saRequest(exchange.requested, proxies(exchange))
    }

    /// The same before phase 1: what is asked for is not on the wire then, and is printed where the device's configuration
    /// tells it.
    func saRequestConfigured() {
        guard let request = knowledge?.request(of: localEnd.address, for: peer) else { return }
        var proxies: Proxies = (.unknown, .unknown)
        if let flow = request.flow {
            proxies = (
                IPsecProxy(flow.local, flow.protocolID, flow.localPort),
                IPsecProxy(flow.remote, flow.protocolID, flow.remotePort)
            )
        }
        saRequest(request.suite, proxies)
    }

    private func saRequest(_ suite: ChildSuite?, _ proxies: Proxies) {
        out.ipsec("IPSEC(sa_request): ,")
        out.ipsecContinuation(
            "  (key eng. msg.) OUTBOUND local= ", .address(localEnd.address), ":500, remote= ", .address(peer), ":500,")
        write(proxies, isLast: false)
        write(suite, mode: suite.map { .word(IPsecTransform.configuredMode($0)) } ?? .unknown)
        out.ipsecContinuation(
            "    lifedur= ", IPsecTransform.lifetime(suite, .seconds), "s and ",
            IPsecTransform.lifetime(suite, .kilobytes), "kb, ")
        writeKeySize(suite)
    }

    /// IPsec looks at what was proposed.
    func validate(_ suite: ChildSuite, part: Int, of exchange: ChildNegotiation) {
        let proxies = proxies(exchange)
        out.ipsec("IPSEC(validate_proposal_request): proposal part #", .number(part))
        out.ipsec("IPSEC(validate_proposal_request): proposal part #", .number(part), ",")
        out.ipsecContinuation(
            "  (key eng. msg.) INBOUND local= ", .address(localEnd.address), ":0, remote= ", .address(peer), ":0,")
        write(proxies, isLast: false)
        write(suite, mode: .word(suite.encapsulation.flatMap(AttributeLines.encapsulation)))
        out.ipsecContinuation("    lifedur= 0s and 0kb, ")
        writeKeySize(suite)
        proxyMatch(proxies, any: 0)
    }

    /// IPsec makes the SAs of an answered negotiation.
    mutating func createSAs(_ exchange: ChildNegotiation) {
        guard exchange.isAgreed else { return }
        let proxies = proxies(exchange)
        out.ipsec("IPSEC(key_engine): got a queue event with 1 KMI message(s)")
        proxyMatch(proxies, any: 256)
        for made in QuickModeChoice.pairs(of: exchange, at: local) {
            let pair = InstalledPair(
                local: localEnd.address, peer: peer, suite: made.suite, inbound: made.inbound, outbound: made.outbound,
                localProxy: proxies.local, remoteProxy: proxies.remote)
            installed.add(pair)
            writeSAs(of: pair, "IPSEC(create_sa): sa created,", hasIdentity: out.family == .xe)
        }
    }

    /// The responder may send once message 3 is there.
    func enableOutbound(_ exchange: ChildNegotiation) {
        guard exchange.isAgreed else { return }
        out.ipsec("IPSEC(key_engine): got a queue event with 1 KMI message(s)")
        out.ipsec("IPSEC(key_engine_enable_outbound): rec'd enable notify from ISAKMP")
        for pair in QuickModeChoice.pairs(of: exchange, at: local) {
            out.ipsec(
                "IPSEC(key_engine_enable_outbound): enable SA with spi ",
                pair.outbound.map { .number($0) } ?? .unknown, "/", Self.number(pair.suite.protocolID))
            out.ipsec(
                "IPSEC(update_current_outbound_sa): updated peer ", .address(peer), " current outbound sa to SPI ",
                Self.upperHex(pair.outbound))
        }
    }

    /// The peer deleted SAs: an SPI of its own is the one that this device sends to.
    mutating func takeDeletes(_ deletes: [DeletedSPIs]) {
        guard !deletes.isEmpty else { return }
        out.ipsec("IPSEC(key_engine): got a queue event with 1 KMI message(s)")
        out.ipsec("IPSEC(key_engine_delete_sas): rec'd delete notify from ISAKMP")
        for delete in deletes {
            for spi in delete.spis {
                out.ipsec(
                    "IPSEC(key_engine_delete_sas): delete SA with spi 0x", .hex(UInt64(spi)), " proto ",
                    Self.number(delete.protocolID), " for ", .address(peer))
                removed(takeOut(outbound: spi, of: delete.protocolID))
            }
        }
    }

    /// The device deletes SAs of its own, and then tells the peer.
    mutating func sendDeletes(_ deletes: [DeletedSPIs]) {
        for delete in deletes {
            for spi in delete.spis {
                removed(takeOut(inbound: spi, of: delete.protocolID))
            }
        }
    }

    /// The device drops SAs that nobody names, by the SPIs under which it receives.
    func removeSAs(_ inbound: [UInt32]) {
        for spi in inbound { removed(installed.remove(local: localEnd.address, peer: peer, inbound: spi)) }
    }

    private func removed(_ pair: InstalledPair?) {
        guard let pair else { return }
        writeSAs(of: pair, "IPSEC(delete_sa): deleting SA,", hasIdentity: true)
    }

    // MARK: Parts

    private typealias Proxies = (local: IPsecProxy, remote: IPsecProxy)

    private func proxies(_ exchange: ChildNegotiation) -> Proxies {
        let isMine = exchange.initiatedBy == local
        return (
            IPsecProxy(isMine ? exchange.initiatorProxy : exchange.responderProxy, of: localEnd.address),
            IPsecProxy(isMine ? exchange.responderProxy : exchange.initiatorProxy, of: peer)
        )
    }

    private func write(_ proxies: Proxies, isLast: Bool) {
        proxies.local.write("    local_proxy= ", to: out, isLast: false)
        proxies.remote.write("    remote_proxy= ", to: out, isLast: isLast)
    }

    private func write(_ suite: ChildSuite?, mode: Part) {
        out.ipsecContinuation(
            "    protocol= ", (suite?.protocolID.name).map { .text($0) } ?? .unknown, ", transform= ",
            suite.map { .transformSet($0) } ?? .unknown, " (", mode, "), ")
    }

    private func writeKeySize(_ suite: ChildSuite?) {
        out.ipsecContinuation(
            "    spi= 0x0(0), conn_id= 0, keysize= ", suite.map { .number($0.keyLength ?? 0) } ?? .unknown,
            ", flags= 0x0")
    }

    private func proxyMatch(_ proxies: Proxies, any: Int) {
        let indent = Part.literal(out.indent)
        out.ipsec("Crypto mapdb : proxy_match")
        out.ipsecContinuation(indent, "src addr     : ", proxies.local.address)
        out.ipsecContinuation(indent, "dst addr     : ", proxies.remote.address)
        out.ipsecContinuation(indent, "protocol     : ", proxies.local.protocolNumber(any: any))
        out.ipsecContinuation(indent, "src port     : ", proxies.local.port.map { .number($0) } ?? .unknown)
        out.ipsecContinuation(indent, "dst port     : ", proxies.remote.port.map { .number($0) } ?? .unknown)
    }

    /// The inbound SA, then the outbound one.
    private func writeSAs(of pair: InstalledPair, _ title: StaticString, hasIdentity: Bool) {
        for (destination, spi) in [(pair.local, pair.inbound), (pair.peer, pair.outbound)] {
            out.ipsec(.literal(title))
            out.ipsecContinuation(
                "  (sa) sa_dest= ", .address(destination), ", sa_proto= ", Self.number(pair.suite.protocolID), ", ")
            out.ipsecContinuation(
                "    sa_spi= 0x", Self.upperHex(spi), "(", spi.map { .number($0) } ?? .unknown, "), ")
            out.ipsecContinuation(
                "    sa_trans= ", .transformSet(pair.suite), ", sa_conn_id= ", .unknown)
            out.ipsecContinuation(
                "    sa_lifetime(k/sec)= (", IPsecTransform.lifetime(pair.suite, .kilobytes), "/",
                IPsecTransform.lifetime(pair.suite, .seconds), hasIdentity ? ")," : ")")
            guard hasIdentity else { continue }
            out.ipsecContinuation(
                "  (identity) local= ", .address(pair.local), ":0, remote= ", .address(pair.peer), ":0,")
            write((pair.localProxy, pair.remoteProxy), isLast: true)
        }
    }

    private static func number(_ protocolID: SecurityProtocol) -> Part {
        switch protocolID {
        case .esp: "50"
        case .ah: "51"
        default: .unknown
        }
    }

    private static func upperHex(_ spi: UInt32?) -> Part { spi.map { .hex(UInt64($0)) } ?? .unknown }
}

/// What a Delete payload of either version names: IPsec SAs of one protocol.
struct DeletedSPIs {
    let protocolID: SecurityProtocol
    let spis: [UInt32]

    /// Nil for a Delete of IKE SAs.
    init?(_ delete: DeletePayload) { self.init(delete.protocolID, delete) }
    init?(_ delete: IKEv2.Delete) { self.init(SecurityProtocol(rawValue: delete.protocolID.rawValue), delete) }

    private init?(_ protocolID: SecurityProtocol, _ list: some SPIList) {
        guard protocolID == .esp || protocolID == .ah else { return nil }
        self.protocolID = protocolID
        spis = list.spiNumbers
    }
}

extension ChildNegotiation {
    /// What was offered first.
    fileprivate var requested: ChildSuite? {
        guard let child = self.v2 else { return self.offered }
        var suite = child.offer?.proposals.first.map { ChildSuite($0) }
        suite?.encapsulation = child.isTransport ? .transport : .tunnel
        return suite
    }

    /// Both sides of it were seen, and what they agree on.
    fileprivate var isAgreed: Bool { self.v2 == nil ? self.answer != nil && self.offer != nil : !self.agreed.isEmpty }
}
