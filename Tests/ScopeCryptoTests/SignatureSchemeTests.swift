import Foundation
import ScopeModel
import TestSupport
import Testing

@testable import ScopeCrypto

/// Signatures that the openssl program makes, with the AlgorithmIdentifiers of RFC 7427 appendix A and RFC 8420.
@Suite("A signature of IKEv2 that names its algorithm") struct SignatureSchemeTests {
    struct Algorithm: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// What makes a key, and signs `octets` with `own.key`: arguments of the openssl program.
        var key: String
        var signing: String
        /// DER.
        var identifier: String
    }

    static let algorithms = [
        Algorithm(
            testDescription: "DSA with SHA-256", key: "genpkey -paramfile dsa.pem",
            signing: "dgst -sha256 -sign own.key",
            identifier: "300b0609608648016503040302"),
        Algorithm(
            testDescription: "ECDSA with SHA-512", key: "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521",
            signing: "dgst -sha512 -sign own.key", identifier: "300a06082a8648ce3d040304"),
        Algorithm(
            testDescription: "RSA PKCS #1 with SHA-384", key: "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048",
            signing: "dgst -sha384 -sign own.key", identifier: "300d06092a864886f70d01010c0500"),
        // Without parameters it is SHA-1.
        Algorithm(
            testDescription: "RSASSA-PSS", key: "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048",
            signing: "dgst -sha1 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:20 -sign own.key",
            identifier: "300d06092a864886f70d01010a3000"),
        Algorithm(
            testDescription: "Ed25519", key: "genpkey -algorithm ED25519",
            signing: "pkeyutl -sign -rawin -inkey own.key -in", identifier: "300506032b6570"),
    ]

    /// The certificates of two keys, and what the first one's key made of `octets`.
    private static func signed(
        _ algorithm: Algorithm
    ) throws -> (own: X509Object, other: X509Object, signature: [UInt8])? {
        let folder = FileManager.default.temporaryDirectory.appending(path: "ikescope-sign-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let recipe = """
            set -e
            cd '\(folder)'
            case '\(algorithm.key)' in *dsa.pem*)
            openssl genpkey -genparam -algorithm DSA -pkeyopt dsa_paramgen_bits:2048 -out dsa.pem ;;
            esac
            for n in own other; do
            openssl \(algorithm.key) -out $n.key
            openssl req -x509 -config /dev/null -new -key $n.key -subj /CN=$n -days 900 -outform DER -out $n.der
            done
            printf octets > octets
            openssl \(algorithm.signing) octets > signature
            """
        guard try ChildProcess.run(["bash", "-c", recipe], errors: .discarded).status == 0,
            let own = X509Object.decode(Shared.bytes("\(folder)/own.der") ?? [])?.object,
            let other = X509Object.decode(Shared.bytes("\(folder)/other.der") ?? [])?.object,
            let signature = Shared.bytes("\(folder)/signature")
        else {
            print("SKIPPED: a signature: the openssl program is not there, or does not do what is asked")
            return nil
        }
        return (own, other, signature)
    }

    @Test("fits the key that made it and what it was made over, and nothing else", arguments: algorithms)
    func fits(_ algorithm: Algorithm) throws {
        guard let (own, other, signature) = try Self.signed(algorithm) else { return }
        let identifier = [UInt8](hex: algorithm.identifier)
        let data = [UInt8(identifier.count)] + identifier + signature
        let scheme = try #require(SignatureScheme(AuthenticationMethod(.digitalSignature), data: data))
        let octets = Array("octets".utf8)
        #expect(scheme.signer(of: octets, among: [other, own])?.fingerprint == own.fingerprint)
        #expect(scheme.signer(of: octets, among: [other]) == nil)
        #expect(scheme.signer(of: octets + [0], among: [own]) == nil)
    }

    @Test("is not looked at where its algorithm is not known, or its identifier does not decode")
    func unknown() {
        let method = AuthenticationMethod(.digitalSignature)
        // ML-DSA-44 (RFC 9881), which is named only; a sequence that is longer than its length; nothing.
        for identifier in ["300b0609608648016503040311", "300c0609608648016503040302", ""] {
            let bytes = [UInt8](hex: identifier)
            #expect(SignatureScheme(method, data: [UInt8(bytes.count)] + bytes + [1, 2, 3]) == nil, "\(identifier)")
        }
        #expect(SignatureScheme(method, data: []) == nil)
    }
}
