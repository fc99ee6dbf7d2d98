import ScopeDissect
import ScopeWire
import TestSupport
import Testing

@Suite("An SA payload") struct AssociationPayloadTests {
    private typealias M = Messages

    private func association(_ body: [UInt8]) throws -> (SAPayload, DecodeError?) {
        let (payload, _) = try M.only(.sa, body)
        guard case .sa(let sa) = payload.content else { throw M.Flaw(what: "\(payload.content)") }
        return (sa, payload.problem)
    }

    @Test("gives its proposals, transforms and attributes in wire order")
    func decodes() throws {
        let body = M.sa(M.proposal(1, 1, [M.transform(1, 1, M.policy)]))
        let (sa, problem) = try association(body)
        #expect(problem == nil && sa.doi == 1 && sa.situation == 1 && sa.proposals.count == 1)
        let transform = try #require(sa.proposals.first?.transforms.first)
        #expect(transform.number == 1 && transform.id == 1)
        let words = transform.attributes.map { attribute in
            let (name, value) = attribute.describe(in: .phase1)
            return "\(name) \(value ?? "-")"
        }
        #expect(
            words == [
                "Encryption-Algorithm AES-CBC", "Key-Length 256", "Hash-Algorithm SHA",
                "Authentication-Method pre-shared key", "Group-Description MODP 1024", "Life-Type seconds",
                "Life-Duration 28800",
            ])
        #expect(transform.value(12) == 28800 && transform.value(6) == nil)
    }

    @Test("gives the SPIs of ESP, AH and IPComp proposals of phase 2, two of one number being one offer")
    func bundle() throws {
        let esp = M.short(1, 1) + M.short(2, 3600) + M.short(4, 3) + M.short(5, 2) + M.short(6, 128)
        let body = M.sa(
            M.proposal(1, 2, spi: [1, 2, 3, 4], last: false, [M.transform(1, 3, M.short(5, 2))])
                + M.proposal(
                    1, 3, spi: [5, 6, 7, 8], last: false,
                    [
                        M.transform(1, 12, last: false, esp), M.transform(2, 11, M.short(5, 1)),
                    ]) + M.proposal(2, 4, spi: [0x12, 0x34], [M.transform(1, 3, [])]))
        let (sa, problem) = try association(body)
        #expect(problem == nil)
        #expect(sa.proposals.map(\.number) == [1, 1, 2] && sa.proposals.map(\.protocolID) == [.ah, .esp, .ipComp])
        #expect(sa.proposals.map(\.spiNumber) == [0x0102_0304, 0x0506_0708, 0x1234])
        #expect(sa.proposals[1].transforms.map(\.id) == [12, 11])
        let modes = sa.proposals[1].transforms[0].attributes.map { $0.describe(in: .phase2).value }
        #expect(modes == ["seconds", "3600", "UDP-Encapsulated-Tunnel", "HMAC-SHA", "128"])
    }

    @Test("of a big offer keeps every transform: 255 in one proposal, and 16 proposals of 16")
    func big() throws {
        let many = (1...255).map { M.transform($0, 1, last: $0 == 255, M.policy) }
        let (one, problem) = try association(M.sa(M.proposal(1, 1, many)))
        #expect(problem == nil && one.proposals[0].transforms.map(\.number) == (1...255).map { UInt8($0) })
        let proposals = (1...16).flatMap { number in
            M.proposal(
                number, 3, spi: [0, 0, 1, UInt8(number)], last: number == 16,
                (1...16).map { M.transform($0, 12, last: $0 == 16, M.short(5, 2)) })
        }
        let (several, second) = try association(M.sa(proposals))
        #expect(second == nil && several.proposals.count == 16)
        #expect(several.proposals.allSatisfy { $0.transforms.count == 16 })
    }

    @Test("keeps unknown protocols, transforms, attributes and values with number and bytes")
    func unknown() throws {
        let attributes = M.short(1, 999) + M.long(777, [1, 2, 3]) + M.short(32_000, 5) + M.long(12, [])
        let (sa, problem) = try association(M.sa(M.proposal(9, 200, spi: [9], [M.transform(3, 77, attributes)])))
        #expect(problem == nil)
        let proposal = sa.proposals[0]
        #expect(proposal.protocolID.description == "UNKNOWN(200)" && proposal.spi == [9])
        let transform = proposal.transforms[0]
        #expect(transform.id == 77 && TransformID.name(of: 77, protocol: proposal.protocolID) == nil)
        #expect(transform.attributes.map(\.type) == [1, 777, 32_000, 12])
        #expect(transform.attributes.map(\.isShort) == [true, false, true, false])
        #expect(transform.attributes.map(\.value) == [[3, 231], [1, 2, 3], [0, 5], []])
        let odd = Attribute(type: 1, isShort: true, value: [3, 231]).describe(in: .phase1)
        #expect(odd.name == "Encryption-Algorithm" && odd.value == nil)
        #expect(Attribute(type: 777, isShort: false, value: []).describe(in: .phase1).name == "UNKNOWN(777)")
    }

    @Test("says what is wrong where a count, a mark or a length contradicts the bytes, and keeps what decodes")
    func contradictions() throws {
        let one = M.transform(1, 1, M.policy)
        func problem(_ body: [UInt8]) throws -> DecodeError? { try association(body).1 }
        // The count of transforms.
        let count = try problem(M.sa(M.proposal(1, 1, count: 2, [one])))
        #expect(count?.path == ["SA", "proposal 1", "transform count"] && count?.reason == .unexpected(2))
        // A last mark on a transform that is not the last, and the other way round.
        let two = [M.transform(1, 1, M.policy), M.transform(2, 1, M.policy)]
        #expect(try problem(M.sa(M.proposal(1, 1, two)))?.path == ["SA", "proposal 1", "transform 1", "next payload"])
        let open = M.sa(M.proposal(1, 1, last: false, [one]))
        #expect(try problem(open)?.path == ["SA", "proposal 1", "next payload"])
        #expect(try association(open).0.proposals.count == 1)
    }

    @Test("with a nested length one too small or too large is kept in part, and says where", arguments: [-1, 1])
    func nestedLengths(delta: Int) throws {
        let transform = M.transform(1, 1, M.policy)
        let body = M.sa(M.proposal(1, 1, [transform]))
        // The proposal's length stands 10 bytes into the body, the transform's 18.
        for at in [10, 18] {
            var bent = body
            bent[at + 1] = UInt8(Int(bent[at + 1]) + delta)
            let (sa, problem) = try association(bent)
            #expect(problem?.path.first == "SA" && sa.proposals.count >= 1, "\(at) \(delta)")
            #expect(sa.proposals[0].transforms.first?.value(1) == 7)
        }
    }

    @Test("cut at any byte, with its payload length to match, is a value that says what is missing")
    func truncation() throws {
        let body = M.sa(
            M.proposal(
                1, 3, spi: [1, 2, 3, 4], last: false, [M.transform(1, 12, M.short(4, 1) + M.long(2, [1, 2, 3, 4]))])
                + M.proposal(2, 3, spi: [1, 2, 3, 5], [M.transform(1, 3, M.short(4, 1))]))
        for count in 0..<body.count {
            let (payload, chain) = try M.only(.sa, Array(body[..<count]))
            // Without any proposal, or behind the first, nothing in the bytes says that more should follow but a mark.
            if count == 8 { continue }
            let problem = try #require(payload.problem, "\(count) bytes without a problem")
            #expect((28...chain.bytes.count).contains(problem.offset), "\(count): \(problem)")
        }
    }

    @Test("with secrecy and integrity labels reads them, and the proposals behind")
    func labels() throws {
        let labels = [UInt8](hex: "00000007 0003 0000 aabbcc 00 0009 0000 ff80 0000 0001 0000 dd 000000 0000 0000")
        let body = [0, 0, 0, 1, 0, 0, 0, 7] + labels + M.proposal(1, 1, [M.transform(1, 1, M.policy)])
        let (sa, problem) = try association(body)
        #expect(problem == nil && sa.proposals.count == 1)
        #expect(sa.labels?.domain == 7 && sa.labels?.secrecyLevel == [0xaa, 0xbb, 0xcc])
        #expect(sa.labels?.secrecyCategories == [0xff, 0x80] && sa.labels?.integrityLevel == [0xdd])
        #expect(Situation(rawValue: 7).description == "SIT_IDENTITY_ONLY SIT_SECRECY SIT_INTEGRITY")
    }

    @Test("of the lab's vpnc client offers what tshark reads there")
    func vpnc() throws {
        let packets = IKEPackets.of("captures/lab/70-vpnc-xauth/capture.pcap")
        guard let first = packets.first else { return }
        let message = try ISAKMPMessage(bytes: first.bytes)
        #expect(message.header.exchange == .aggressive && message.header.length == 1284)
        let types = message.chain.payloads.map { Int($0.type.rawValue) }
        #expect(types == [1, 4, 10, 5, 13, 13, 13, 13, 13, 13, 13, 13])
        guard case .sa(let sa) = message.chain.payloads[0].content else {
            Issue.record("no SA")
            return
        }
        #expect(sa.proposals.map(\.transforms.count) == [24])
        guard case .identification(let id) = message.chain.payloads[3].content else {
            Issue.record("no ID")
            return
        }
        #expect(id.type == .keyID && id.protocolID == 17 && id.port == 500)
    }

    @Test("keeps so many attributes of a transform, and says that there are more")
    func attributesWithoutEnd() throws {
        let many = (0..<1000).flatMap { _ in M.short(11, 1) }
        let (payload, _) = try M.only(.sa, M.sa(M.proposal(1, 1, [M.transform(1, 1, many)])))
        guard case .sa(let sa) = payload.content else { throw M.Flaw(what: "\(payload.content)") }
        #expect(sa.proposals.first?.transforms.first?.attributes.count == Attribute.most)
        #expect(payload.problem?.reason == .limitExceeded(Attribute.most))
    }

    @Test("keeps so many transforms of a proposal, and says that there are more")
    func transformsWithoutEnd() throws {
        let many = (0..<1000).map { M.transform($0 % 256, 1, last: $0 == 999, []) }
        let (payload, _) = try M.only(.sa, M.sa(M.proposal(1, 1, count: 255, many)))
        guard case .sa(let sa) = payload.content else { throw M.Flaw(what: "\(payload.content)") }
        #expect(sa.proposals.first?.transforms.count == 256)
        #expect(payload.problem?.reason == .limitExceeded(256))
    }
}
