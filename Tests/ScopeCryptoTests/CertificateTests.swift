import Foundation
import ScopeCrypto
import ScopeDissect
import ScopeModel
import ScopeWire
import TestSupport
import Testing

/// Certificates, CRLs and bundles that the openssl program made, in a folder of their own.
struct Authority {
    let folder: String

    /// A root, a branch CA below it, two ends below that, a CRL of the branch that revokes one of them, and a stranger
    /// with the root's name.
    static let recipe = """
        set -e
        cat > c.cnf <<X
        [req]
        distinguished_name = d
        [d]
        [v3_ca]
        basicConstraints = critical,CA:TRUE,pathlen:1
        keyUsage = critical,keyCertSign,cRLSign
        [v3_end]
        basicConstraints = CA:FALSE
        keyUsage = digitalSignature,nonRepudiation
        extendedKeyUsage = serverAuth,1.3.6.1.5.5.8.2.2
        subjectAltName = DNS:gw.example.com,email:ops@Example.com,IP:192.0.2.10,IP:2001:db8::a,URI:https://example.com/x,dirName:dir
        [v3_none]
        basicConstraints = CA:FALSE
        [dir]
        C = CH
        CN = Other Name
        [ca]
        default_ca = branch
        [branch]
        database = index.txt
        default_md = sha256
        default_crl_days = 30
        X
        key() { openssl genpkey -quiet "${@:2}" -out $1.key 2>/dev/null; }
        key root -algorithm RSA -pkeyopt rsa_keygen_bits:2048
        key stranger -algorithm RSA -pkeyopt rsa_keygen_bits:2048
        key branch -algorithm EC -pkeyopt ec_paramgen_curve:P-384
        key end -algorithm EC -pkeyopt ec_paramgen_curve:P-256
        key other -algorithm RSA -pkeyopt rsa_keygen_bits:1024
        key ed -algorithm ED25519
        for n in root stranger; do
        openssl req -x509 -config c.cnf -extensions v3_ca -new -key $n.key -subj "/C=CH/O=Lab/CN=Root" -days 4000 -set_serial 0x7f01 -out $n.pem
        done
        issue() { openssl req -config c.cnf -new -key $1.key -subj "$2" -out $1.csr
        openssl x509 -req -in $1.csr -CA $3.pem -CAkey $3.key -set_serial $4 -days 900 -extfile c.cnf -extensions $5 -out $1.pem 2>/dev/null; }
        issue branch "/C=CH/O=Lab/CN=Branch" root 0x1001 v3_ca
        issue end "/C=CH/O=Lab/CN=Gateway, 1" branch 0x8899aabbccddeeff01 v3_end
        issue other "/C=CH/O=Lab/CN=other.example.com" branch 0x42 v3_none
        issue ed "/CN=ed" branch 0x43 v3_none
        : > index.txt
        openssl ca -config c.cnf -name branch -cert branch.pem -keyfile branch.key -revoke other.pem 2>/dev/null
        openssl ca -config c.cnf -name branch -cert branch.pem -keyfile branch.key -gencrl -out crl.pem 2>/dev/null
        openssl crl -in crl.pem -outform DER -out crl.der
        for n in root stranger branch end other ed; do openssl x509 -in $n.pem -outform DER -out $n.der; done
        cat end.pem branch.pem > some.pem
        openssl crl2pkcs7 -in crl.pem -certfile some.pem -outform DER -out bundle.der
        openssl rsa -in other.key -RSAPublicKey_out -outform DER -out raw.der 2>/dev/null
        openssl pkey -in end.key -pubout -outform DER -out spki.der
        """

    static let shared: Authority? = {
        let folder = FileManager.default.temporaryDirectory.appending(path: "ikescope-pki-\(UUID().uuidString)").path
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let run = try? ChildProcess.run(["bash", "-c", "cd '\(folder)'\n" + recipe])
        if run?.status != 0 {
            print("SKIPPED: certificates: the openssl program is not there, or does not do what is asked")
            return nil
        }
        atexit { Authority.shared.map { try? FileManager.default.removeItem(atPath: $0.folder) } }
        return Authority(folder: folder)
    }()

    func der(_ name: String) -> [UInt8] { Shared.bytes("\(folder)/\(name).der") ?? [] }

    /// What the openssl program prints, without the line's end.
    func openssl(_ arguments: String) throws -> String {
        let run = try ChildProcess.run(["bash", "-c", "cd '\(folder)' && openssl \(arguments)"])
        return String(decoding: run.output, as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    /// Succeeds when the openssl program says OK.
    func verifies(_ arguments: String) throws -> Bool {
        try ChildProcess.run(["bash", "-c", "cd '\(folder)' && openssl verify \(arguments)"], errors: .discarded)
            .status == 0
    }
}

@Suite("Certificates read as the openssl program reads them", .enabled(if: Authority.shared != nil))
struct CertificateTests {
    /// A message with an ID payload, if there is one, and CERT payloads.
    static func chain(id: [UInt8]? = nil, _ certificates: [(UInt8, [UInt8])]) throws -> PayloadChain {
        var payloads = certificates.map { (type: UInt8(6), body: [$0.0] + $0.1) }
        if let id { payloads.insert((type: 5, body: id), at: 0) }
        var body: [UInt8] = []
        for (index, payload) in payloads.enumerated() {
            let next = index + 1 < payloads.count ? payloads[index + 1].type : 0
            body += [next, 0] + Packets.u16(payload.body.count + 4) + payload.body
        }
        let head =
            [UInt8](hex: "0102030405060708 1112131415161718") + [payloads.first?.type ?? 0, 0x10, 4, 0, 0, 0, 0, 0]
        return try ISAKMPMessage(bytes: head + Packets.u32(28 + body.count) + body).chain
    }

    static func report(
        id: [UInt8]? = nil, at time: Int64? = nil, earlier: [CarriedCertificate] = [],
        _ certificates: [(UInt8, [UInt8])]
    ) throws -> CertificateReport {
        let now = time ?? Int64(Date().timeIntervalSince1970)
        let context = CertificateContext(earlier: earlier, time: Instant(nanoseconds: now * 1_000_000_000))
        return try #require(KeyRing([]).certificates(in: try chain(id: id, certificates), context))
    }

    private func authority() throws -> Authority { try #require(Authority.shared) }

    @Test("every field", arguments: ["root", "branch", "end", "other", "ed"])
    func fields(name: String) throws {
        let authority = try authority()
        let report = try Self.report([(4, authority.der(name))])
        #expect(report.payloads == [CertificateContents(certificates: 0..<1)])
        let certificate = try #require(report.certificates.first).certificate
        let x509 = "x509 -in \(name).pem -noout"
        let serial = certificate.serial.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(try authority.openssl("\(x509) -serial") == "serial=" + serial.uppercased())
        let print = certificate.fingerprint.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        #expect(
            try authority.openssl("\(x509) -fingerprint -sha256").lowercased()
                == "sha256 fingerprint=" + print.joined(separator: ":"))
        for (option, time) in [("startdate", certificate.notBefore), ("enddate", certificate.notAfter)] {
            let shown = try authority.openssl("\(x509) -\(option) -dateopt iso_8601")
            let wanted = try #require(time).timestamp.replacing("T", with: " ")
            #expect(shown.hasSuffix("=" + wanted))
        }
        let names = "-nameopt RFC2253,-dn_rev,-esc_msb,utf8"
        #expect(try authority.openssl("\(x509) -subject \(names)") == "subject=" + certificate.subject)
        #expect(try authority.openssl("\(x509) -issuer \(names)") == "issuer=" + certificate.issuer)
        let text = try authority.openssl("\(x509) -text")
        #expect(text.contains("Signature Algorithm: " + certificate.signatureAlgorithm))
        #expect(text.contains("Version: \(certificate.version) "))
        #expect(text.contains("CA:TRUE") == (certificate.isCA == true))
        #expect(text.contains("pathlen:1") == (certificate.pathLength == 1))
        let key = certificate.publicKey
        switch name {
        case "root", "other": #expect(key.kind == "RSA" && text.contains("Public-Key: (\(key.bits) bit)"))
        case "ed": #expect(key.kind == "Ed25519" && text.contains("Public Key Algorithm: ED25519"))
        default:
            #expect(key.kind == "EC" && text.contains("Public-Key: (\(key.bits) bit)"))
            #expect(text.contains("NIST CURVE: \(key.curve ?? "")"))
        }
        let layout = try #require(CertificateLayout(authority.der(name)[...]))
        let parsed = try authority.openssl("asn1parse -inform DER -in \(name).der")
        for range in [layout.serial, layout.issuer, layout.subject, layout.publicKey, layout.signature] {
            #expect(parsed.contains(" \(range.lowerBound):d=") || parsed.contains("\n \(range.lowerBound):d="))
        }
    }

    @Test("alternative names and usages")
    func names() throws {
        let certificate = try Self.report([(4, try authority().der("end"))]).certificates[0].certificate
        #expect(
            certificate.alternativeNames == [
                .dns("gw.example.com"), .email("ops@Example.com"), .address(try #require(IPAddress("192.0.2.10"))),
                .address(try #require(IPAddress("2001:db8::a"))), .uri("https://example.com/x"),
                .directory("C=CH,CN=Other Name"),
            ])
        #expect(certificate.keyUsage == ["digitalSignature", "nonRepudiation"])
        #expect(certificate.extendedKeyUsage == ["serverAuth", "iKEIntermediate"])
    }

    @Test("a PKCS #7 bundle, a CRL, and keys without a certificate")
    func encodings() throws {
        let authority = try authority()
        let report = try Self.report([
            (1, authority.der("bundle")), (7, authority.der("crl")), (11, authority.der("raw")),
            (15, authority.der("spki")), (4, authority.der("other")),
        ])
        #expect(
            report.payloads == [
                CertificateContents(certificates: 0..<2, revocationLists: 0..<1),
                CertificateContents(certificates: 2..<2, revocationLists: 1..<2),
                CertificateContents(
                    certificates: 2..<2, revocationLists: 2..<2, publicKey: PublicKey(kind: "RSA", bits: 1024)),
                CertificateContents(
                    certificates: 2..<2, revocationLists: 2..<2,
                    publicKey: PublicKey(kind: "EC", curve: "P-256", bits: 256)),
                CertificateContents(certificates: 2..<3, revocationLists: 2..<2),
            ])
        let list = report.revocationLists[1]
        #expect(list == report.revocationLists[0] && list.count == 1 && list.revoked.map(\.serial) == [[0x42]])
        #expect(list.issuer == "C=CH,O=Lab,CN=Branch")
        for (option, time) in [("lastupdate", list.thisUpdate), ("nextupdate", list.nextUpdate)] {
            let shown = try authority.openssl("crl -in crl.pem -noout -\(option) -dateopt iso_8601")
            #expect(shown.hasSuffix("=" + (try #require(time).timestamp.replacing("T", with: " "))))
        }
        #expect(report.certificates.map(\.isRevoked) == [false, false, true])
    }

    @Test("who signed whom, as openssl verify has it")
    func chain() throws {
        let authority = try authority()
        let whole = try Self.report([
            (4, authority.der("root")), (4, authority.der("end")), (4, authority.der("branch")),
        ])
        #expect(whole.certificates.map(\.issuer) == [.itself, .shown(2), .shown(0)] && whole.subject == 1)
        #expect(try authority.verifies("-CAfile root.pem -untrusted branch.pem end.pem"))
        let partial = try Self.report([(4, authority.der("end")), (4, authority.der("branch"))])
        #expect(partial.certificates.map(\.issuer) == [.shown(1), .absent])
        #expect(try authority.verifies("-partial_chain -trusted branch.pem end.pem"))
        let foreign = try Self.report([(4, authority.der("branch")), (4, authority.der("stranger"))])
        #expect(foreign.certificates.map(\.issuer) == [.mismatch, .itself])
        #expect(try !authority.verifies("-CAfile stranger.pem branch.pem"))
        let alone = try Self.report([(4, authority.der("end"))])
        #expect(alone.certificates.map(\.issuer) == [.absent])
        let before = CarriedCertificate(encoding: 4, data: authority.der("branch"))
        let split = try Self.report(earlier: [before], [(4, authority.der("end"))])
        #expect(split.certificates.map(\.issuer) == [.shown(1), .absent] && split.payloads.count == 1)
    }

    @Test("validity at the time of the message, its ends included")
    func validity() throws {
        let der = try authority().der("end")
        let certificate = try Self.report([(4, der)]).certificates[0].certificate
        let (from, to) = (try #require(certificate.notBefore).seconds, try #require(certificate.notAfter).seconds)
        let found = try [from - 1, from, to, to + 1].map {
            try Self.report(at: $0, [(4, der)]).certificates[0].validity
        }
        #expect(found == [.notYetValid, .valid, .valid, .expired])
    }

    @Test(
        "identities are looked for where RFC 4945 has them",
        arguments: [
            (1, [192, 0, 2, 10], .alternativeName), (1, [192, 0, 2, 11], .absent),
            (5, [UInt8](hex: "20010db800000000000000000000000a"), .alternativeName),
            (2, Array("GW.example.COM".utf8), .alternativeName), (2, Array("gw.example.com.evil".utf8), .absent),
            (2, Array("w.example.com".utf8), .absent), (2, Array("Gateway, 1".utf8), .commonNameOnly),
            (3, Array("ops@example.com".utf8), .alternativeName), (3, Array("OPS@example.com".utf8), .absent),
            (11, Array("gw.example.com".utf8), .notComparable),
        ] as [(UInt8, [UInt8], IdentityMatch)])
    func identity(type: UInt8, data: [UInt8], match: IdentityMatch) throws {
        let report = try Self.report(id: [type, 0, 0, 0] + data, [(4, try authority().der("end"))])
        #expect(report.identity == match)
    }

    @Test("the subject as an identity, and the certificate that it names among several")
    func subject() throws {
        let authority = try authority()
        let names = try ["end", "other"].map { name in
            let der = authority.der(name)
            return Array(der[try #require(CertificateLayout(der[...])).subject])
        }
        for (index, name) in names.enumerated() {
            let report = try Self.report(
                id: [9, 0, 0, 0] + name,
                [(4, authority.der("branch")), (4, authority.der("end")), (4, authority.der("other"))])
            #expect(report.subject == index + 1 && report.identity == .subject)
        }
        let foreign = try Self.report(id: [9, 0, 0, 0] + names[0], [(4, authority.der("other"))])
        #expect(foreign.identity == .absent)
    }

    @Test("any bytes give a value: cut short, changed, too many, too large, left over")
    func hostile() throws {
        let authority = try authority()
        for (encoding, name) in [(4, "end"), (1, "bundle"), (7, "crl"), (11, "raw"), (15, "spki")] as [(UInt8, String)]
        {
            let der = authority.der(name)
            for count in 0..<der.count {
                let report = try Self.report([(encoding, Array(der[..<count]))])
                #expect(report.payloads.first?.fault == .notDecodable)
            }
            for place in der.indices {
                var changed = der
                changed[place] ^= UInt8(truncatingIfNeeded: place &* 37 | 1)
                #expect(try Self.report([(encoding, changed), (4, authority.der("branch"))]).payloads.count == 2)
            }
            if encoding != 11, encoding != 15 {
                #expect(try Self.report([(encoding, der + [0, 0])]).payloads.first?.fault == .trailingBytes(2))
            }
        }
        let many = try Self.report((0..<40).map { _ in (4, authority.der("end")) })
        #expect(many.certificates.count == 32 && many.payloads.suffix(8).allSatisfy { $0.fault == .tooMany(1) })
        let large = CarriedCertificate(encoding: 4, data: [UInt8](repeating: 0x30, count: 1 << 19))
        let report = try Self.report(earlier: [large], [(99, [1, 2, 3])])
        #expect(report.certificates.isEmpty && report.payloads == [CertificateContents()])
    }
}
