import ScopeDissect
import TestSupport
import Testing

@testable import ScopeCrypto

@Suite("Primitives against published vectors") struct PrimitiveVectorTests {
    struct MAC: Sendable {
        var hash: Digest
        var key: [UInt8]
        var data: [UInt8]
        var tag: String
    }

    private static func bytes(_ value: UInt8, _ count: Int) -> [UInt8] { [UInt8](repeating: value, count: count) }
    private static let jefe = Array("Jefe".utf8)
    private static let question = Array("what do ya want for nothing?".utf8)
    private static let long = Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8)

    /// RFC 2202 test cases 1, 2, 3 and 6; RFC 4231 test cases 1, 2 and 6.
    static let macs: [MAC] = [
        MAC(hash: .md5, key: bytes(11, 16), data: Array("Hi There".utf8), tag: "9294727a3638bb1c13f48ef8158bfc9d"),
        MAC(hash: .md5, key: jefe, data: question, tag: "750c783e6ab0b503eaa86e310a5db738"),
        MAC(hash: .md5, key: bytes(0xaa, 16), data: bytes(0xdd, 50), tag: "56be34521d144c88dbb8c733f0e8b3f6"),
        MAC(hash: .md5, key: bytes(0xaa, 80), data: long, tag: "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd"),
        MAC(
            hash: .sha1, key: bytes(11, 20), data: Array("Hi There".utf8),
            tag: "b617318655057264e28bc0b6fb378c8ef146be00"),
        MAC(hash: .sha1, key: jefe, data: question, tag: "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
        MAC(hash: .sha1, key: bytes(0xaa, 20), data: bytes(0xdd, 50), tag: "125d7342b9ac11cd91a39af48aa17b4f63f175d3"),
        MAC(hash: .sha1, key: bytes(0xaa, 80), data: long, tag: "aa4ae5e15272d00e95705637ce8a3b55ed402112"),
        MAC(
            hash: .sha256, key: bytes(11, 20), data: Array("Hi There".utf8),
            tag: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        MAC(
            hash: .sha256, key: jefe, data: question,
            tag: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        MAC(
            hash: .sha256, key: bytes(0xaa, 131), data: long,
            tag: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
        MAC(
            hash: .sha384, key: bytes(11, 20), data: Array("Hi There".utf8),
            tag: "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6"),
        MAC(
            hash: .sha384, key: jefe, data: question,
            tag: "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"),
        MAC(
            hash: .sha384, key: bytes(0xaa, 131), data: long,
            tag: "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952"),
        MAC(
            hash: .sha512, key: bytes(11, 20), data: Array("Hi There".utf8),
            tag: "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
                + "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"),
        MAC(
            hash: .sha512, key: jefe, data: question,
            tag: "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
                + "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"),
        MAC(
            hash: .sha512, key: bytes(0xaa, 131), data: long,
            tag: "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
                + "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"),
    ]

    @Test("HMAC (RFC 2202, RFC 4231), in one part and in many, again and again under one key")
    func hmac() throws {
        for vector in Self.macs {
            let hmac = try HMAC(vector.hash, key: Secret(copying: vector.key))
            #expect(try hmac.tag([.bytes(vector.data)]).hex == vector.tag)
            #expect(try hmac.tag(vector.data.map { .byte($0) }).hex == vector.tag)
            #expect(
                try prf(vector.hash, Secret(copying: vector.key), [.secret(Secret(copying: vector.data))]).hex
                    == vector.tag)
        }
    }

    private func cbc(_ cipher: CBCCipher, _ key: String, _ iv: String, _ ciphertext: String) throws -> String? {
        try CBCDecryptor(cipher, key: Secret(hex: key)).decrypt(iv: unhex(iv), unhex(ciphertext)[...]).map { hex($0) }
    }

    @Test("AES-CBC (RFC 3602 section 4, cases 1, 2 and 5)")
    func aesCBC() throws {
        #expect(
            try cbc(
                .aes, "06a9214036b8a15b512e03d534120006", "3dafba429d9eb430b422da802c9fac41",
                "e353779c1079aeb82708942dbe77181a") == hex("Single block msg".utf8))
        #expect(
            try cbc(
                .aes, "c286696d887c9aa0611bbb3e2025a45a", "562e17996d093d28ddb3ba695a2e6f58",
                "d296cd94c2cccf8a3a863028b5e1dc0a7586602d253cfff91b8266bea6d61ab1") == hex((0..<32).map { UInt8($0) }))
        let ping = try cbc(
            .aes, "90d382b410eeba7ad938c46cec1a82bf", "e96e8c08ab465763fd098d45dd3ff893",
            """
            f663c25d325c18c6a9453e194e120849a4870b66cc6b9965330013b4898dc856
            a4699e523a55db080b59ec3a8e4b7e52775b07d1db34ed9c538ab50c551b874a
            a269add047ad2d5913ac19b7cfbad4a6
            """)
        #expect(ping?.hasPrefix("08000ebda70a0000") == true && ping?.hasSuffix("0e0e01") == true)
    }

    @Test("the other block ciphers by the vector of each one's own standard")
    func otherCiphers() throws {
        let zero = "0000000000000000"
        // FIPS 81 (DES, first block), SP 800-67 (3DES, CBC undone block by block), B. Schneier's set (Blowfish),
        // RFC 2144 appendix B.1 (CAST-128), RFC 3713 appendix A (Camellia).
        #expect(try cbc(.des, "0123456789abcdef", zero, "3fa40e8a984d4815") == hex("Now is t".utf8))
        let triple = "0123456789abcdef23456789abcdef01456789abcdef0123"
        #expect(try cbc(.tripleDES, triple, zero, "a826fd8ce53b855f") == hex("The qufc".utf8))
        #expect(try cbc(.blowfish, "0123456789abcdef", zero, "61f9c3802281b096") == "1111111111111111")
        #expect(
            try cbc(.cast, "0123456712345678234567893456789a", zero, "238b4fe5847e44b2") == "0123456789abcdef")
        #expect(
            try cbc(
                .camellia, "0123456789abcdeffedcba9876543210", zero + zero, "67673138549669730857065648eabe43")
                == "0123456789abcdeffedcba9876543210")
    }

    @Test("every block cipher chains its blocks, with another implementation's ciphertext")
    func chaining() throws {
        let plain = hex((0..<32).map { UInt8($0) })
        let key = hex((0..<16).map { UInt8($0) })
        let iv = "0011223344556677"
        #expect(
            try cbc(
                .tripleDES, "0123456789abcdeffedcba987654321089abcdef01234567", iv,
                "48b3b0072ceb1e11d3c3b3169bc3394f46dd53ac99963e887d81b77941c213a9") == plain)
        #expect(
            try cbc(
                .des, "0123456789abcdef", iv, "66674722c6b590b2acbb2e6775ada588dc1a37474f82828f2d34746186986d3a")
                == plain)
        #expect(
            try cbc(.blowfish, key, iv, "5a45ba84c1d5af259b18ce38c347eadd9123e9ca2c23bb2f3dfb812abca1a4b4") == plain)
        #expect(try cbc(.cast, key, iv, "7c9d3d00341409a81e13cd3d03708b557b946224348954cfb24474c57e00c6da") == plain)
        #expect(
            try cbc(
                .camellia, key, iv + "8899aabbccddeeff",
                "94887caa8b90cd132d9aa972db3e52bb556945342208b8c1e2d4c9c60be27cd3") == plain)
    }

    @Test("a weak DES key that someone gives as a key is used as one")
    func weakKey() throws {
        #expect(
            try cbc(
                .des, "0101010101010101", "0011223344556677",
                "a9e3ccc8e4e878af47bd9425c936171f6cb3d9fc8fdbcfaf5ff77425467db3c7") == hex((0..<32).map { UInt8($0) }))
    }

    @Test("a ciphertext that is no whole number of blocks, or an IV of another length, gives nothing")
    func blocks() throws {
        let key = hex([UInt8](repeating: 1, count: 16))
        let iv = hex([UInt8](repeating: 0, count: 16))
        #expect(try cbc(.aes, key, iv, hex([UInt8](repeating: 0, count: 15))) == nil)
        #expect(try cbc(.aes, key, iv, "") == nil)
        #expect(try cbc(.aes, key, "00", hex([UInt8](repeating: 0, count: 16))) == nil)
        for (cipher, length) in [(CBCCipher.aes, 15), (.des, 7), (.tripleDES, 16), (.blowfish, 57), (.cast, 4)] {
            #expect(throws: CryptoError.keyLength(cipher.rawValue, bytes: length)) {
                try CBCDecryptor(cipher, key: Secret(count: length))
            }
        }
    }

    @Test("AES-CTR (RFC 3686 section 6, vectors 1, 2, 4 and 7)")
    func aesCTR() throws {
        let single = hex("Single block msg".utf8)
        let vectors: [(key: String, nonce: String, iv: String, ciphertext: String, plain: String)] = [
            (
                "ae6852f8121067cc4bf7a5765577f39e", "00000030", "0000000000000000", "e4095d4fb7a7b3792d6175a3261311b8",
                single
            ),
            (
                "7e24067817fae0d743d6ce1f32539163", "006cb6db", "c0543b59da48d90b",
                "5104a106168a72d9790d41ee8edad388eb2e1efc46da57c8fce630df9141be28", hex((0..<32).map { UInt8($0) })
            ),
            (
                "16af5b145fc9f579c175f93e3bfb0eed863d06ccfdb78515", "00000048", "36733c147d6d93cb",
                "4b55384fe259c9c84e7935a003cbe928", single
            ),
            (
                "776beff2851db06f4c8a0542c8696f6c6a81af1eec96b4d37fc1d689e6c1c104", "00000060", "db5672c97aa8f0b2",
                "145ad01dbf824ec7560863dc71e3e0c0", single
            ),
        ]
        for vector in vectors {
            let decryptor = try StreamDecryptor(aesCTR: Secret(hex: vector.key + vector.nonce))
            let input = unhex(vector.ciphertext)
            var output = [UInt8](repeating: 0, count: input.count)
            #expect(decryptor.decrypt(iv: unhex(vector.iv), input, count: input.count, into: &output))
            #expect(hex(output) == vector.plain)
        }
    }

    private func blockMAC(_ kind: AESBlockMAC.Kind, _ key: String, _ message: [UInt8], high: UInt32? = nil) throws
        -> String?
    {
        let mac = try AESBlockMAC(kind, key: Secret(hex: key))
        return message.withUnsafeBufferPointer { buffer in
            // An empty array may have no address.
            var nothing: UInt8 = 0
            return withUnsafePointer(to: &nothing) { none in
                mac.tag(buffer.baseAddress ?? none, buffer.count, high: high).map {
                    hex(UnsafeBufferPointer(start: $0, count: 16))
                }
            }
        }
    }

    @Test("AES-XCBC-MAC (RFC 3566 section 4)")
    func xcbc() throws {
        let key = hex((0..<16).map { UInt8($0) })
        for (count, tag) in [
            (0, "75f0251d528ac01c4573dfd584d79f29"), (3, "5b376580ae2f19afe7219ceef172756f"),
            (16, "d2a246fa349b68a79998a4394ff7a263"), (20, "47f51b4564966215b8985c63055ed308"),
            (32, "f54f0ec8d2b9f3d36807734bd5283fd4"), (34, "becbb3bccdb518a30677d5481fb6b4d8"),
        ] {
            #expect(try blockMAC(.xcbc, key, (0..<count).map { UInt8($0) }) == tag, "\(count) bytes")
        }
        #expect(try blockMAC(.xcbc, key, [UInt8](repeating: 0, count: 1000)) == "f0dafee895db30253761103b5d84528f")
    }

    @Test("AES-CMAC (RFC 4493 section 4)")
    func cmac() throws {
        let message = unhex(
            """
            6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51
            30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710
            """)
        for (count, tag) in [
            (0, "bb1d6929e95937287fa37d129b756746"), (16, "070a16b46b4d4144f79bdd9dd04a287c"),
            (40, "dfa66747de9ae63030ca32611497c827"), (64, "51f0bebf7e3b9d92fc49741779363cfe"),
        ] {
            #expect(
                try blockMAC(.cmac, "2b7e151628aed2a6abf7158809cf4f3c", Array(message.prefix(count))) == tag,
                "\(count) bytes")
        }
    }

    @Test("a high half of the sequence number is four more bytes of the message, wherever the blocks end")
    func highHalf() throws {
        let key = hex((0..<16).map { UInt8($0) })
        for count in 0..<70 {
            let message = (0..<count).map { UInt8($0) }
            for kind in [AESBlockMAC.Kind.xcbc, .cmac] {
                #expect(
                    try blockMAC(kind, key, message, high: 0x0a0b_0c0d)
                        == blockMAC(kind, key, message + [10, 11, 12, 13]),
                    "\(count) bytes")
            }
        }
    }
}
