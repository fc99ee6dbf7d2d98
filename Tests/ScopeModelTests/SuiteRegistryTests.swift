import Foundation
import ScopeModel
import TestSupport
import Testing

/// Holds the numbers of algorithms against the pages of IANA's registries.
@Suite("The numbers of algorithms") struct SuiteRegistryTests {
    struct Table: Sendable, CustomTestStringConvertible {
        /// How the list begins on the page, and the heading that it stands under.
        var start: String
        var section: String
        /// The value of a number, spelled as the code spells it, and the number of that value again.
        var read: @Sendable (UInt16) -> (value: String, number: UInt16?)
        /// Registry names that the code spells otherwise.
        var words: [String: String] = [:]
        /// Numbers that have no algorithm: reserved ones, and those of no use here.
        var unknown: Set<UInt16> = []
        var testDescription: String { "\(section) \(start)" }
    }

    private static let ciphers = [
        "desiv64": "desIV64", "3des": "tripleDES", "3idea": "tripleIDEA", "nullauthaesgmac": "nullWithGMAC",
        "camellia": "camelliaCBC", "seedcbc": "seed", "descbc": "des", "ideacbc": "idea", "blowfishcbc": "blowfish",
        "rc5r16b64cbc": "rc5", "3descbc": "tripleDES", "castcbc": "cast",
        "sm1cbc": "sm1", "sm4cbc": "sm4", "aesccm8iiv": "aesCCM8ImplicitIV",
        "aesgcm16iiv": "aesGCM16ImplicitIV", "chacha20poly1305iiv": "chaCha20Poly1305ImplicitIV",
    ]
    private static let integrities = [
        "hmacmd596": "hmacMD5", "hmacsha196": "hmacSHA1", "kpdkmd5": "kpdk", "aesxcbc96": "aesXCBC",
        "hmacmd5128": "hmacMD5Whole", "hmacsha1160": "hmacSHA1Whole", "aescmac96": "aesCMAC",
        "hmacsha2256128": "hmacSHA256", "hmacsha2384192": "hmacSHA384", "hmacsha2512256": "hmacSHA512",
        "hmacsha": "hmacSHA1", "hmacsha2256": "hmacSHA256", "hmacsha2384": "hmacSHA384", "hmacsha2512": "hmacSHA512",
        "aesxcbcmac": "aesXCBC", "sigrsa": "rsa", "md5": "hmacMD5", "sha": "hmacSHA1", "sha2256": "hmacSHA256",
        "sha2384": "hmacSHA384", "sha2512": "hmacSHA512", "ripemd": "hmacRIPEMD", "des": "desMAC",
    ]

    static let tables: [Table] = [
        Table(
            start: "- Transform id, ESP", section: "## 4.",
            read: { ("\(Cipher(esp: $0))", Cipher(esp: $0).esp) }, words: ciphers),
        Table(
            start: "- Transform id, AH", section: "## 4.",
            read: { ("\(Integrity(ah: $0))", Integrity(ah: $0).ah) }, words: integrities),
        Table(
            start: "| 1 | Encryption-Algorithm", section: "## 5.",
            read: { ("\(Cipher(ikev1: $0))", Cipher(ikev1: $0).ikev1) }, words: ciphers, unknown: [127]),
        Table(
            start: "| 2 | Hash-Algorithm", section: "## 5.",
            read: { ("\(Hash(ikev1: $0))", Hash(ikev1: $0).ikev1) },
            words: ["sha": "sha1", "sha2256": "sha256", "sha2384": "sha384", "sha2512": "sha512"]),
        Table(
            start: "| 5 | Authentication-Algorithm", section: "## 6.",
            read: { ("\(Integrity(ikev1: $0))", Integrity(ikev1: $0).ikev1) }, words: integrities),
        Table(
            start: "- ENCR", section: "## 11.",
            read: { ("\(Cipher(ikev2: $0))", Cipher(ikev2: $0).ikev2) }, words: ciphers,
            unknown: [22, 32, 33, 34, 35]),
        Table(
            start: "- INTEG", section: "## 11.",
            read: { ("\(Integrity(ikev2: $0))", Integrity(ikev2: $0).ikev2) }, words: integrities),
        Table(
            start: "- PRF", section: "## 11.",
            read: { number in
                let prf = PRF(ikev2: number)
                if case .hmac(let hash) = prf { return ("hmac\(hash)", prf.ikev2) }
                return ("\(prf)", prf.ikev2)
            },
            words: [
                "hmacsha2256": "hmacsha256", "hmacsha2384": "hmacsha384", "hmacsha2512": "hmacsha512",
                "aes128xcbc": "aesXCBC", "aes128cmac": "aesCMAC",
            ], unknown: [9]),
        Table(
            start: "- Hash algorithms in", section: "## 12.",
            read: { ("\(Hash(ikev2: $0))", Hash(ikev2: $0).ikev2) },
            words: ["sha2256": "sha256", "sha2384": "sha384", "sha2512": "sha512"], unknown: [6, 7]),
        Table(
            start: "- AUTH method", section: "## 12.",
            read: {
                let method = AuthenticationMethod(ikev2: $0)
                return ("\(method.credential)", method.ikev2)
            },
            words: [
                "rsadigitalsignature": "rsaSignature", "sharedkeymic": "preSharedKey",
                "dssdigitalsignature": "dssSignature",
                "genericsecurepassword": "securePassword",
            ]),
        Table(
            start: "Private authentication methods", section: "## 5.",
            read: {
                (
                    "\(SuiteRegistryTests.spelling(AuthenticationMethod(ikev1: $0)))",
                    AuthenticationMethod(ikev1: $0).ikev1
                )
            }),
    ]

    /// As the drafts of XAUTH and hybrid authentication spell it.
    private static func spelling(_ method: AuthenticationMethod) -> String {
        let way = method.user.map { $0.way == .xauth ? "XAUTH" : "Hybrid" } ?? "none"
        let side = method.user.map { $0.side == .initiator ? "Init" : "Resp" } ?? ""
        let credential =
            switch method.credential {
            case .preSharedKey: "PreShared"
            case .dssSignature: "DSS"
            case .rsaSignature: "RSA"
            case .rsaEncryption: "RSAEncryption"
            case .revisedRSAEncryption: "RSARevisedEncryption"
            default: "?"
            }
        return way + side + credential
    }

    @Test("are those of the registries, and lead back to themselves", arguments: tables)
    func numbers(_ table: Table) throws {
        guard let path = Shared.path("reference/iana-ike.md") else { return }
        let page = try String(contentsOfFile: path, encoding: .utf8)
        let section = page.components(separatedBy: "\n## ").first { ("## " + $0).hasPrefix(table.section) } ?? ""
        let line = try #require(section.split(separator: "\n").first { $0.hasPrefix(table.start) })
        // What stands behind the list of numbers is prose.
        let list = line.dropFirst(table.start.count).prefix { $0 != "*" }
            .replacing(". ", with: "\n", maxReplacements: 1).prefix { $0 != "\n" }
        var seen = 0
        for match in list.matches(of: /(?:^|[,;:|] )(\d+) ([A-Za-z0-9][A-Za-z0-9_\/ -]*)/) {
            guard let number = UInt16(match.1), !match.2.hasPrefix("reserved"), !match.2.hasPrefix("private") else {
                continue
            }
            let name = match.2.lowercased().filter { $0.isLetter || $0.isNumber }
            let (value, back) = table.read(number)
            #expect(back == number, "\(number) becomes \(value) and then \(back ?? 0)")
            if table.unknown.contains(number) { continue }
            seen += 1
            #expect(value.lowercased() == (table.words[name] ?? name).lowercased(), "\(number) is \(match.2)")
        }
        #expect(seen >= 4, "the page's list was not found: \(list)")
    }

    @Test("that no registry has stay what they are")
    func unknown() {
        #expect(Cipher(esp: 77) == .other(77) && Cipher(esp: 77).esp == 77)
        #expect(Integrity(ikev2: 1024).ikev2 == 1024 && Hash(ikev1: 99).ikev1 == 99)
        #expect(AuthenticationMethod(ikev1: 65_020).ikev1 == 65_020 && Encapsulation(ikev1: 9).ikev1 == 9)
        // What one version has no number for has none.
        #expect(Cipher.chaCha20Poly1305.ikev1 == nil && AuthenticationMethod(.digitalSignature).ikev1 == nil)
    }
}
