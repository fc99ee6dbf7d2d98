import ScopeDissect
import ScopeWire
import TestSupport
import Testing

@Suite("The IP layer") struct NetworkLayerTests {
    private typealias P = Packets

    @Test("IPv4 options are stepped over", arguments: [4, 8, 40])
    func options(count: Int) throws {
        let packet = P.ipv4(17, P.udp(500, 500, P.ike), options: [UInt8](repeating: 1, count: count))
        #expect(try find(packet, link: .raw)?.payload == P.ike)
        #expect(try dissect(packet, link: .raw)?.packet == 0..<packet.count)
    }

    @Test("an IPv4 header that contradicts itself is refused, with the field's name")
    func badIPv4() throws {
        var short = P.ike4
        short[0] = 0x44
        let error = try #require(throws: DecodeError.self) { try find(short, link: .raw) }
        #expect(error == DecodeError(.badLength(16), at: 0, field: "header length").enclosed(in: "IPv4"))
        let total = P.ipv4(17, P.udp(500, 500, P.ike), total: 19)
        let second = try #require(throws: DecodeError.self) { try find(total, link: .raw) }
        #expect(second == DecodeError(.badLength(19), at: 2, field: "total length").enclosed(in: "IPv4"))
    }

    @Test("a total length of 0, as segmentation offload leaves it, means all there is")
    func offload() throws {
        #expect(try find(P.ipv4(17, P.udp(500, 500, P.ike), total: 0), link: .raw)?.payload == P.ike)
        #expect(try find(P.ipv6(17, P.udp(500, 500, P.ike), length: 0), link: .raw)?.payload == P.ike)
    }

    @Test("a packet that claims more than was captured is cut, and says so")
    func cut() throws {
        let packet = P.ipv4(50, P.esp)
        let half = Array(packet.dropLast(9))
        #expect(
            try find(half, link: .raw, originalLength: packet.count)
                == Found(what: "esp", payload: Array(P.esp.dropLast(9)), layers: [.raw, .ipv4], isCut: true))
        #expect(try find(Array(P.ipv6(50, P.esp).dropLast(1)), link: .raw)?.isCut == true)
    }

    @Test("ESP and AH are told by their protocol numbers in both versions")
    func ipsec() throws {
        #expect(try find(P.ipv4(50, P.esp), link: .raw)?.what == "esp")
        #expect(try find(P.ipv6(50, P.esp), link: .raw)?.payload == P.esp)
        #expect(try find(P.ipv4(51, P.ah), link: .raw)?.payload == P.ah)
        #expect(try find(P.ipv6(51, P.ah), link: .raw)?.what == "ah")
        #expect(try find(P.ipv4(89, [2, 1, 0, 44]), link: .raw)?.what == "other 89")
    }

    @Test("AH's fields stand where RFC 4302 draws them")
    func authenticationHeader() throws {
        let bytes = P.ah
        var reader = ByteReader(bytes.span.bytes, limit: .ip)
        let header = try AHHeader(reading: &reader, bytes.span.bytes)
        #expect(header.nextHeader == .ipv4 && header.spi == 0x0bad_cafe && header.sequence == 9)
        #expect(header.icv == 12..<24 && header.payload == 24..<bytes.count)
        let cut: [UInt8] = [50, 0, 0, 0]
        var short = ByteReader(cut.span.bytes, limit: .ip)
        let error = #expect(throws: DecodeError.self) { try AHHeader(reading: &short, cut.span.bytes) }
        #expect(error == DecodeError(.badLength(8), at: 1, field: "payload length"))
    }

    @Test("each IPv6 extension header is stepped over, alone and in RFC 8200's order")
    func extensionHeaders() throws {
        let udp = P.udp(500, 500, P.ike)
        for type in [0, 43, 60] {
            for units in [1, 2, 5] {
                let packet = P.ipv6(type, P.extensionHeader(17, units: units, udp))
                #expect(try find(packet, link: .raw)?.payload == P.ike, "\(type) \(units)")
            }
        }
        let all = P.extensionHeader(
            60, units: 1, P.extensionHeader(43, units: 1, P.extensionHeader(50, units: 3, P.esp)))
        #expect(try find(P.ipv6(0, all), link: .raw)?.what == "esp")
        #expect(try find(P.ipv6(59, []), link: .raw)?.what == "other 59")
    }

    @Test("an atomic fragment (RFC 6946) is a whole packet")
    func atomic() throws {
        let packet = P.ipv6(44, P.fragmentHeader(17, offset: 0, more: false, id: 9, P.udp(500, 500, P.ike)))
        #expect(try find(packet, link: .raw)?.payload == P.ike)
    }

    @Test("more extension headers than any honest sender uses are refused")
    func endless() throws {
        var packet = P.udp(500, 500, P.ike)
        for index in 0..<40 { packet = P.extensionHeader(index == 0 ? 17 : 60, units: 1, packet) }
        let error = try #require(throws: DecodeError.self) { try find(P.ipv6(60, packet), link: .raw) }
        #expect(error.reason == .limitExceeded(16))
    }

    @Test("IPv4 fragments name their place")
    func fragments4() throws {
        let body = [UInt8](repeating: 7, count: 24)
        let first = P.ipv4(17, body, fragment: 0x2000)
        #expect(try find(first, link: .raw)?.what == "fragment 4660 17 0+")
        let last = P.ipv4(17, body, options: [1, 1, 1, 1], fragment: 3)
        #expect(try find(last, link: .raw)?.what == "fragment 4660 17 24")
        guard case .fragment(let piece) = try dissect(last, link: .raw)?.content else {
            Issue.record("no fragment")
            return
        }
        #expect(piece.headers == 0..<24 && piece.payload == 24..<48)
    }

    @Test("IPv6 fragments name their place, and keep the headers before theirs")
    func fragments6() throws {
        let body = [UInt8](repeating: 7, count: 24)
        let piece = P.fragmentHeader(50, offset: 1448, more: true, id: 0xabcd_ef01, body)
        let packet = P.ipv6(0, P.extensionHeader(44, units: 1, piece))
        #expect(try find(packet, link: .raw)?.what == "fragment \(0xabcd_ef01) 50 1448+")
        guard case .fragment(let found) = try dissect(packet, link: .raw)?.content else {
            Issue.record("no fragment")
            return
        }
        #expect(found.headers == 0..<48 && found.payload == 56..<80)
    }
}

@Suite("UDP and TCP") struct TransportLayerTests {
    private typealias P = Packets

    @Test("UDP's own length cuts what follows; one below 8 is refused; 0 means all")
    func udpLength() throws {
        #expect(try find(P.ipv4(17, P.udp(4500, 4500, P.esp + [0, 0])), link: .raw)?.payload == P.esp + [0, 0])
        let trailer = P.ipv4(17, P.udp(4500, 4500, P.esp + [0, 0], length: 8 + P.esp.count))
        #expect(try find(trailer, link: .raw)?.payload == P.esp)
        #expect(try find(P.ipv4(17, P.udp(500, 500, P.ike, length: 0)), link: .raw)?.payload == P.ike)
        let error = try #require(throws: DecodeError.self) {
            try find(P.ipv4(17, P.udp(500, 500, P.ike, length: 7)), link: .raw)
        }
        #expect(error == DecodeError(.badLength(7), at: 24, field: "length").enclosed(in: "UDP"))
    }

    @Test("UDP that claims more than its IP packet holds is cut")
    func udpBeyond() throws {
        let found = try find(P.ipv4(17, P.udp(500, 500, P.ike, length: 400)), link: .raw)
        #expect(found?.payload == P.ike && found?.isCut == true)
    }

    @Test("TCP's data offset places the payload; flags are read")
    func tcp() throws {
        let options = [UInt8](hex: "020405b4 01010402")
        let packet = P.ipv4(6, P.tcp(4500, 50_000, flags: 0x18, options: options, [1, 2, 3]))
        #expect(try find(packet, link: .raw)?.payload == [1, 2, 3])
        let syn = P.ipv4(6, P.tcp(50_000, 4500, flags: 0x02, []))
        guard case .tcp(let segment) = try dissect(syn, link: .raw)?.content else {
            Issue.record("no segment")
            return
        }
        #expect(segment.isSYN && !segment.isFIN && !segment.isRST && segment.sequence == 0x0102_0304)
        #expect(segment.payload.isEmpty)
    }

    @Test("TCP whose header does not hold together is another protocol's bytes, not an error")
    func badTCP() throws {
        var packet = P.ipv4(6, P.tcp(1, 2, flags: 0, []))
        packet[32] = 0x40
        #expect(try find(packet, link: .raw)?.what == "other 6")
    }
}
