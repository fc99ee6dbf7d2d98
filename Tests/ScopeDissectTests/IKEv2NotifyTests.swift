import ScopeDissect
import ScopeWire
import TestSupport
import Testing

@Suite("N of IKEv2") struct IKEv2NotifyTests {
    private static func notify(_ type: Int, _ data: [UInt8]) throws -> (IKEv2.Notify, DecodeError?) {
        try IKEv2Messages.notify(type, data)
    }

    @Test("gives protocol, SPI, type and data")
    func plain() throws {
        let (rekey, problem) = try IKEv2Messages.notify(16393, proto: 3, spi: [1, 2, 3, 4], [])
        #expect(rekey.type == .rekeySA && rekey.protocolID == .esp && rekey.spiNumber == 0x0102_0304 && problem == nil)
        #expect(rekey.data.isEmpty && !rekey.type.isError && rekey.content == .bytes)
        let (refused, second) = try Self.notify(14, [])
        #expect(refused.type == .noProposalChosen && refused.type.isError && second == nil)
        let (unknown, third) = try Self.notify(65000, [1, 2])
        #expect(unknown.type.description == "UNKNOWN(65000)" && unknown.data.count == 2 && third == nil)
        // Both strongSwan and 3GPP use it: nothing in the payload tells whose it is.
        #expect(IKEv2.NotifyType(rawValue: 40961).name == "USE_BEET_MODE or REACTIVATION_REQUESTED_CAUSE")
    }

    /// Data by the RFC of each type, and what they say.
    static let contents: [(type: Int, data: [UInt8], content: IKEv2.NotifyContent)] = [
        (1, [77], .payloadType(PayloadType(rawValue: 77))), (1, [], .bytes),
        (9, [0, 0, 0, 5], .messageID(5)), (11, [1, 2, 3, 4], .spi(0x0102_0304)), (11, [], .bytes),
        (17, [0, 19], .group(.ecp256)), (16385, [0, 0, 0, 4], .windowSize(4)),
        (16387, [0x12, 0x34, 2], .ipComp(cpi: 0x1234, transform: IPCompTransform(rawValue: 2))),
        (16388, Array(repeating: 1, count: 20), .addressHash), (16389, Array(repeating: 1, count: 20), .addressHash),
        (16397, [192, 0, 2, 1], .address(IPAddress(v4: 0xc000_0201))),
        (16398, Array(repeating: 0, count: 15) + [1], .address(IPAddress(v6high: 0, low: 1))),
        (16403, [0, 0, 14, 16], .seconds(3600)),
        (16408, [1, 4, 192, 0, 2, 1], .gateway(.address(IPAddress(v4: 0xc000_0201)), nonce: 42..<42)),
        (16407, [3, 2, 97, 98, 7, 7], .gateway(.fqdn("ab"), nonce: 40..<42)),
        (16407, [9, 1, 5], .gateway(.other(type: 9, [5]), nonce: 39..<39)),
        (16409, [0, 0, 0, 60, 9, 9], .ticket(seconds: 60, ticket: 40..<42)), (16413, [9, 9], .bytes),
        (16416, [0x80, 1, 0, 15], .attributes([Attribute(type: 1, isShort: true, value: [0, 15])])),
        (16422, [1, 1, 1, 1, 0, 0, 0, 7, 0, 0, 0, 9], .messageIDSync(send: 7, receive: 9)),
        (16423, [0, 0, 1, 0], .replayCounter(256)), (16423, [0, 0, 0, 1, 0, 0, 0, 0], .replayCounter(1 << 32)),
        (
            16424, [0, 1, 0, 3],
            .passwordMethods([IKEv2.SecurePasswordMethod(rawValue: 1), IKEv2.SecurePasswordMethod(rawValue: 3)])
        ),
        (16431, [0, 2, 0, 5], .hashAlgorithms([.sha256, .identity])),
        (16434, [0, 5, 20], .puzzle(prf: .hmacSHA256, difficulty: 20)),
        (16436, [2, 97], .ppk(IKEv2.PPKIdentity(type: .fixed, identity: [97]), confirmation: 38..<38)),
        (
            16446, [2, 97, 98, 1, 2, 3, 4, 5, 6, 7, 8],
            .ppk(IKEv2.PPKIdentity(type: .fixed, identity: [97, 98]), confirmation: 39..<47)
        ),
        (16436, [], .bytes), (16442, [2], .flags(2)), (16443, [], .bytes),
        (
            16443, [2, 2, 3, 1, 1, 13, 14, 0, 0x30, 0x08, 6, 6, 0x2a, 0x86, 0x48, 0xce, 0x3d, 1],
            .authenticationMethods([
                IKEv2.AuthenticationAnnouncement(method: .sharedKey, certificateLink: nil, algorithm: nil),
                IKEv2.AuthenticationAnnouncement(method: .rsaSignature, certificateLink: 1, algorithm: nil),
                IKEv2.AuthenticationAnnouncement(
                    method: .digitalSignature, certificateLink: 0,
                    algorithm: IKEv2.SignatureAlgorithm([0x30, 8, 6, 6, 0x2a, 0x86, 0x48, 0xce, 0x3d, 1])),
            ])
        ),
        (41101, [], .bytes),
        (
            41101, [0, 9, 1, 0x21, 0x43, 0x65, 0x87, 0x09, 0x21, 0x43, 0xf5],
            .device(IKEv2.DeviceIdentityType(rawValue: 1), digits: "123456789012345")
        ),
        (55502, [192, 0, 2, 1], .address(IPAddress(v4: 0xc000_0201))), (55506, [0x4e, 0x20], .port(20000)),
        (16390, [1, 2, 3], .bytes), (16419, Array(repeating: 3, count: 16), .bytes),
    ]

    @Test("says what data with a format of their own mean", arguments: contents.indices)
    func formats(index: Int) throws {
        let (type, data, content) = Self.contents[index]
        let (notify, problem) = try Self.notify(type, data)
        #expect(notify.content == content && problem == nil, "\(notify.type)")
        #expect(notify.data.count == data.count)
    }

    @Test("says data that are cut or too long, and keeps them", arguments: contents.indices)
    func lengths(index: Int) throws {
        let (type, data, _) = Self.contents[index]
        for count in 0..<data.count {
            let (notify, _) = try Self.notify(type, Array(data.prefix(count)))
            #expect(notify.data.count == count)
        }
        // These types have data of one length alone.
        let fixed: Set<Int> = [17, 16385, 16387, 16388, 16389, 16397, 16398, 16403, 16422, 16434, 16442, 55502, 55506]
        guard fixed.contains(type) else { return }
        for wrong in [Array(data.dropLast()), data + [0]] {
            let (notify, problem) = try Self.notify(type, wrong)
            #expect(problem?.path.first == "N" && notify.data.count == wrong.count, "\(notify.type)")
        }
    }

    @Test("whose SPI is cut does not decode")
    func cut() throws {
        let (payload, _) = try IKEv2Messages.only(.notify, [3, 5, 64, 9, 1, 2, 3, 4])
        #expect(payload.problem?.path == ["N", "SPI"])
        for count in 0..<4 {
            let (short, _) = try IKEv2Messages.only(.notify, Array([0, 0, 64, 0].prefix(count)))
            #expect(short.problem != nil)
        }
    }
}
