import ScopeDissect
import ScopeModel
import ScopeWire
import Testing

@Suite("Suites of IKEv2's proposals") struct IKEv2SuiteTests {
    private func transform(_ type: UInt8, _ id: UInt16, bits: UInt16? = nil) -> IKEv2.Transform {
        IKEv2.Transform(
            type: IKEv2.TransformType(rawValue: type), id: id,
            attributes: bits.map { [Attribute(type: 14, isShort: true, value: [UInt8($0 >> 8), UInt8($0 & 255)])] }
                ?? [])
    }

    private func proposal(_ protocolID: UInt8, _ transforms: [IKEv2.Transform]) -> IKEv2.Proposal {
        IKEv2.Proposal(
            number: 1, protocolID: IKEv2.ProtocolID(rawValue: protocolID), spi: [1, 2, 3, 4], transforms: transforms)
    }

    @Test("an IKE SA: cipher, key length, PRF, integrity, group and additional exchanges in their order")
    func ike() {
        // Numbers of RFC 7296 section 3.3.2 and RFC 9370: AES-CBC 12, PRF HMAC-SHA2-256 5, HMAC-SHA2-256-128 12,
        // Curve25519 31, ML-KEM-768 36 as ADDKE1 (6), NONE as ADDKE2 (7), MODP 3072 as ADDKE3 (8).
        let suite = IKESuite(
            proposal(
                1,
                [
                    transform(8, 15), transform(1, 12, bits: 256), transform(2, 5), transform(3, 12), transform(4, 31),
                    transform(6, 36), transform(7, 0),
                ]))
        #expect(suite.cipher == .aesCBC && suite.keyLength == 256 && suite.prf == .hmac(.sha256))
        #expect(suite.integrity == .hmacSHA256 && suite.group == .curve25519)
        #expect(suite.additionalGroups.map(\.rawValue) == [36, 15])
        #expect(suite.authentication == nil && suite.lifetime == Lifetime())
    }

    @Test("a child: ESN, and no group where NONE was taken; what no registry knows stays a number")
    func child() {
        let suite = ChildSuite(proposal(3, [transform(1, 20, bits: 128), transform(4, 0), transform(5, 1)]))
        #expect(suite.protocolID == .esp && suite.cipher == .aesGCM16 && suite.keyLength == 128)
        #expect(suite.integrity == nil && suite.group == nil && suite.hasESN && suite.encapsulation == nil)
        let odd = ChildSuite(proposal(2, [transform(3, 999), transform(5, 0), transform(4, 14)]))
        #expect(odd.protocolID == .ah && odd.integrity == .other(999) && !odd.hasESN && odd.group == .modp2048)
    }

    @Test("an offer: all algorithms of each type, and the suite of those that come first")
    func offer() {
        let offer = proposal(
            3,
            [
                transform(1, 12, bits: 128), transform(1, 12, bits: 256), transform(3, 12), transform(3, 2),
                transform(4, 14), transform(4, 0), transform(5, 0), transform(5, 1),
            ])
        let set = AlgorithmSet(offer)
        #expect(set.ciphers == [.init(.aesCBC, keyLength: 128), .init(.aesCBC, keyLength: 256)])
        #expect(set.integrities == [.hmacSHA256, .hmacSHA1] && set.groups == [.modp2048, nil])
        #expect(set.extendedSequenceNumbers == [false, true] && set.prfs.isEmpty && set.additionalGroups.isEmpty)
        let first = ChildSuite(offer)
        #expect(first.keyLength == 128 && first.integrity == .hmacSHA256 && first.group == .modp2048 && !first.hasESN)
    }
}
