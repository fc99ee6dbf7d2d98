import ScopeDissect
import ScopeModel
import ScopeWire

/// How the IPsec SAs of a Quick Mode come into being.
///
/// The classic family lists them; IOS XE hands them to IPsec, waits, and names them by the SPI of this device.
extension MessageLines {
    /// The lines before the message leaves that the SAs belong to.
    ///
    /// `old` is the state that Quick Mode leaves for the wait, and `input` what made it do so.
    mutating func beginInstall(_ exchange: ChildNegotiation, input: StaticString, from old: StaticString) {
        switch out.family {
        case .classic: listSAs(exchange)
        case .xe:
            out.transition(node: messageID, input, old, "IKE_QM_IPSEC_INSTALL_AWAIT")
            guard exchange.answer != nil, exchange.offer != nil else { return }
            createSAs(exchange)
            var peerless = out
            peerless.connection = .none
            peerless.line(.refusal, "Failed to find peer index node to update peer_info_list")
            out.line(.tight, "Received IPSec Install callback... proceeding with the negotiation")
            for pair in QuickModeChoice.pairs(of: exchange, at: local) {
                out.line(
                    .tight, "Successfully installed IPSEC SA (SPI:0x", Self.spi(pair.inbound), ") on ",
                    knowledge?.interface(of: localEnd.address).map { .foreign($0) } ?? .unknown)
            }
        }
    }

    /// The lines behind that message: `classic` is the input and old state of the family that does not wait.
    mutating func finishInstall(
        _ exchange: ChildNegotiation, classic: (input: StaticString, old: StaticString), _ new: StaticString
    ) {
        switch out.family {
        case .classic:
            out.transition(node: messageID, classic.input, classic.old, new)
            createSAs(exchange)
        case .xe:
            out.transition(
                node: messageID, "IKE_MESG_FROM_IPSEC, IPSEC_INSTALL_DONE", "IKE_QM_IPSEC_INSTALL_AWAIT", new)
        }
    }

    /// The block of the pair that the exchange makes.
    ///
    /// Proxies and peers are seen from this device.
    private func listSAs(_ exchange: ChildNegotiation) {
        guard exchange.answer != nil, exchange.offer != nil else { return }
        let isMine = exchange.initiatedBy == local
        let own = isMine ? exchange.initiatorProxy : exchange.responderProxy
        let theirs = isMine ? exchange.responderProxy : exchange.initiatorProxy
        let localNet = QuickModeChoice.network(own, of: localEnd.address)
        let remoteNet = QuickModeChoice.network(theirs, of: peer)
        for pair in QuickModeChoice.pairs(of: exchange, at: local) {
            out.line(.blank, "Creating IPSec SAs")
            out.continuation(
                "        inbound SA from ", .address(peer), " to ", .address(localEnd.address), " (f/i)  0/ 0")
            out.continuation("        (proxy ", remoteNet, " to ", localNet, ")")
            out.continuation("        has spi 0x", Self.spi(pair.inbound), " and conn_id ", .unknown)
            lifetimes(pair.suite)
            out.continuation(
                "        outbound SA from ", .address(localEnd.address), " to ", .address(peer), " (f/i) 0/0")
            out.continuation("        (proxy ", localNet, " to ", remoteNet, ")")
            out.continuation("        has spi  0x", Self.spi(pair.outbound), " and conn_id ", .unknown)
            lifetimes(pair.suite)
        }
    }

    private func lifetimes(_ suite: ChildSuite) {
        suite.lifetime.forEach { bound in
            guard bound.unit == .seconds || bound.unit == .kilobytes else { return }
            out.continuation(
                "        lifetime of ", .number(bound.value),
                .literal(bound.unit == .seconds ? " seconds" : " kilobytes"))
        }
    }

    private static func spi(_ value: UInt32?) -> Part { value.map { .hex(UInt64($0)) } ?? .unknown }
}

extension QuickModeChoice {
    /// The SAs that an answered Quick Mode makes, as the device in the role `local` sees them.
    static func pairs(
        of exchange: ChildNegotiation, at local: Role
    ) -> [(suite: ChildSuite, inbound: UInt32?, outbound: UInt32?)] {
        let isMine = exchange.initiatedBy == local
        return exchange.agreed.map { agreed in
            isMine
                ? (agreed.suite, agreed.spiToInitiator, agreed.spiToResponder)
                : (agreed.suite, agreed.spiToResponder, agreed.spiToInitiator)
        }
    }
}
