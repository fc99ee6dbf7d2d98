import ScopeDissect
import ScopeWire
import TestSupport
import Testing

@Suite("The link layer") struct LinkLayerTests {
    private typealias P = Packets

    private func expectIKE(
        _ frame: [UInt8], _ link: LinkType, _ layers: [LayerStack.Layer], at place: SourceLocation = #_sourceLocation
    ) throws {
        #expect(
            try find(frame, link: link) == Found(what: "udp 500 500", payload: P.ike, layers: layers),
            sourceLocation: place)
    }

    @Test("Ethernet II carries both IP versions, and the padding of short frames is not the packet's")
    func ethernet() throws {
        try expectIKE(P.ethernet(0x0800, P.ike4), .ethernet, [.ethernet, .ipv4])
        try expectIKE(P.ethernet(0x86dd, P.ike6), .ethernet, [.ethernet, .ipv6])
        try expectIKE(P.ethernet(0x0800, P.ike4 + [0, 0, 0, 0, 0, 0]), .ethernet, [.ethernet, .ipv4])
        let datagram = try #require(try dissect(P.ethernet(0x0800, P.ike4 + [0, 0])))
        #expect(datagram.packet == 14..<(14 + P.ike4.count))
        #expect("\(datagram.source) \(datagram.destination) \(datagram.hopLimit)" == "192.0.2.1 198.51.100.2 61")
    }

    @Test("what is no IP is nil, not an error", arguments: [0x0806, 0x88cc, 0x8863, 0x9000])
    func notIP(type: Int) throws {
        #expect(try find(P.ethernet(type, P.arp())) == nil)
    }

    @Test("an 802.1Q tag, a second one, and 802.1ad or old QinQ outside are walked over")
    func tags() throws {
        try expectIKE(P.ethernet(0x8100, P.vlan(0x2064, 0x0800, P.ike4)), .ethernet, [.ethernet, .vlan, .ipv4])
        for outer in [0x88a8, 0x9100, 0x8100] {
            try expectIKE(
                P.ethernet(outer, P.vlan(100, 0x8100, P.vlan(7, 0x86dd, P.ike6))), .ethernet,
                [.ethernet, .vlan, .vlan, .ipv6])
        }
    }

    @Test("802.3 with LLC and SNAP, with plain LLC, behind a tag, and as a jumbo frame")
    func logicalLinkControl() throws {
        let snap = [UInt8](hex: "aaaa03 000000 0800")
        try expectIKE(P.ethernet(snap.count + P.ike4.count, snap + P.ike4), .ethernet, [.ethernet, .ipv4])
        let plain = [UInt8](hex: "060603")
        try expectIKE(P.ethernet(plain.count + P.ike4.count, plain + P.ike4), .ethernet, [.ethernet, .ipv4])
        try expectIKE(
            P.ethernet(0x8100, P.vlan(5, snap.count + P.ike4.count, snap + P.ike4)), .ethernet,
            [.ethernet, .vlan, .ipv4])
        try expectIKE(P.ethernet(0x8870, snap + P.ike4), .ethernet, [.ethernet, .ipv4])
    }

    @Test("802.3 that carries spanning tree or raw IPX is nil")
    func otherLLC() throws {
        #expect(try find(P.ethernet(38, [UInt8](hex: "424203 0000 00") + [UInt8](repeating: 0, count: 40))) == nil)
        #expect(try find(P.ethernet(40, [0xff, 0xff] + [UInt8](repeating: 0, count: 40))) == nil)
    }

    @Test("Linux cooked captures of both versions")
    func cooked() throws {
        let sll = [UInt8](hex: "0000 0001 0006 020000000001 0000")
        try expectIKE(sll + P.u16(0x0800) + P.ike4, .linuxSLL, [.linuxCooked, .ipv4])
        try expectIKE(sll + P.u16(0x8100) + P.vlan(9, 0x86dd, P.ike6), .linuxSLL, [.linuxCooked, .vlan, .ipv6])
        let sll2 = [UInt8](hex: "86dd 0000 00000003 0001 00 06 020000000001 0000")
        try expectIKE(sll2 + P.ike6, .linuxSLL2, [.linuxCooked, .ipv6])
        let snap = [UInt8](hex: "0004 aaaa03 000000 0800")
        try expectIKE(sll + snap + P.ike4, .linuxSLL, [.linuxCooked, .ipv4])
    }

    @Test("raw IP of each link type that says so")
    func raw() throws {
        try expectIKE(P.ike4, .raw, [.raw, .ipv4])
        try expectIKE(P.ike6, .raw, [.raw, .ipv6])
        try expectIKE(P.ike4, .ipv4, [.raw, .ipv4])
        try expectIKE(P.ike6, .ipv6, [.raw, .ipv6])
        #expect(try find([0x00] + P.ike4, link: .raw) == nil)
    }

    @Test("BSD loopback in both byte orders, with each system's number for IPv6", arguments: [24, 28, 30, 10])
    func loopback(family6: UInt8) throws {
        try expectIKE([2, 0, 0, 0] + P.ike4, .null, [.null, .ipv4])
        try expectIKE([0, 0, 0, 2] + P.ike4, .loop, [.null, .ipv4])
        try expectIKE([family6, 0, 0, 0] + P.ike6, .null, [.null, .ipv6])
        try expectIKE([0, 0, 0, family6] + P.ike6, .null, [.null, .ipv6])
        #expect(try find([7, 0, 0, 0] + P.ike4, link: .null) == nil)
    }

    @Test("PPP with and without address and control, with a protocol number of one byte, and in HDLC framing")
    func ppp() throws {
        try expectIKE([0xff, 0x03, 0x00, 0x21] + P.ike4, .ppp, [.ppp, .ipv4])
        try expectIKE([0x00, 0x57] + P.ike6, .ppp, [.ppp, .ipv6])
        try expectIKE([0x21] + P.ike4, .ppp, [.ppp, .ipv4])
        try expectIKE([0xff, 0x03, 0x21] + P.ike4, .pppHDLC, [.ppp, .ipv4])
        try expectIKE([0x0f, 0x00, 0x08, 0x00] + P.ike4, .pppHDLC, [.ciscoHDLC, .ipv4])
        #expect(try find([0xff, 0x03, 0xc0, 0x21, 1, 1, 0, 4], link: .ppp) == nil)
    }

    @Test("PPPoE sessions, in Ethernet and as a link type; its length cuts the trailer off")
    func pppoe() throws {
        let session = [UInt8](hex: "1100 0042") + P.u16(2 + P.ike4.count) + [0x00, 0x21] + P.ike4
        try expectIKE(P.ethernet(0x8864, session + [0, 0, 0]), .ethernet, [.ethernet, .pppoe, .ppp, .ipv4])
        try expectIKE(session, .pppEthernet, [.pppoe, .ppp, .ipv4])
        #expect(try find(P.ethernet(0x8863, [UInt8](hex: "11090000 0004 01010000"))) == nil)
    }

    @Test("Cisco HDLC carries IP by EtherType; keepalives are nil")
    func ciscoHDLC() throws {
        try expectIKE([0x0f, 0x00, 0x08, 0x00] + P.ike4, .ciscoHDLC, [.ciscoHDLC, .ipv4])
        try expectIKE([0x8f, 0x00, 0x86, 0xdd] + P.ike6, .ciscoHDLC, [.ciscoHDLC, .ipv6])
        #expect(try find([0x8f, 0x00, 0x80, 0x35] + [UInt8](repeating: 0, count: 18), link: .ciscoHDLC) == nil)
    }

    @Test("MPLS label stacks before IP, and before Ethernet with and without a control word")
    func mpls() throws {
        let stack = P.u32(16 << 12 | 64) + P.u32(17 << 12 | 1 << 8 | 64)
        try expectIKE(P.ethernet(0x8847, stack + P.ike4), .ethernet, [.ethernet, .mpls, .ipv4])
        try expectIKE(P.ethernet(0x8848, stack + P.ike6), .ethernet, [.ethernet, .mpls, .ipv6])
        let inner = P.ethernet(0x0800, P.ike4)
        try expectIKE(P.ethernet(0x8847, stack + inner), .ethernet, [.ethernet, .mpls, .ethernet, .ipv4])
        try expectIKE(P.ethernet(0x8847, stack + P.u32(0) + inner), .ethernet, [.ethernet, .mpls, .ethernet, .ipv4])
        #expect(try find(P.ethernet(0x8847, stack + [0x10, 0, 0, 0] + P.arp())) == nil)
    }

    @Test("a label stack or a tag stack without end is an error or nil, not a hang")
    func endless() throws {
        let labels = P.ethernet(0x8847, [UInt8](repeating: 0, count: 60_000))
        #expect(throws: DecodeError.self) { try find(labels) }
        let tags = P.ethernet(0x8100, (0..<15_000).flatMap { _ in P.vlan(1, 0x8100, []) })
        #expect(throws: DecodeError.self) { try find(tags) }
    }

    @Test("a link type that is not known is nil")
    func unknown() throws {
        #expect(try find(P.ike4, link: LinkType(rawValue: 195)) == nil)
    }
}
