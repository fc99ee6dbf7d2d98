import ScopeDissect
import ScopeWire
import TestSupport
import Testing

private typealias M = Messages

@Suite("What a CERT payload and an encrypted body are") struct CertificatePayloadTests {
    @Test("a hash and URL has both", arguments: [12, 13] as [UInt8])
    func location(encoding: UInt8) throws {
        let hash = (0..<20).map { UInt8($0) }
        let url = "http://pki.example.com/gw.der"
        let (payload, chain) = try M.only(.certificate, [encoding] + hash + Array(url.utf8))
        guard case .certificate(let content) = payload.content, let location = content.location else {
            throw M.Flaw(what: "\(payload.content)")
        }
        #expect(Array(chain.slice(location.hash)) == hash && location.url == url && payload.problem == nil)
        let (short, _) = try M.only(.certificate, [encoding] + hash.dropLast())
        guard case .malformed(let error) = short.content else { throw M.Flaw(what: "\(short.content)") }
        #expect(error.path == ["CERT", "hash"])
    }

    @Test("an unknown encoding keeps its number and bytes")
    func unknown() throws {
        let (payload, chain) = try M.only(.certificate, [200, 1, 2, 3])
        guard case .certificate(let content) = payload.content else { throw M.Flaw(what: "\(payload.content)") }
        #expect(content.encoding == 200 && Array(chain.slice(content.data)) == [1, 2, 3])
        #expect("\(CertificateEncoding(rawValue: 200))" == "UNKNOWN(200)")
    }

    private func seals(_ bytes: [UInt8], _ sealing: BodySealing = .none) throws -> [BodySeal?] {
        let message = try ISAKMPMessage(bytes: bytes, sealing: sealing)
        let recorder = FieldRecorder()
        _ = try ISAKMPMessage(bytes: bytes, sealing: sealing, recorder: recorder)
        if let flaw = FieldTree.flaw(recorder.nodes, over: 0..<bytes.count) { throw M.Flaw(what: flaw) }
        #expect(message.chain.error == nil && message.chain.payloads.allSatisfy { $0.problem == nil })
        return message.chain.payloads.map { if case .sealed(let seal) = $0.content { seal } else { nil } }
    }

    /// An RSA ciphertext that would be a faulty identity: type 1 with 124 bytes.
    static let cipher: [UInt8] = [1] + (0..<127).map { UInt8($0) }

    @Test("Main Mode message 3 of RFC 2409 sections 5.2 and 5.3")
    func mainMode() throws {
        let plain = M.chain([
            (.hash, [UInt8](repeating: 5, count: 20)), (.keyExchange, Self.cipher),
            (.identification, Self.cipher), (.nonce, Self.cipher),
        ])
        #expect(try seals(plain, .publicKey) == [nil, nil, .publicKey, .publicKey])
        let revised = M.chain([
            (.nonce, Self.cipher), (.keyExchange, Self.cipher), (.identification, Self.cipher),
            (.certificate, Self.cipher),
        ])
        #expect(try seals(revised, .revised) == [.publicKey, .nonceKey, .nonceKey, .nonceKey])
        let message = try ISAKMPMessage(bytes: revised, sealing: .revised)
        #expect(message.chain.body(of: .nonce) == nil && message.chain.first(.nonce)?.body.count == 128)
    }

    @Test("Aggressive Mode tells its method in the same message", arguments: [(4, 0), (5, 1), (3, 2), (65009, 1)])
    func aggressive(method: Int, kind: Int) throws {
        let policy = M.short(1, 7) + M.short(2, 2) + M.short(3, method) + M.short(4, 2)
        let sa = M.sa(M.proposal(1, 1, [M.transform(1, 1, policy)]))
        let id: [UInt8] = kind == 2 ? [1, 0, 0, 0, 10, 0, 0, 1] : Self.cipher
        let bytes = M.chain(
            [(.sa, sa), (.keyExchange, Self.cipher), (.identification, id), (.nonce, Self.cipher)],
            exchange: 4)
        let expected: [[BodySeal?]] = [
            [nil, nil, .publicKey, .publicKey], [nil, .nonceKey, .nonceKey, .publicKey], [nil, nil, nil, nil],
        ]
        #expect(try seals(bytes) == expected[kind])
    }

    @Test("a Quick Mode whose group has a method's number seals nothing")
    func quickMode() throws {
        let policy = M.short(4, 1) + M.short(3, 5)
        let sa = M.sa(M.proposal(1, 3, spi: [1, 2, 3, 4], [M.transform(1, 12, policy)]))
        let bytes = M.chain([(.sa, sa), (.nonce, Self.cipher), (.keyExchange, Self.cipher)], exchange: 32)
        #expect(try seals(bytes) == [nil, nil, nil])
    }

    @Test("a group's association has its policy inside, or behind it (RFC 6407 section 5.2)")
    func group() throws {
        let kek: [UInt8] = [16, 0, 0, 8, 1, 2, 3, 4]
        let tek: [UInt8] = [0, 0, 0, 7, 9, 9, 9]
        let (payload, _) = try M.only(.sa, [0, 0, 0, 2, 0, 0, 0, 0, 0, 15, 0, 0] + kek + tek)
        guard case .sa(let association) = payload.content else { throw M.Flaw(what: "\(payload.content)") }
        #expect(association.groupPolicy.map(\.name) == ["SAK", "SAT"] && payload.problem == nil)
        #expect(association.proposals.isEmpty)
        // Phase 1 before it names the same DOI, with proposals.
        let phase1 = [0, 0, 0, 2, 0, 0, 0, 0] + M.proposal(1, 1, [M.transform(1, 1, M.policy)])
        let (first, _) = try M.only(.sa, phase1)
        guard case .sa(let offer) = first.content else { throw M.Flaw(what: "\(first.content)") }
        #expect(offer.proposals.first?.transforms.count == 1 && offer.groupPolicy.isEmpty && first.problem == nil)
        for count in 8..<27 {
            let bytes = Array(([0, 0, 0, 2, 0, 0, 0, 0, 0, 15, 0, 0] + kek + tek).prefix(count))
            #expect(try ISAKMPMessage(bytes: M.chain([(.sa, bytes)])).chain.payloads.count == 1)
        }
    }

    @Test("SEQ is a number, and the keys of KD are marked as secret")
    func download() throws {
        let (sequence, _) = try M.only(.sequenceNumber, [0, 0, 1, 2])
        guard case .sequenceNumber(258) = sequence.content else { throw M.Flaw(what: "\(sequence.content)") }
        let bytes = M.chain([(.keyDownload, [0, 2, 0, 0] + Self.cipher)])
        let recorder = FieldRecorder()
        let message = try ISAKMPMessage(bytes: bytes, recorder: recorder)
        guard case .keyDownload(packets: 2) = message.chain.payloads.first?.content else {
            throw M.Flaw(what: "\(message.chain.payloads)")
        }
        #expect(recorder.nodes.last?.children.contains { $0.name == "secret" && $0.range.count == 128 } == true)
    }
}
