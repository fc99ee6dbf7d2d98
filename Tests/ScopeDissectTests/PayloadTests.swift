import ScopeDissect
import ScopeWire
import TestSupport
import Testing

@Suite("A payload of IKEv1") struct PayloadTests {
    private typealias M = Messages

    @Test("that holds plain bytes keeps them", arguments: [PayloadType.keyExchange, .hash, .signature, .nonce])
    func plain(type: PayloadType) throws {
        let body = (0..<20).map { UInt8($0) }
        let (payload, chain) = try M.only(type, body)
        #expect(Array(chain.bytes[payload.body]) == body && payload.problem == nil && payload.range.count == 24)
        #expect(chain.body(of: type) == body)
    }

    @Test("that is unknown is kept with number and bytes", arguments: [2, 23, 77, 127, 128, 255])
    func unknown(number: UInt8) throws {
        let (payload, chain) = try M.only(PayloadType(rawValue: number), [1, 2, 3])
        guard case .opaque = payload.content else {
            Issue.record("\(payload.content)")
            return
        }
        #expect(Array(chain.bytes[payload.body]) == [1, 2, 3] && payload.type.rawValue == number)
        #expect(number == 2 ? payload.name == "P" : payload.name == "UNKNOWN(\(number))")
    }

    private func identification(_ type: UInt8, _ data: [UInt8]) throws -> (IdentificationPayload, DecodeError?) {
        let (payload, _) = try M.only(.identification, [type, 17, 1, 0xf4] + data)
        guard case .identification(let id) = payload.content else { throw M.Flaw(what: "\(payload.content)") }
        return (id, payload.problem)
    }

    @Test("ID gives every kind of identity, with protocol and port")
    func identities() throws {
        let address = try #require(IPAddress("10.1.2.0"))
        let mask = try #require(IPAddress("255.255.255.0"))
        let six = [UInt8](hex: "20010db8000000000000000000000001")
        let address6 = try #require(IPAddress("2001:db8::1"))
        let ones = [UInt8](repeating: 255, count: 16)
        let mask6 = try #require(IPAddress(bytes: ones))
        // SEQUENCE { SET { SEQUENCE { OID commonName, UTF8String "left" } } }
        let dn = [UInt8](hex: "300f 310d 300b 0603550403 0c04 6c656674")
        let expected: [(UInt8, [UInt8], Identity)] = [
            (1, [10, 1, 2, 0], .address(address)), (2, Array("r1.example.com".utf8), .fqdn("r1.example.com")),
            (3, Array("u@example.com".utf8), .userFQDN("u@example.com")),
            (4, [10, 1, 2, 0, 255, 255, 255, 0], .subnet(address, mask: mask)), (5, six, .address(address6)),
            (6, six + ones, .subnet(address6, mask: mask6)),
            (7, [10, 1, 2, 0, 255, 255, 255, 0], .range(address, mask)), (8, six + ones, .range(address6, mask6)),
            (9, dn, .distinguishedName("CN=left")),
            (11, [0, 1, 2], .keyID([0, 1, 2])), (12, [1, 2], .other([1, 2])), (200, [], .other([])),
        ]
        for (type, data, identity) in expected {
            let (id, problem) = try identification(type, data)
            #expect(id.identity == identity && problem == nil, "type \(type)")
            #expect(id.type.rawValue == type && id.protocolID == 17 && id.port == 500)
        }
    }

    @Test("ID whose length does not fit its type is kept as bytes, and said", arguments: [1, 4, 5, 6, 7, 8, 9])
    func badIdentities(type: UInt8) throws {
        for count in [0, 1, 3, 5, 7, 9, 15, 17, 31, 33] {
            let data = [UInt8](repeating: 1, count: count)
            let (id, problem) = try identification(type, data)
            #expect(id.identity == .other(data), "\(type) \(count)")
            #expect(problem?.reason == .badLength(count) && problem?.path == ["ID", "identification data"])
        }
        let (payload, _) = try M.only(.identification, [type, 17, 1])
        #expect(payload.problem?.path == ["ID", "port"])
    }

    private func notification(_ body: [UInt8]) throws -> (NotificationPayload, DecodeError?) {
        let (payload, _) = try M.only(.notification, body)
        guard case .notification(let note) = payload.content else { throw M.Flaw(what: "\(payload.content)") }
        return (note, payload.problem)
    }

    @Test("N gives protocol, SPI, type and data")
    func notify() throws {
        let (plain, first) = try notification([0, 0, 0, 1, 1, 0, 0, 14])
        #expect(plain.type == .noProposalChosen && plain.spi.isEmpty && plain.data.isEmpty && first == nil)
        #expect(plain.type.isError && plain.protocolID == .isakmp && plain.doi == 1)
        let cookies = (0..<16).map { UInt8($0) }
        let (alive, second) = try notification([0, 0, 0, 1, 1, 16] + Packets.u16(36136) + cookies + [0, 0, 0, 7])
        #expect(alive.type == .rUThere && alive.sequenceNumber == 7 && alive.spi == cookies && second == nil)
        let life = M.short(1, 1) + M.short(2, 3600)
        let (lifetime, third) = try notification([0, 0, 0, 1, 3, 4] + Packets.u16(24576) + [1, 2, 3, 4] + life)
        #expect(lifetime.attributes.map(\.number) == [1, 3600] && third == nil && !lifetime.type.isError)
        #expect(lifetime.lifetimeSeconds == 3600 && lifetime.spiNumber == 0x0102_0304 && alive.spiNumber == nil)
        let (odd, fourth) = try notification([0, 0, 0, 1, 3, 0] + Packets.u16(9999) + [1, 2])
        #expect(odd.type.description == "UNKNOWN(9999)" && odd.data.count == 2 && fourth == nil)
    }

    @Test("RESPONDER-LIFETIME gives its seconds in the numbers of either phase, and no kilobytes")
    func lifetimes() throws {
        let head: [UInt8] = [0, 0, 0, 1, 1, 0] + Packets.u16(24576)
        let (phase1, _) = try notification(head + M.short(11, 1) + M.long(12, [0, 0, 0x70, 0x80]))
        #expect(phase1.lifetimeSeconds == 28800)
        let (both, _) = try notification(head + M.short(1, 2) + M.short(2, 4000) + M.short(1, 1) + M.short(2, 3600))
        #expect(both.lifetimeSeconds == 3600)
        let (kilobytes, _) = try notification(head + M.short(1, 2) + M.short(2, 4000))
        #expect(kilobytes.lifetimeSeconds == nil)
    }

    @Test("N whose SPI or data does not fit says so")
    func badNotify() throws {
        let (alive, problem) = try notification([0, 0, 0, 1, 1, 0] + Packets.u16(36137) + [1, 2, 3])
        #expect(alive.sequenceNumber == nil && problem?.reason == .badLength(3))
        let (_, second) = try notification([0, 0, 0, 1, 3, 0] + Packets.u16(24576) + [0x80, 1, 0])
        #expect(second?.path.first == "N")
        let (payload, _) = try M.only(.notification, [0, 0, 0, 1, 3, 5, 0, 14, 1, 2, 3, 4])
        #expect(payload.problem?.path == ["N", "SPI"])
        for count in 0..<8 {
            let (short, _) = try M.only(.notification, Array([0, 0, 0, 1, 1, 0, 0, 14].prefix(count)))
            #expect(short.problem != nil)
        }
    }

    @Test("D gives its SPIs; a count one too small or too large is said, and the SPIs that are there are kept")
    func delete() throws {
        func delete(_ count: Int, _ spis: [UInt8], size: UInt8 = 4) throws -> (DeletePayload, DecodeError?) {
            let (payload, _) = try M.only(.delete, [0, 0, 0, 1, 3, size] + Packets.u16(count) + spis)
            guard case .delete(let delete) = payload.content else { throw M.Flaw(what: "\(payload.content)") }
            return (delete, payload.problem)
        }
        let two: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
        let (good, none) = try delete(2, two)
        #expect(good.spis == [[1, 2, 3, 4], [5, 6, 7, 8]] && none == nil && good.protocolID == .esp)
        #expect(good.spiNumbers == [0x0102_0304, 0x0506_0708] && good.cookies.allSatisfy { $0 == (0, 0) })
        let (cookies, _) = try delete(1, two + two.reversed(), size: 16)
        #expect(cookies.cookies.map(\.initiator) == [0x0102_0304_0506_0708] && cookies.spiNumbers.isEmpty)
        #expect(cookies.cookies.map(\.responder) == [0x0807_0605_0403_0201])
        let (less, first) = try delete(1, two)
        #expect(less.spis == [[1, 2, 3, 4]] && first?.reason == .trailingBytes(4))
        let (more, second) = try delete(3, two)
        #expect(more.spis.count == 2 && second?.reason == .unexpected(3))
        let (huge, third) = try delete(0xffff, two, size: 0)
        #expect(huge.spis.isEmpty && third != nil)
        let (cut, fourth) = try delete(2, Array(two.dropLast()))
        #expect(cut.spis.count == 1 && fourth != nil)
    }

    @Test("CFG gives its attributes; what a user types to prove who they are is marked")
    func configuration() throws {
        let body =
            [1, 0, 0x12, 0x34] + M.short(16520, 0) + M.long(16521, Array("bob".utf8))
            + M.long(16522, Array("secret".utf8)) + M.long(1, [10, 0, 0, 7]) + M.long(1, [])
            + M.long(28676, [10, 1, 0, 0, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0])
            + M.long(
                15,
                [UInt8](
                    hex:
                        "20010db800000000000000000000000040")) + M.short(16527, 1)
        let (payload, chain) = try M.only(.attributes, body)
        guard case .attributes(let cfg) = payload.content else { throw M.Flaw(what: "\(payload.content)") }
        #expect(cfg.type == 1 && cfg.identifier == 0x1234 && payload.problem == nil)
        let words = cfg.attributes.map { $0.describe(in: .modeConfig) }.map { "\($0.name) \($0.value ?? "-")" }
        #expect(
            words == [
                "XAUTH-TYPE Generic", "XAUTH-USER-NAME bob", "XAUTH-USER-PASSWORD secret",
                "INTERNAL_IP4_ADDRESS 10.0.0.7", "INTERNAL_IP4_ADDRESS -", "SPLIT_INCLUDE 10.1.0.0/255.255.0.0",
                "INTERNAL_IP6_SUBNET 2001:db8::/64", "XAUTH-STATUS OK",
            ])
        let secret = cfg.attributes.map { AttributeContext.modeConfig.isSecret(attribute: $0.type) }
        #expect(secret == [false, false, true, false, false, false, false, false])
        #expect(chain.error == nil)
    }

    @Test("FRAG gives identifier, number and whether it is the last")
    func fragment() throws {
        let (payload, chain) = try M.only(.fragment, [0, 5, 3, 1, 9, 9])
        guard case .fragment(let fragment) = payload.content else { throw M.Flaw(what: "\(payload.content)") }
        #expect(fragment.identifier == 5 && fragment.number == 3 && fragment.isLast)
        #expect(Array(chain.bytes[fragment.data]) == [9, 9])
        let (short, _) = try M.only(.fragment, [0, 5, 3])
        #expect(short.problem?.path == ["FRAG", "flags"])
    }

    @Test("CERT and CR of a kind that is no plain X.509 keep their bytes without a name", arguments: [0, 1, 2, 7, 99])
    func otherCertificates(encoding: UInt8) throws {
        for type in [PayloadType.certificate, .certificateRequest] {
            let (payload, chain) = try M.only(type, [encoding, 1, 2, 3])
            switch payload.content {
            case .certificate(let value), .certificateRequest(let value):
                #expect(value.encoding == encoding && value.name == nil && Array(chain.bytes[value.data]) == [1, 2, 3])
            default: Issue.record("\(payload.content)")
            }
        }
        let (empty, _) = try M.only(.certificate, [])
        #expect(empty.problem?.path == ["CERT", "encoding"])
    }

    @Test("NAT-D and NAT-OA are known under their RFC's and their drafts' numbers", arguments: [20, 130, 15])
    func natDiscovery(number: UInt8) throws {
        let (payload, _) = try M.only(PayloadType(rawValue: number), [UInt8](repeating: 7, count: 20))
        guard case .natDiscovery = payload.content else { throw M.Flaw(what: "\(payload.content)") }
        #expect(payload.name == "NAT-D")
        let address = PayloadType(rawValue: number == 15 ? 16 : number + 1)
        let (original, _) = try M.only(address, [1, 0, 0, 0, 10, 0, 0, 9])
        guard case .natOriginalAddress(let value) = original.content else { throw M.Flaw(what: "\(original.content)") }
        #expect(value.identity == .address(try #require(IPAddress("10.0.0.9"))) && original.name == "NAT-OA")
    }

    @Test("15 and 16 that are no NAT-D or NAT-OA by their size, or stand behind a GDOI SA, are GDOI's")
    func gdoi() throws {
        for (number, body) in [(15, 19), (15, 21), (16, 8)] as [(UInt8, Int)] {
            let (payload, _) = try M.only(PayloadType(rawValue: number), [UInt8](repeating: 9, count: body))
            guard case .opaque = payload.content else { throw M.Flaw(what: "\(number) \(payload.content)") }
            #expect(payload.name == (number == 15 ? "SAK" : "SAT"))
        }
        let sa: [UInt8] = [0, 0, 0, 2, 0, 0, 0, 0, 0, 15, 0, 0]
        let message = try ISAKMPMessage(
            bytes: M.chain([
                (.sa, sa), (.saKEK, [UInt8](repeating: 7, count: 20)), (.saTEK, [1, 0, 0, 0, 10, 0, 0, 9]),
            ]))
        #expect(message.chain.payloads.map(\.name) == ["SA", "SAK", "SAT"] && message.chain.errors.isEmpty)
    }

    @Test("D counts all of its SPIs, and lists the first")
    func deleteWithoutEnd() throws {
        let (payload, _) = try M.only(
            .delete, [0, 0, 0, 1, 3, 1] + Packets.u16(60_000) + [UInt8](repeating: 7, count: 60_000))
        guard case .delete(let delete) = payload.content else { throw M.Flaw(what: "\(payload.content)") }
        #expect(delete.count == 60_000 && delete.spis.count == DeletePayload.mostSPIs && payload.problem == nil)
        #expect(delete.spis.allSatisfy { $0 == [7] })
    }
}
