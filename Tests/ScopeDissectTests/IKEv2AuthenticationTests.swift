import ScopeDissect
import ScopeWire
import TestSupport
import Testing

@Suite("AUTH of IKEv2") struct IKEv2AuthenticationTests {
    private func authentication(_ body: [UInt8]) throws -> (IKEv2.Authentication, DecodeError?) {
        let (content, problem) = try IKEv2Messages.content(.authentication, body)
        guard case .authentication(let authentication) = content else { throw Messages.Flaw(what: "\(content)") }
        return (authentication, problem)
    }

    @Test("gives the method and the data", arguments: [1, 2, 3, 9, 10, 11, 12, 13, 99])
    func methods(method: UInt8) throws {
        let (found, problem) = try authentication([method, 0, 0, 0, 1, 2, 3])
        #expect(found.method.rawValue == method && found.data.count == 3 && problem == nil && found.algorithm == nil)
    }

    /// The AlgorithmIdentifiers of RFC 7427 appendix A.
    static let algorithms: [(der: String, text: String, salt: Int?)] = [
        ("300d06092a864886f70d0101050500", "RSA PKCS #1 v1.5 with SHA1", nil),
        ("300d06092a864886f70d01010b0500", "RSA PKCS #1 v1.5 with SHA2-256", nil),
        ("300d06092a864886f70d01010c0500", "RSA PKCS #1 v1.5 with SHA2-384", nil),
        ("300d06092a864886f70d01010d0500", "RSA PKCS #1 v1.5 with SHA2-512", nil),
        ("300906072a8648ce380403", "DSA with SHA1", nil),
        ("300b0609608648016503040302", "DSA with SHA2-256", nil),
        ("300906072a8648ce3d0401", "ECDSA with SHA1", nil),
        ("300a06082a8648ce3d040302", "ECDSA with SHA2-256", nil),
        ("300a06082a8648ce3d040303", "ECDSA with SHA2-384", nil),
        ("300a06082a8648ce3d040304", "ECDSA with SHA2-512", nil),
        ("300d06092a864886f70d01010a3000", "RSASSA-PSS with SHA1", 20),
        (
            "304606092a864886f70d01010a3039a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d"
                + "06096086480165030402010500a203020120a303020101", "RSASSA-PSS with SHA2-256", 32
        ),
        // RFC 8420 appendix A.
        ("300506032b6570", "Ed25519", nil), ("300506032b6571", "Ed448", nil),
        ("300306012a", "1.2", nil),
    ]

    @Test("names the algorithm of a digital signature, and keeps the signature apart")
    func signatures() throws {
        for (text, name, salt) in Self.algorithms {
            let der = [UInt8](hex: text)
            let (payload, chain) = try IKEv2Messages.only(
                .authentication, [14, 0, 0, 0, UInt8(der.count)] + der + [7, 8, 9])
            guard case .ikev2(.authentication(let found)) = payload.content else { throw Messages.Flaw(what: text) }
            #expect(
                found.algorithm?.description == name && found.algorithm?.saltLength == salt && payload.problem == nil)
            #expect(Array(chain.bytes[found.data]) == [7, 8, 9])
        }
    }

    @Test("says an algorithm that does not decode, and one that is cut")
    func broken() throws {
        let (found, problem) = try authentication([14, 0, 0, 0, 3, 1, 2, 3, 9])
        #expect(found.algorithm == nil && found.data.count == 1 && problem?.path == ["AUTH", "algorithm"])
        let (payload, _) = try IKEv2Messages.only(.authentication, [14, 0, 0, 0, 9, 1, 2, 3])
        #expect(payload.problem?.path == ["AUTH", "algorithm"])
    }
}
