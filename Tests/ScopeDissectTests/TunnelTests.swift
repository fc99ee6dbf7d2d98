import ScopeDissect
import ScopeWire
import TestSupport
import Testing

@Suite("Tunnels") struct TunnelTests {
    private typealias P = Packets

    private static let inner = Packets.ipv4(50, Packets.esp)

    private func expectESP(
        _ packet: [UInt8], _ layers: [LayerStack.Layer], at place: SourceLocation = #_sourceLocation
    ) throws {
        #expect(
            try find(packet, link: .raw) == Found(what: "esp", payload: P.esp, layers: [.raw, .ipv4] + layers),
            sourceLocation: place)
    }

    @Test("GRE is followed: plain, with key, sequence number, checksum and all of them")
    func gre() throws {
        let checksum = [UInt8](hex: "00000000")
        let key = P.u32(77)
        let sequence = P.u32(1)
        for (flags, fields) in [
            (0x0000, []), (0x2000, key), (0x1000, sequence), (0x3000, key + sequence), (0x8000, checksum),
            (0xb000, checksum + key + sequence),
        ] as [(Int, [UInt8])] {
            try expectESP(P.ipv4(47, P.u16(flags) + P.u16(0x0800) + fields + Self.inner), [.gre, .ipv4])
        }
        let route = [UInt8](hex: "00000000 0800 00 04 0a000001 0000 00 00")
        try expectESP(P.ipv4(47, P.u16(0x4000) + P.u16(0x0800) + route + Self.inner), [.gre, .ipv4])
        let six = P.ipv6(50, P.esp)
        try expectESP(P.ipv4(47, P.u16(0) + P.u16(0x86dd) + six), [.gre, .ipv6])
        try expectESP(P.ipv4(47, P.u16(0) + P.u16(0x6558) + P.ethernet(0x0800, Self.inner)), [.gre, .ethernet, .ipv4])
    }

    @Test("GRE version 1 (PPTP) is followed with and without its numbers")
    func gre1() throws {
        let ppp = [0xff, 0x03, 0x00, 0x21] + Self.inner
        for (flags, numbers) in [(0x3001, P.u32(5)), (0x3081, P.u32(5) + P.u32(4))] {
            let packet = P.u16(flags) + P.u16(0x880b) + P.u16(ppp.count) + P.u16(9) + numbers + ppp
            try expectESP(P.ipv4(47, packet + [0, 0]), [.gre, .ppp, .ipv4])
        }
    }

    @Test("GRE of another version, or around something else, is the outer packet's content")
    func otherGRE() throws {
        #expect(try find(P.ipv4(47, P.u16(2) + P.u16(0x0800) + Self.inner), link: .raw)?.what == "other 47")
        #expect(try find(P.ipv4(47, P.u16(0) + P.u16(0x0806) + P.arp()), link: .raw)?.what == "other 47")
        let web = P.ipv4(89, [2, 1, 0, 44])
        #expect(try find(P.ipv4(47, P.u16(0) + P.u16(0x0800) + web), link: .raw)?.what == "other 47")
    }

    @Test("IP in IP is followed in all four combinations")
    func ipInIP() throws {
        try expectESP(P.ipv4(4, Self.inner), [.ipv4])
        try expectESP(P.ipv4(41, P.ipv6(50, P.esp)), [.ipv6])
        #expect(try find(P.ipv6(4, Self.inner), link: .raw)?.layers == [.raw, .ipv6, .ipv4])
        #expect(try find(P.ipv6(41, P.ipv6(50, P.esp)), link: .raw)?.layers == [.raw, .ipv6, .ipv6])
    }

    @Test("packets nested without end give the outer one, not a hang")
    func nesting() throws {
        var packet = Self.inner
        for _ in 0..<60 { packet = P.ipv4(4, packet) }
        #expect(try find(packet, link: .raw)?.what == "other 4")
        var seven = Self.inner
        for _ in 0..<7 { seven = P.ipv4(4, seven) }
        #expect(try find(seven, link: .raw)?.what == "esp")
    }

    private func gtp(flags: Int, _ options: [UInt8] = [], type: Int = 255) -> [UInt8] {
        let body = options + Self.inner
        return P.ipv4(17, P.udp(2152, 2152, [UInt8(flags), UInt8(type)] + P.u16(body.count) + P.u32(1) + body))
    }

    @Test("GTP-U is followed: plain, with a sequence number, with one and with two extension headers")
    func gtpU() throws {
        try expectESP(gtp(flags: 0x30), [.gtpU, .ipv4])
        try expectESP(gtp(flags: 0x32, [UInt8](hex: "0001 00 00")), [.gtpU, .ipv4])
        try expectESP(gtp(flags: 0x34, [UInt8](hex: "0000 00 85 01 00 09 00")), [.gtpU, .ipv4])
        try expectESP(
            gtp(flags: 0x37, [UInt8](hex: "0001 02 85 01 00 09 c0 02 000000000000 00")), [.gtpU, .ipv4])
    }

    @Test("GTP-U that carries no packet, or an extension header of length 0, stays UDP")
    func otherGTP() throws {
        #expect(try find(gtp(flags: 0x32, [0, 1, 0, 0], type: 1), link: .raw)?.what == "udp 2152 2152")
        #expect(try find(gtp(flags: 0x34, [0, 0, 0, 0x85, 0, 0, 9, 0]), link: .raw)?.what == "udp 2152 2152")
        #expect(try find(gtp(flags: 0x50), link: .raw)?.what == "udp 2152 2152")
    }

    @Test("VXLAN is followed on both of its ports; without its flag it is UDP", arguments: [4789, 8472])
    func vxlan(port: Int) throws {
        let inside = P.ethernet(0x0800, Self.inner)
        try expectESP(
            P.ipv4(17, P.udp(50_123, port, [UInt8](hex: "08000000 00002a00") + inside)), [.vxlan, .ethernet, .ipv4])
        let invalid = P.ipv4(17, P.udp(50_123, port, [UInt8](hex: "00000000 00002a00") + inside))
        #expect(try find(invalid, link: .raw)?.what == "udp 50123 \(port)")
    }

    @Test("the ports of IKE win over those of a tunnel")
    func portsOfIKE() throws {
        #expect(try find(P.ipv4(17, P.udp(4500, 2152, P.esp)), link: .raw)?.what == "udp 4500 2152")
        #expect(try find(P.ipv4(17, P.udp(2152, 500, P.ike)), link: .raw)?.payload == P.ike)
    }
}

@Suite("ICMP errors") struct ICMPErrorTests {
    private typealias P = Packets

    private func error(_ type: Int, _ code: Int, rest: Int = 0, _ quoted: [UInt8]) throws -> (ICMPError, [UInt8])? {
        let packet = P.ipv4(1, [UInt8(type), UInt8(code), 0, 0] + P.u32(rest) + quoted)
        guard case .icmpError(let error) = try dissect(packet, link: .raw)?.content else { return nil }
        return (error, Array(packet[error.quoted]))
    }

    @Test("an ICMP error quotes the packet that it is about: UDP 500, and ESP cut to 8 bytes")
    func quotes() throws {
        let (found, quoted) = try #require(try error(3, 3, P.ike4))
        #expect(!found.isV6 && found.type == 3 && found.code == 3 && found.mtu == 0 && quoted == P.ike4)
        let esp = Array(P.ipv4(50, P.esp).prefix(28))
        let (_, second) = try #require(try error(3, 13, esp))
        let inner = try FrameDissector.datagram(
            ofIP: second.span.bytes, in: 0..<second.count, limit: .payload, recorder: nil)
        guard case .esp(let range) = inner?.content else {
            Issue.record("the quoted packet is no ESP: \(String(describing: inner))")
            return
        }
        #expect(Array(second[range]) == Array(P.esp.prefix(8)) && inner?.isCut == true)
    }

    @Test("the next hop's MTU is told by type 3 code 4 alone, and by ICMPv6 type 2")
    func mtu() throws {
        #expect(try error(3, 4, rest: 1400, P.ike4)?.0.mtu == 1400)
        #expect(try error(3, 3, rest: 0, P.ike4)?.0.mtu == 0)
        let packet = P.ipv6(58, [2, 0, 0, 0] + P.u32(1280) + P.ike6)
        guard case .icmpError(let six) = try dissect(packet, link: .raw)?.content else {
            Issue.record("no error")
            return
        }
        #expect(six.isV6 && six.type == 2 && six.mtu == 1280 && Array(packet[six.quoted]) == P.ike6)
    }

    @Test("extensions behind the quoted packet are cut off where RFC 4884's length says so")
    func extensions() throws {
        let quoted = P.ike4 + [UInt8](repeating: 0, count: 128 - P.ike4.count)
        let (_, found) = try #require(try error(11, 0, rest: 32 << 16, quoted + [UInt8](hex: "2000 0000 0008 0101")))
        #expect(found == quoted)
    }

    @Test("what is no error is another protocol's bytes", arguments: [0, 8, 9, 13])
    func queries(type: Int) throws {
        #expect(try error(type, 0, P.ike4) == nil)
        #expect(try find(P.ipv6(58, [128, 0, 0, 0, 0, 0, 0, 0]), link: .raw)?.what == "other 58")
    }
}
