import AnalysisSupport
import ScopeModel
import TestSupport
import Testing

@testable import ScopeCrypto

@Suite("ESP packets of published vectors") struct ESPVectorTests {
    struct Vector: Sendable {
        var key: String
        var salt: String
        var packet: String
        var plaintext: String
        /// The high half of the sequence number, where the SA uses extended ones.
        var high: UInt32?
    }

    /// Test cases 1, 2, 3, 5, 8 and 13 of draft-mcgrew-gcm-test-01 section 4.
    static let gcm: [Vector] = [
        Vector(
            key: "4c80cdefbb5d10da906ac73c3613a634", salt: "2e443b68",
            packet: """
                00004321 00000000 4956ed7e3b244cfe fecf537e729d5b07dc30df528dd22b768d1b98736696a6fd348509fa13ceac34
                cfa2436f14a3f3cf65925bf1f4a13c5d15b21e1884f5ff6247aeabb786b93bce61bc17d768fd9732459018148f6cbe72
                2fd04796562dfdb4
                """,
            plaintext: """
                45000048699a000080114db7c0a80102c0a801010a9bf15638d301000001000000000000045f736970045f7564700373
                69700963796265726369747902646b000021000101020201
                """, high: 0x8765_4321),
        Vector(
            key: "feffe9928665731c6d6a8f9467308308", salt: "cafebabe",
            packet: """
                0000a5f8 0000000a facedbaddecaf888 deb22cd9b07c72c16e3a65beeb8df304a5a5897d33ae530f1ba76d5d114d2a5c
                3de81827c10e9a4f51330d0eec416642cfbb85a5b47e48a4ec3b9ba95d918bd183b70d3aa8bc6ee4c309e9d85a41ad4a
                """,
            plaintext: """
                4500003e698f000080114dccc0a80102c0a801010a980035002a2343b2d0010000010000000000000373697009637962
                65726369747902646b00000100010001
                """, high: nil),
        Vector(
            key: "abbccddef00112233445566778899aababbccddef00112233445566778899aab", salt: "11223344",
            packet: """
                4a2cbfe3 00000002 0102030405060708 ff425c9b724599df7a3bcd510194e00d6a78107f1b0b1cbf06efae9d65a5d763
                748a637985771d347f0545659f14e99def842d8eb335f4eecfdbf831824b4c4915956c96
                """,
            plaintext: """
                4500003069a6400080062690c0a801029389155e0a9e008b2dc57ee0000000007002400020bf0000020405b401010402
                01020201
                """, high: nil),
        Vector(
            key: "3de09874b388e6491988d0c3607eae1f", salt: "57690e43",
            packet: """
                42f67e3f 10101010 4e280000a2fca1a3 fba2caa4853cf9f0f22cb10d86dd83b0fec75691cf1a04b00d1138ec9c357917
                65acbd8701ad79845bf9fe3fba487bc91755e6662b4c8d0d1f5e22739530320ae0d731cc978ecafaeae88f00e80d6e48
                """,
            plaintext: """
                4500003c99c300008001cb7c40679318010101010800085c02004300616263646566
                6768696a6b6c6d6e6f707172737475767761626364656667686901020201
                """, high: 0x1010_1010),
        Vector(
            key: "abbccddef00112233445566778899aab", salt: "decaf888",
            packet: """
                00000100 00000001 cafedebaceface74 18a6fd42f72cbf4ab2a2ea901f73d814e3e7f243d95412e1c349c1d2fbec168f
                9190feebaf2cb01984e65863965d7472b79da345e0e780191f0d2f0e0f496c226f2127b27db35724e7845d68651f57e6
                5f354f75ff17015769623436
                """,
            plaintext: """
                4500004933ba00007f119106c3fb1d10c2b1d326c02831ce0035dd7b800302d500004e20001e8c18d75b81dc91baa047
                6b91b924b280389d92c963bac046ec959b6266c04722b14923010101
                """, high: 0),
        Vector(
            key: "7d773d00c144c525ac619d18c84a3f47", salt: "d9664267",
            packet: "335467ae ffffffff 43457e9182443bc6 437f866bcb3f699fe9b0822bac961c4504bef270",
            plaintext: "01020201", high: nil),
    ]

    /// RFC 7634 appendix A.
    static let chaCha = Vector(
        key: "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f", salt: "a0a1a2a3",
        packet: """
            01020304 00000005 1011121314151617 24039428b97f417e3c13753a4f05087b67c352e6a7fab1b982d466ef407ae5c6
            14ee8099d52844eb61aa95dfab4c02f72aa71e7c4c4f64c9befe2facc638e8f3cbec163fac469b502773f6fb94e664da
            9165b82829f641e076aaa8266b7fb0f7b11b369907e1ad43
            """,
        plaintext: """
            45000054a6f200004001e778c6336405c000020508005b7a3a080000553bec100007362708090a0b0c0d0e0f10111213
            1415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363701020204
            """, high: nil)

    static let plain = "4500001c0000000040010000c0000201c6336402080000000000000001020204"
    static let head = "01020304 00000005 1011121314151617"
    /// AES-CCM with the nonce of RFC 4309, and AES-GMAC of RFC 4543: made with Python's cryptography package.
    static let ccm: [(Int, String)] = [
        (8, "8baa7a61e0fc0ab0b6cec83f1aedf638bb7fe93c21771363ac59d4b14de895752466cf445dc7309d"),
        (12, "8baa7a61e0fc0ab0b6cec83f1aedf638bb7fe93c21771363ac59d4b14de89575ca2835c26ac3e336df81a44a"),
        (16, "8baa7a61e0fc0ab0b6cec83f1aedf638bb7fe93c21771363ac59d4b14de89575c98994a59de6dca0ff608c519db3ec5a"),
    ]

    /// Opens `packet`; the payload and next header of the verdict, or the verdict in words.
    static func open(_ suite: ESPSuite, _ key: String, integrity: String = "", _ packet: [UInt8]) throws -> String {
        let opener = try ESPOpeners.make(
            suite, encryptionKey: Secret(hex: key), integrityKey: Secret(hex: integrity), name: KeyName("sa[0]"),
            use: KeyUse(name: KeyName("sa[0]")))
        let buffer = PlaintextBuffer()
        switch opener.open(packet.span.bytes, esp: 0..<packet.count, into: buffer).verdict {
        case .verified(let payload, let next): return "\(hex(buffer.withUnsafeBytes { Array($0[payload]) })) \(next)"
        case .unverified(let payload, let next):
            return "unverified \(hex(buffer.withUnsafeBytes { Array($0[payload]) })) \(next)"
        case let other: return "\(other)"
        }
    }

    /// What stands before padding, pad length and next header.
    static func contents(_ plaintext: String) -> String {
        let bytes = unhex(plaintext)
        return "\(hex(bytes.dropLast(2 + Int(bytes[bytes.count - 2])))) \(bytes[bytes.count - 1])"
    }

    @Test("AES-GCM (draft-mcgrew-gcm-test-01), by the cipher alone with each one's additional data")
    func gcmCipher() throws {
        for vector in Self.gcm {
            let packet = unhex(vector.packet)
            let high = vector.high.map { Packets.u32(Int($0)) } ?? []
            let additional = Array(packet[..<4]) + high + Array(packet[4..<8])
            let sealed = packet.count - 32
            let decryptor = try AEADDecryptor(
                "AES-\(vector.key.count * 4)-GCM", keyMaterial: Secret(hex: vector.key + vector.salt), saltLength: 4,
                tagLength: 16)
            var output = [UInt8](repeating: 0, count: sealed + 16)
            let good = packet.withUnsafeBufferPointer { bytes in
                guard let start = bytes.baseAddress else { return false }
                return decryptor.open(
                    iv: start + 8, start + 16, count: sealed, tag: start + 16 + sealed, additional: additional,
                    additionalCount: additional.count, into: &output)
            }
            #expect(good && Array(output[..<sealed]) == unhex(vector.plaintext), "\(vector.packet.prefix(8))")
        }
    }

    @Test("AES-GCM and ChaCha20-Poly1305 (RFC 7634 appendix A) open as ESP packets")
    func aead() throws {
        for vector in Self.gcm where (vector.high ?? 0) < 256 {
            let suite = ESPSuite(encryption: .aesGCM(16), integrity: .none, usesESN: vector.high != nil)
            let opened = try Self.open(suite, vector.key + vector.salt, unhex(vector.packet))
            #expect(opened == Self.contents(vector.plaintext), "\(vector.packet.prefix(8))")
        }
        let suite = ESPSuite(encryption: .chaCha20Poly1305, integrity: .none)
        let opened = try Self.open(suite, Self.chaCha.key + Self.chaCha.salt, unhex(Self.chaCha.packet))
        #expect(opened == Self.contents(Self.chaCha.plaintext))
    }

    @Test("AES-CCM with each ICV length, and AES-GMAC")
    func ccmAndGMAC() throws {
        let key = "000102030405060708090a0b0c0d0e0f"
        for (length, sealed) in Self.ccm {
            let suite = ESPSuite(encryption: .aesCCM(length), integrity: .none)
            #expect(try Self.open(suite, key + "a0a1a2", unhex(Self.head + sealed)) == Self.contents(Self.plain))
        }
        let suite = ESPSuite(encryption: .aesGMAC, integrity: .none)
        let packet = unhex(Self.head + Self.plain + "1da48ba687e170f5145369be27d4e345")
        #expect(try Self.open(suite, key + "a0a1a2a3", packet) == Self.contents(Self.plain))
    }

    @Test("a bit changed anywhere makes a bad ICV, and nothing that was cut is believed")
    func tampered() throws {
        let key = "000102030405060708090a0b0c0d0e0f"
        let gmac = unhex(Self.head + Self.plain + "1da48ba687e170f5145369be27d4e345")
        let cases: [(ESPSuite, String, [UInt8])] = [
            (
                ESPSuite(encryption: .aesGCM(16), integrity: .none), Self.gcm[1].key + Self.gcm[1].salt,
                unhex(Self.gcm[1].packet)
            ),
            (
                ESPSuite(encryption: .chaCha20Poly1305, integrity: .none), Self.chaCha.key + Self.chaCha.salt,
                unhex(Self.chaCha.packet)
            ),
            (ESPSuite(encryption: .aesCCM(16), integrity: .none), key + "a0a1a2", unhex(Self.head + Self.ccm[2].1)),
            (ESPSuite(encryption: .aesGMAC, integrity: .none), key + "a0a1a2a3", gmac),
        ]
        for (suite, key, packet) in cases {
            for index in packet.indices {
                var bent = packet
                bent[index] ^= 0x10
                #expect(try Self.open(suite, key, bent) == "badICV", "\(suite.encryption.name) byte \(index)")
                let cut = try Self.open(suite, key, Array(packet[..<index]))
                #expect(cut == "badICV" || cut == "malformed(ScopeModel.ESPFault.tooShort)", "\(cut)")
            }
        }
    }

    @Test("a suite that cannot check says unverified only of what makes sense")
    func unverified() throws {
        let suite = ESPSuite(encryption: .null, integrity: .unknown(length: 12))
        let packet = unhex("01020304 00000005" + Self.plain + "000000000000000000000000")
        #expect(try Self.open(suite, "", packet) == "unverified " + Self.contents(Self.plain))
        var bad = packet
        bad[bad.count - 12 - 4] = 9
        #expect(try Self.open(suite, "", bad) == "malformed(ScopeModel.ESPFault.padBytes)")
        let long = unhex("01020304 00000005 00000000 0000ff04")
        #expect(try Self.open(ESPSuite(encryption: .null, integrity: .none), "", long).contains("padLength"))
    }

    @Test("an extended sequence number's high half is found, followed over the wrap, and given up when it is absurd")
    func extendedSequence() throws {
        var asked = 0
        func check(_ right: UInt32) -> (UInt32) -> Bool {
            { guess in
                asked += 1
                return guess == right
            }
        }
        var finder = SequenceHigh()
        func find(
            _ finder: inout SequenceHigh, _ low: UInt32, _ right: UInt32, _ evidence: SequenceHigh.Evidence
        ) -> UInt32? {
            finder.find(low: low, check(right), evidence: { evidence }, search: check(right))
        }
        #expect(find(&finder, 0xffff_fff0, 7, .silent) == 7 && asked == 8)
        asked = 0
        #expect(find(&finder, 3, 8, .silent) == 8 && find(&finder, 0xffff_fff9, 7, .silent) == 7 && asked == 2)
        // A wrong key must cost little, and not for ever: what a packet of it decrypts to makes no sense.
        for (evidence, most) in [
            (SequenceHigh.Evidence.speaksAgainstKey, 12_000), (.silent, 210_000), (.speaksForKey, 1_300_000),
        ] {
            var lost = SequenceHigh()
            asked = 0
            var found: UInt32?
            for _ in 0..<10_000 { found = find(&lost, 5, 0x8765_4321, evidence) ?? found }
            #expect(found == nil && asked < most, "\(asked)")
        }
        for (high, evidence) in [
            (255, SequenceHigh.Evidence.speaksAgainstKey), (255, .silent), (256, .silent), (60_000, .silent),
            (256, .speaksForKey), (70_000, .speaksForKey), (900_000, .speaksForKey),
        ] as [(UInt32, SequenceHigh.Evidence)] {
            var far = SequenceHigh()
            var proved: UInt32?
            // The first packet is a broken one.
            _ = far.find(low: 1, { _ in false }, evidence: { evidence }, search: { _ in false })
            for low: UInt32 in 2..<300 where proved == nil { proved = find(&far, low, high, evidence) }
            #expect(proved == high)
        }
    }

    /// Made by OpenSSL: ESP with AES-CBC and HMAC-SHA1, with AES-GCM and with NULL, of an SA whose high half is far on.
    @Test("a high half far from zero is found where the plaintext speaks for the key", arguments: ["cbc", "gcm"])
    func farHigh(kind: String) throws {
        let high: UInt32 = 90_000
        let key = [UInt8](repeating: 0x42, count: kind == "gcm" ? 20 : 16)
        let integrityKey = kind == "gcm" ? [] : [UInt8](repeating: 0x17, count: 20)
        let suite =
            kind == "gcm"
            ? ESPSuite(encryption: .aesGCM(16), integrity: .none, usesESN: true)
            : ESPSuite(encryption: .cbc(.aes), integrity: .hmac(.sha1, length: 12), usesESN: true)
        let opener = try ESPOpeners.make(
            suite, encryptionKey: Secret(copying: key), integrityKey: Secret(copying: integrityKey),
            name: KeyName("test"),
            use: KeyUse(name: KeyName("test")))
        let wrong = try ESPOpeners.make(
            suite, encryptionKey: Secret(copying: key.map { $0 ^ 1 }), integrityKey: Secret(copying: integrityKey),
            name: KeyName("test"), use: KeyUse(name: KeyName("test")))
        let buffer = PlaintextBuffer()
        var opened: UInt32?
        let clock = ContinuousClock()
        var longest = Duration.zero
        for sequence: UInt32 in 1...6 {
            guard let packet = try Self.sealed(kind, key, integrityKey, high: high, sequence: sequence) else {
                return
            }
            let opening = opener.open(packet.span.bytes, esp: 0..<packet.count, into: buffer)
            if case .verified = opening.verdict { opened = opening.finding.sequenceHigh }
            longest = max(
                longest, clock.measure { _ = wrong.open(packet.span.bytes, esp: 0..<packet.count, into: buffer) })
        }
        #expect(opened == high)
        // A debug build on a busy machine; half a million MACs took seconds.
        #expect(longest < .milliseconds(100), "\(longest)")
    }

    /// An ESP packet of one IPv4 packet, sealed by Python's cryptography; nil, with a visible line, where it is absent.
    private static func sealed(
        _ kind: String, _ key: [UInt8], _ integrityKey: [UInt8], high: UInt32, sequence: UInt32
    ) throws -> [UInt8]? {
        let script = """
            import sys, struct, hmac, hashlib
            try:
                from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
                from cryptography.hazmat.primitives.ciphers.aead import AESGCM
            except ImportError: sys.exit(3)
            kind, key, auth, high, seq = sys.argv[1], bytes.fromhex(sys.argv[2]), bytes.fromhex(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5])
            inner = bytes.fromhex("4500001c000100004001") + bytes(2) + bytes([10,0,0,1,10,0,0,2]) + bytes([8,0,0,0,0,1]) + struct.pack(">H", seq)
            pad = -(len(inner) + 2) % 16
            plain = inner + bytes(range(1, pad + 1)) + bytes([pad, 4])
            head = struct.pack(">II", 0x1234, seq)
            if kind == "gcm":
                iv = struct.pack(">Q", seq)
                aad = struct.pack(">III", 0x1234, high, seq)
                out = head + iv + AESGCM(key[:16]).encrypt(key[16:] + iv, plain, aad)
            else:
                iv = hashlib.sha256(head).digest()[:16]
                c = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
                out = head + iv + c.update(plain) + c.finalize()
                out += hmac.new(auth, out + struct.pack(">I", high), hashlib.sha1).digest()[:12]
            print(out.hex())
            """
        let result = try ChildProcess.run(
            ["/usr/bin/python3", "-c", script, kind, hex(key), hex(integrityKey), "\(high)", "\(sequence)"])
        guard result.status != 3 else {
            print("SKIPPED: sealing ESP: there is no python3-cryptography")
            return nil
        }
        return unhex(String(decoding: result.output, as: UTF8.self).filter { !$0.isWhitespace })
    }
}

@Suite("ESP of the lab") struct LabESPTests {
    static let scenarios = Shared.list("captures/lab").filter { $0.first?.isNumber == true && !$0.hasPrefix("8") }

    @Test("opens with the SA's own keys: as many packets as the daemons' side counted, every ICV right")
    func direct() throws {
        var total = 0
        for scenario in Self.scenarios {
            let lab = LabScenario(scenario)
            guard let keys = LabKeys.load(scenario), let file = try lab.keys("sa"), let path = lab.path("capture.pcap")
            else { continue }
            let given = Set(keys.sas.map(\.spi))
            var counts: [String: Int] = [:]
            for packet in try Analysis.of(path, keys: [file]).espPackets {
                let spi = hex(Packets.u32(Int(packet.spi)))
                guard given.contains(spi) else { continue }
                guard case .verified = packet.verdict else {
                    Issue.record("\(scenario) \(spi): \(packet.verdict)")
                    break
                }
                counts[spi, default: 0] += 1
            }
            for sa in keys.sas where sa.proto == "ESP" {
                guard let packets = sa.packets, packets > 0 else { continue }
                #expect(counts[sa.spi] == packets, "\(scenario) \(sa.spi)")
                total += packets
            }
        }
        #expect(total > 500 || Self.scenarios.isEmpty)
    }
}
