import ScopeDissect
import ScopeWire
import TestSupport
import Testing

@Suite("A payload of IKEv2") struct IKEv2PayloadTests {
    private typealias M = IKEv2Messages

    // MARK: SA

    private func proposals(_ body: [UInt8]) throws -> ([IKEv2.Proposal], DecodeError?) {
        let (content, problem) = try M.content(.securityAssociationV2, body)
        guard case .sa(let sa) = content else { throw Messages.Flaw(what: "\(content)") }
        return (sa.proposals, problem)
    }

    @Test("SA gives proposals, their SPIs, and transforms with their key length")
    func association() throws {
        let esn = [M.transform(1, 20, keyLength: 128), M.transform(5, 1, last: true)]
        let body =
            Messages.proposal(1, 1, spi: (1...8).map { UInt8($0) }, last: false, M.suite)
            + Messages.proposal(2, 3, spi: [0xca, 0xfe, 0xba, 0xbe], esn)
        let (proposals, problem) = try proposals(body)
        #expect(problem == nil && proposals.map(\.number) == [1, 2])
        let (ike, esp) = try (#require(proposals.first), #require(proposals.last))
        #expect(ike.protocolID == .ike && ike.ikeSPI == 0x0102_0304_0506_0708 && ike.spiNumber == nil)
        #expect(ike.transforms.map(\.type) == [.encryption, .integrity, .prf, .keyExchange])
        #expect(ike.transforms.map(\.keyLength) == [256, nil, nil, nil])
        #expect(ike.transforms.map(\.name) == ["AES_CBC", "HMAC_SHA2_256_128", "HMAC_SHA2_256", "MODP 2048"])
        #expect(esp.protocolID == .esp && esp.spiNumber == 0xcafe_babe && esp.ikeSPI == nil)
        #expect(esp.transforms(of: .sequenceNumbers).map(\.id) == [1] && esp.transforms(of: .prf).isEmpty)
    }

    @Test("SA names additional key exchanges as the groups of the first one (RFC 9370)")
    func additional() throws {
        let transforms = [M.transform(4, 31), M.transform(6, 36), M.transform(12, 0, last: true)]
        let (proposals, _) = try proposals(Messages.proposal(1, 1, transforms))
        let found = proposals.flatMap(\.transforms)
        #expect(found.map(\.name) == ["Curve25519", "ML-KEM-768", "NONE"])
        #expect(found.map { $0.type.name } == ["KE", "ADDKE1", "ADDKE7"])
        #expect(IKEv2.TransformType.additionalKeyExchanges.map(\.rawValue) == Array(6...12))
    }

    @Test("SA keeps numbers that no registry has")
    func unknown() throws {
        let (proposals, problem) = try proposals(
            Messages.proposal(1, 201, [M.transform(241, 1024), M.transform(1, 1024, last: true)]))
        #expect(problem == nil && proposals.first?.protocolID.rawValue == 201)
        let transforms = proposals.flatMap(\.transforms)
        #expect(transforms.map(\.name) == [nil, nil] && transforms.map(\.id) == [1024, 1024])
        #expect(transforms.first?.type.description == "UNKNOWN(241)")
    }

    @Test("SA says a count or a last mark that contradicts its transforms, and keeps them")
    func wrongCounts() throws {
        for count in [3, 5] {
            let (proposals, problem) = try proposals(Messages.proposal(1, 1, count: count, M.suite))
            #expect(proposals.first?.transforms.count == 4)
            #expect(problem?.path == ["SA", "proposal 1", "transform count"])
        }
        let (proposals, problem) = try proposals(Messages.proposal(1, 1, [M.transform(2, 5), M.transform(4, 14)]))
        #expect(proposals.first?.transforms.count == 2)
        #expect(problem?.path == ["SA", "proposal 1", "transform 2", "next payload"])
    }

    // MARK: Keys, identities

    @Test("KE gives the group and the value")
    func keyExchange() throws {
        let (payload, chain) = try M.only(.keyExchangeV2, [0, 31, 0, 0] + Array(repeating: 9, count: 32))
        guard case .ikev2(.keyExchange(let exchange)) = payload.content else { throw Messages.Flaw(what: "no KE") }
        #expect(exchange.group == .curve25519 && chain.bytes[exchange.data].allSatisfy { $0 == 9 })
        #expect(exchange.data.count == 32 && payload.problem == nil)
    }

    @Test("Nonce has 16 to 256 bytes", arguments: [15, 16, 256, 257])
    func nonce(count: Int) throws {
        let (content, problem) = try M.content(.nonceV2, Array(repeating: 1, count: count))
        guard case .nonce = content else { throw Messages.Flaw(what: "\(content)") }
        #expect((problem == nil) == (16...256).contains(count))
    }

    @Test("IDi and IDr give every kind of identity")
    func identities() throws {
        let dn = [UInt8](hex: "300f 310d 300b 0603550403 0c04 6c656674")
        let expected: [(UInt8, [UInt8], Identity, String)] = [
            (1, [10, 1, 2, 3], .address(IPAddress(v4: 0x0a01_0203)), "ID_IPV4_ADDR"),
            (2, Array("hq.example.com".utf8), .fqdn("hq.example.com"), "ID_FQDN"),
            (3, Array("u@example.com".utf8), .userFQDN("u@example.com"), "ID_RFC822_ADDR"),
            (5, Array(repeating: 0, count: 15) + [1], .address(IPAddress(v6high: 0, low: 1)), "ID_IPV6_ADDR"),
            (9, dn, .distinguishedName("CN=left"), "ID_DER_ASN1_DN"),
            (11, [0, 1, 2], .keyID([0, 1, 2]), "ID_KEY_ID"), (13, [], .other([]), "ID_NULL"),
            // IKEv1's number of a subnet means nothing here.
            (4, [10, 1, 2, 0, 255, 255, 255, 0], .other([10, 1, 2, 0, 255, 255, 255, 0]), "UNKNOWN(4)"),
        ]
        for (type, data, identity, name) in expected {
            for payload in [PayloadType.identificationInitiator, .identificationResponder] {
                let (content, problem) = try M.content(payload, [type, 0, 0, 0] + data)
                guard case .identification(let id) = content else { throw Messages.Flaw(what: "\(content)") }
                #expect(id.identity == identity && problem == nil && id.data.count == data.count)
                #expect((id.type.name ?? "\(id.type)") == name)
            }
        }
        for (type, data) in [(UInt8(1), [UInt8](repeating: 1, count: 5)), (5, [1]), (9, [0x30]), (13, [1])] {
            let (_, problem) = try M.content(.identificationInitiator, [type, 0, 0, 0] + data)
            #expect(problem?.path == ["IDi", "identification data"], "type \(type)")
        }
    }

    @Test("CERT gives the encoding and the name, CERTREQ the hashes of the authorities' keys")
    func certificates() throws {
        let hashes = [[UInt8](repeating: 1, count: 20), [UInt8](repeating: 2, count: 20)]
        let (content, problem) = try M.content(.certificateRequestV2, [4] + hashes.joined())
        guard case .certificateRequest(let request) = content else { throw Messages.Flaw(what: "\(content)") }
        #expect(request.authorities == hashes && request.encoding == .x509Signature && problem == nil)
        let (_, second) = try M.content(.certificateRequestV2, [4] + Array(repeating: 1, count: 21))
        #expect(second?.path == ["CERTREQ", "certificate authority"])
        let (payload, _) = try M.only(.certificateV2, [12] + hashes[0] + Array("http://a.example/c".utf8))
        guard case .certificate(let certificate) = payload.content else { throw Messages.Flaw(what: "no CERT") }
        #expect(certificate.location?.url == "http://a.example/c")
    }

    // MARK: Deletes, selectors, encryption

    @Test("D gives the SPIs of children, and none for the IKE SA")
    func delete() throws {
        let (content, problem) = try M.content(.deleteV2, [3, 4, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8])
        guard case .delete(let delete) = content else { throw Messages.Flaw(what: "\(content)") }
        #expect(delete.protocolID == .esp && delete.spiNumbers == [0x0102_0304, 0x0506_0708] && problem == nil)
        let (ike, second) = try M.content(.deleteV2, [1, 0, 0, 0])
        guard case .delete(let all) = ike else { throw Messages.Flaw(what: "\(ike)") }
        #expect(all.protocolID == .ike && all.count == 0 && second == nil)
        for count in [UInt8(1), 3] {
            let (_, problem) = try M.content(.deleteV2, [3, 4, 0, count, 1, 2, 3, 4, 5, 6, 7, 8])
            #expect(problem?.path.first == "D")
        }
    }

    private func selectors(_ body: [UInt8]) throws -> ([IKEv2.TrafficSelector], DecodeError?) {
        let (content, problem) = try M.content(.trafficSelectorInitiator, body)
        guard case .trafficSelectors(let selectors) = content else { throw Messages.Flaw(what: "\(content)") }
        return (selectors.selectors, problem)
    }

    @Test("TSi and TSr give protocol, ports and addresses of both families, and security labels")
    func trafficSelectors() throws {
        let four: [UInt8] = [7, 6, 0, 16, 0, 80, 0, 81, 10, 1, 0, 0, 10, 1, 0, 255]
        let six: [UInt8] =
            [8, 0, 0, 40, 0, 0, 255, 255] + Array(repeating: 0, count: 16) + Array(repeating: 255, count: 16)
        let label: [UInt8] = [10, 0, 0, 7, 97, 98, 99]
        let (found, problem) = try selectors([4, 0, 0, 0] + four + six + label + [9, 1, 0, 5, 1])
        #expect(problem == nil && found.map(\.type) == [.ipv4Range, .ipv6Range, .securityLabel, .fcRange])
        #expect(
            found.first?.content
                == .addresses(
                    from: IPAddress(v4: 0x0a01_0000), to: IPAddress(v4: 0x0a01_00ff), firstPort: 80, lastPort: 81))
        #expect(found.first?.protocolID == 6 && found[2].content == .securityLabel(Array("abc".utf8)))
        #expect(found[3].content == .other([1]))
    }

    @Test("TSi says a wrong count, and ranges that end before they begin")
    func badSelectors() throws {
        let one: [UInt8] = [7, 0, 0, 16, 0, 0, 255, 255, 10, 1, 0, 0, 10, 1, 0, 255]
        for count in [UInt8(0), 2] {
            let (found, problem) = try selectors([count, 0, 0, 0] + one)
            #expect(found.count == (count == 0 ? 0 : 1) && problem?.path == ["TSi", "selector count"])
        }
        let (_, addresses) = try selectors([1, 0, 0, 0, 7, 0, 0, 16, 0, 0, 255, 255, 10, 1, 0, 9, 10, 1, 0, 8])
        #expect(addresses?.reason == .reversedRange && addresses?.path.last == "addresses")
        let (_, ports) = try selectors([1, 0, 0, 0, 7, 0, 0, 16, 0, 2, 0, 1, 10, 1, 0, 9, 10, 1, 0, 9])
        #expect(ports?.reason == .reversedRange && ports?.path.last == "ports")
        // RFC 7296 section 3.13.1: 65535 to 0 are OPAQUE ports.
        let (opaque, none) = try selectors([1, 0, 0, 0, 7, 0, 0, 16, 255, 255, 0, 0, 10, 1, 0, 9, 10, 1, 0, 9])
        #expect(none == nil && opaque.count == 1)
        let (_, short) = try selectors([1, 0, 0, 0, 7, 0, 0, 12, 0, 0, 255, 255, 10, 1, 0, 9])
        #expect(short?.path == ["TSi", "traffic selector 1", "last address"])
    }

    @Test("SK and SKF give the first payload inside, the number of the piece, and the body; they end the chain")
    func encrypted() throws {
        let bytes = Messages.chain(
            [(.encrypted, Array(repeating: 3, count: 40)), (.notify, [0, 0, 64, 0])], version: 0x20)
        let chain = try ISAKMPMessage(bytes: bytes).chain
        #expect(chain.payloads.count == 1)
        guard case .ikev2(.encrypted(let encrypted))? = chain.payloads.first?.content else {
            throw Messages.Flaw(what: "no SK")
        }
        #expect(encrypted.first == .notify && encrypted.fragment == nil && encrypted.body.count == 40)
        let (content, problem) = try M.content(.encryptedFragment, [0, 2, 0, 3] + Array(repeating: 3, count: 40))
        guard case .encrypted(let piece) = content else { throw Messages.Flaw(what: "\(content)") }
        #expect(piece.fragment == IKEv2.Encrypted.Fragment(number: 2, total: 3) && problem == nil)
        #expect(piece.body.count == 40 && piece.first == .none)
        for numbers: [UInt8] in [[0, 0, 0, 3], [0, 4, 0, 3], [0, 1, 0]] {
            let (payload, _) = try M.only(.encryptedFragment, numbers)
            #expect(payload.problem?.path.first == "SKF")
        }
    }

    @Test("inside SK is read from the type that SK names, at offsets of the plaintext")
    func plaintext() throws {
        let nonce = [UInt8](repeating: 5, count: 16)
        let inner = Array(Messages.chain([(.nonceV2, nonce), (.deleteV2, [1, 0, 0, 0])], version: 0x20).dropFirst(28))
        var bytes = Messages.chain([(.encrypted, Array(repeating: 3, count: 40))], version: 0x20)
        bytes[28] = PayloadType.nonceV2.rawValue
        let message = try ISAKMPMessage(bytes: bytes)
        #expect(message.isEncrypted && message.firstEncryptedType == .nonceV2)
        let chain = message.chain(ofPlaintext: inner)
        #expect(chain.payloads.map(\.type) == [.nonceV2, .deleteV2] && chain.error == nil)
        #expect(chain.firstType == .nonceV2 && chain.body(of: .nonceV2) == nonce && chain.end == inner.count)
        // Where fragments were put together, the first of them says what comes first.
        let second = message.chain(ofPlaintext: Array(inner.dropFirst(20)), first: .deleteV2)
        #expect(second.payloads.map(\.type) == [.deleteV2] && second.payloads.first?.range == 0..<8)
    }
}
