import Glibc
import ScopeWire
import Testing

@testable import ScopeCrypto

/// Files of other programs; what they mean is told by those programs' own documentation.
@Suite("Keys out of") struct KeySourceTests {
    private func read(_ text: String) throws -> KeyFile { try KeyFile(bytes: Array(text.utf8), path: "k") }

    private func peers(_ row: KeyFile.PSK) -> [String] { ([row.peer] + row.others).map(\.name) }

    private func keys(_ file: KeyFile) -> [String] {
        file.psk.map { row in row.key.withBytes { String(decoding: $0, as: UTF8.self) } }
    }

    // MARK: Configurations

    @Test("an IOS configuration: global keys, keyrings, profiles, client groups, IKEv2 keyrings")
    func ios() throws {
        let file = try read(
            """
            Building configuration...
            version 15.4
            hostname R1
            !
            crypto isakmp policy 10
             encr aes 256
            crypto isakmp key cisco123 address 198.51.100.20   \r
            crypto isakmp key 0 zero address 10.0.0.0 255.0.0.0 no-xauth
            crypto isakmp key 6 PHVdZAhcBRbC address 203.0.113.1
            crypto isakmp key six address ipv6 2001:DB8::/32
            crypto isakmp key name hostname branch.example.com
            crypto isakmp key everyone address 0.0.0.0 0.0.0.0
            crypto isakmp key odd address 10.0.0.1 255.0.255.0
            !
            crypto keyring SITES vrf WAN
              description key of the sites
              local-address 192.0.2.10
              pre-shared-key address 203.0.113.7 key ring one
              pre-shared-key hostname x.example.com key 0 ringtwo
              pre-shared-key address 0.0.0.0 0.0.0.0 key 6 FFFF
            crypto isakmp profile P
               keyring SITES
               match identity address 203.0.113.99 255.255.255.255 WAN
               match identity host domain example.org
            crypto isakmp client configuration group EZVPN
             key groupkey
             pool LOCAL
            crypto ikev2 keyring V2
             peer BRANCH
              address 198.51.100.0 255.255.255.0
              identity fqdn b.example.com
              pre-shared-key local near
              pre-shared-key remote 0 far
             peer HEX
              address 198.51.100.77
              pre-shared-key hex 0aFF
            interface GigabitEthernet0/0
             description key nothing
            end
            """)
        #expect(file.format == .ios)
        #expect(
            keys(file).dropLast() == [
                "cisco123", "zero", "six", "name", "everyone", "ring", "ringtwo", "groupkey", "near", "far",
            ])
        #expect(file.psk.last?.key.hex == "0aff")
        #expect(
            file.psk.map(peers) == [
                ["198.51.100.20"], ["10.0.0.0/8"], ["2001:db8::/32"], ["branch.example.com"], ["*"],
                ["203.0.113.7", "203.0.113.99", "example.org"], ["x.example.com", "203.0.113.99", "example.org"],
                ["EZVPN"], ["198.51.100.0/24", "b.example.com"], ["198.51.100.0/24", "b.example.com"],
                ["198.51.100.77"],
            ])
        #expect(file.psk[5].local == IPAddress("192.0.2.10") && file.psk[6].local != nil && file.psk[7].local == nil)
        #expect(file.psk[0].line == 7)
        #expect(file.refused.map(\.line) == [9, 13, 20])
        #expect(file.refused[0].why.contains("203.0.113.1 is encrypted (type 6)"))
    }

    @Test("an ASA configuration, masked or not")
    func asa() throws {
        let file = try read(
            """
            : Saved
            ASA Version 9.8(2)
            tunnel-group 198.51.100.20 type ipsec-l2l
            tunnel-group 198.51.100.20 ipsec-attributes
             ikev1 pre-shared-key cisco123
             ikev2 remote-authentication pre-shared-key far
            tunnel-group DefaultL2LGroup ipsec-attributes
             ikev1 pre-shared-key *****
            """)
        #expect(keys(file) == ["cisco123", "far"] && file.psk.map(peers) == [["198.51.100.20"], ["198.51.100.20"]])
        #expect(file.refused.count == 1 && file.refused[0].why.contains("masked"))
    }

    @Test("swanctl.conf: only what stands in secrets, in each of its spellings")
    func swanctl() throws {
        let file = try read(
            """
            # secrets { ike-0 { secret = "no" } }
            connections {
              gw { local { auth = psk
                id = 192.0.2.10 }
                children { net { esp_proposals = aes128-sha1 } } }
            }
            secrets {
              ike-1 { secret = "with # and } and \\"\\\\" }
              ike-2 {
                id = 198.51.100.20   # who
                id-b = @branch.example.com
                id-c = %any
                secret = 0x0a0b0C
              }
              ike-3 { id = keyid:group
                secret = 0sAAECAw== }
              ike { secret = plain }
              eap-1 { id = alice
                secret = "wonderland" }
              ike-4 { secret = 0xzz }
            }
            """)
        #expect(file.format == .swanctl)
        #expect(file.psk.map { $0.key.hex }[1...2] == ["0a0b0c", "00010203"])
        #expect(keys(file)[0] == "with # and } and \"\\" && keys(file)[3] == "plain" && file.psk.count == 4)
        #expect(file.psk.map(peers) == [["*"], ["198.51.100.20", "branch.example.com"], ["group"], ["*"]])
        #expect(file.refused.map(\.line) == [20])
    }

    @Test("ipsec.secrets of strongSwan and libreswan")
    func secrets() throws {
        let file = try read(
            """
            # /etc/ipsec.secrets : PSK "no"
            198.51.100.20 192.0.2.10 : PSK "Two: \\#Words"
            : PSK 0x616263 # for everybody
            @branch.example.com %any: PSK 0sYWJj
            2001:db8::1 : psk "six"
            @#6b6579 alice@example.com
                : PSK 'single'
            : RSA gw.pem "passphrase"
            alice : XAUTH "wonderland"
            10.0.0.0/8 :PSK"tight"
            192.0.2.77 : PSK
               "next line"
            : PSK "open
            include /etc/ipsec.d/*.secrets
            """)
        #expect(file.format == .secrets)
        #expect(keys(file) == ["Two: \\#Words", "abc", "abc", "six", "single", "tight", "next line"])
        #expect(
            file.psk.map(peers) == [
                ["198.51.100.20", "192.0.2.10"], ["*"], ["branch.example.com"], ["2001:db8::1"],
                ["key", "alice@example.com"], ["10.0.0.0/8"], ["192.0.2.77"],
            ])
        #expect(file.refused.map(\.line) == [13, 14])
    }

    // MARK: Tables

    @Test("Wireshark's tables, alone or together")
    func wireshark() throws {
        let file = try read(
            """
            # This file is automatically generated, DO NOT MODIFY.
            a731d9fb495cb474,5df5bc0f86e8a97bbaadc3b11f5f581e59d85c3336cb6973311448af4260b584
            3dc5bda99773ab14,da2ce2177f5cb06e,7787dfcd51a9950ca0927c6f2fd52d97,571192178ec524d187e3b9569f9820cc,"AES-CBC-128 [RFC3602]",01e4,a33b,"HMAC_SHA2_256_128 [RFC4868]"
            "IPv4","*","10.0.0.2","0x53a8f102","AES-CBC [RFC3602]","0xef797813d06b65c8018bc5c4e3a91996","HMAC-SHA-1-96 [RFC2404]","0x06b72c55f2247ccb5a58727e536946c061a15af9"
            "IPv6","2001:db8::*","*","*","AES-GCM [RFC4106]","0xffc537d410867fc62f5f6cb143769c98cbf3508b","ANY 96 bit authentication [no checking]",""
            "IPv4","*","*","1403056386","NULL","","HMAC-MD5-96 [RFC2403]","sixteen letters!","64-bit","0x00000000"
            "IPv4","*","*","0x12*","NULL","","NULL",""
            "IPv4","*","*","0x1","TWOFISH-CBC","0x00","NULL",""
            "IPv4","*","*","0x2","AES-CBC [RFC3602]","0x0011","NULL",""
            """)
        #expect(file.format == .wireshark)
        #expect(file.ike.map(\.version) == [1, 2] && file.ike[0].keys[.cipherKey]?.count == 32)
        #expect(file.ike[1].suite == ESPSuite(encryption: .cbc(.aes), integrity: .hmac(.sha256, length: 16)))
        #expect(file.ike[1].responderSPI == 0xda2c_e217_7f5c_b06e && file.ike[1].keys[.skAR]?.hex == "a33b")
        #expect(file.sa.map(\.spi) == [0x53a8_f102, nil, 0x53a0_f102])
        #expect(file.sa[0].destination == IPAddress("10.0.0.2") && file.sa[1].destination == nil)
        #expect(file.sa[1].suite == ESPSuite(encryption: .aesGCM(12), integrity: .none))
        #expect(file.sa[2].suite == ESPSuite(encryption: .null, integrity: .hmac(.md5, length: 12), usesESN: true))
        #expect(file.sa[2].integrityKey.count == 16)
        #expect(file.refused.map(\.line) == [7, 8, 9])
    }

    @Test("ip xfrm state, with statistics, from a monitor, with each kind of algorithm")
    func xfrm() throws {
        let file = try read(
            """
            src 198.51.100.20 dst 192.0.2.10
            \tproto esp spi 0xc0cc6579(3234620793) reqid 1(0x00000001) mode tunnel
            \treplay-window 32 seq 0x00000000 flag af-unspec (0x00100000)
            \tauth-trunc hmac(sha256) 0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f (256 bits) 128
            \tenc cbc(aes) 0x07541581127a1b5a367864fe81552b30 (128 bits)
            \tsel src 0.0.0.0/0 dst 0.0.0.0/0 uid 0
            \tlifetime config:
            Updated src 2001:db8::1 dst 2001:db8::2
            \tproto esp spi 0x00000101 reqid 1 mode transport
            \treplay-window 0 flag esn
            \taead rfc4106(gcm(aes)) 0xffc537d410867fc62f5f6cb143769c98cbf3508b 128
            \tanti-replay esn context:
            src 10.0.0.1 dst 10.0.0.2
            \tproto esp spi 0x00000102 reqid 0 mode transport
            \tauth hmac(sha1) 0x000102030405060708090a0b0c0d0e0f10111213
            \tenc ecb(cipher_null)
            src 10.0.0.1 dst 10.0.0.2
            \tproto ah spi 0x00000103 reqid 0 mode transport
            \tauth-trunc hmac(md5) 0x000102030405060708090a0b0c0d0e0f 96
            src 10.0.0.1 dst 10.0.0.2
            \tproto comp spi 0x00000104 reqid 0 mode transport
            \tcomp deflate
            src 10.0.0.1 dst 10.0.0.2
            \tproto esp spi 0x00000105 reqid 0 mode tunnel
            \tauth-trunc hmac(sha1) <<Keys hidden>> 96
            \tenc cbc(aes) <<Keys hidden>>
            src 10.0.0.1 dst 10.0.0.2
            \tproto esp spi 0x00000106 reqid 0 mode tunnel
            \tenc cbc(serpent) 0x07541581127a1b5a367864fe81552b30
            Deleted src 10.0.0.1 dst 10.0.0.2
            \tproto esp spi 0x00000107 reqid 0 mode tunnel
            \tenc cbc(aes) 0x07541581127a1b5a367864fe81552b30
            Updated src 2001:db8::1 dst 2001:db8::2
            \tproto esp spi 0x00000101 reqid 1 mode transport
            \taead rfc4106(gcm(aes)) 0xffc537d410867fc62f5f6cb143769c98cbf3508b 128
            """)
        #expect(file.format == .xfrm)
        #expect(file.sa.map(\.spi) == [0xc0cc_6579, 0x101, 0x102, 0x103])
        #expect(file.sa[0].suite == ESPSuite(encryption: .cbc(.aes), integrity: .hmac(.sha256, length: 16)))
        #expect(file.sa[1].suite == ESPSuite(encryption: .aesGCM(16), integrity: .none, usesESN: true))
        #expect(file.sa[1].destination == IPAddress("2001:db8::2"))
        #expect(file.sa[2].suite == ESPSuite(encryption: .null, integrity: .hmac(.sha1, length: 12)))
        #expect(file.sa[3].isAH && file.sa[3].suite.integrity == .hmac(.md5, length: 12))
        #expect(file.refused[0].why.contains("hidden"))
        #expect(file.refused.map(\.line) == [23, 27])
    }

    // MARK: Logs

    @Test("a charon log: without the keys it says how to get them; with unknown roles both ways are tried")
    func charon() throws {
        let quiet = try read(
            "2026-11-23T08:47:05.380 15[IKE] <gw|1> initiating Main Mode IKE_SA gw[1] to 198.51.100.20\n")
        #expect(quiet.format == .charon && quiet.count == 0)
        let file = try read(
            """
            11[CHD] <gw|3>   using NULL for encryption
            11[CHD] <gw|3>   using HMAC_MD5_96 for integrity
            11[CHD] <gw|3> integrity initiator key => 16 bytes @ 0x7f
            12[CHD] <gw|4> integrity initiator key => 16 bytes @ 0x8f
            11[CHD] <gw|3>    0: 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F  ................
            11[CHD] <gw|3> integrity responder key => 16 bytes @ 0x7f
            11[CHD] <gw|3>    0: 10 11 12 13 14 15 16 17 18 19 1A 1B 1C 1D 1E 1F  ................
            12[CHD] <gw|4>    0: 20 21 22 23 24 25 26 27 28 29 2A 2B 2C 2D 2E     not all of it
            11[CHD] <gw|3> adding inbound ESP SA
            11[CHD] <gw|3>   SPI 0x00000201, src 10.0.0.2 dst 10.0.0.1
            11[CHD] <gw|3> registering outbound ESP SA
            11[CHD] <gw|3>   SPI 0x00000202, src 10.0.0.1 dst 10.0.0.2
            """)
        #expect(file.sa.map(\.spi) == [0x201, 0x202] && file.sa.allSatisfy { $0.alternative != nil })
        #expect(
            Set(file.sa.map { $0.integrityKey.hex } + file.sa.compactMap { $0.alternative?.integrity.hex }).count == 2)
        let known = try read("11[ENC] <gw|3> parsed IKE_AUTH response 1 [ IDr AUTH SA TSi TSr ]\n" + Self.child)
        // This side began, so what comes in is protected with the responder's keys.
        #expect(known.sa.map { $0.integrityKey.hex.prefix(2) } == ["10", "00"])
    }

    private static let child = """
        11[CHD] <gw|3>   using NULL for encryption
        11[CHD] <gw|3>   using HMAC_MD5_96 for integrity
        11[CHD] <gw|3> integrity initiator key => 16 bytes @ 0x7f
        11[CHD] <gw|3>    0: 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F  ................
        11[CHD] <gw|3> integrity responder key => 16 bytes @ 0x7f
        11[CHD] <gw|3>    0: 10 11 12 13 14 15 16 17 18 19 1A 1B 1C 1D 1E 1F  ................
        11[CHD] <gw|3> adding inbound ESP SA
        11[CHD] <gw|3>   SPI 0x00000201, src 10.0.0.2 dst 10.0.0.1
        11[CHD] <gw|3> adding outbound ESP SA
        11[CHD] <gw|3>   SPI 0x00000202, src 10.0.0.1 dst 10.0.0.2
        """

    @Test("a pluto log of a release that names the SPIs only when the tunnel is up")
    func pluto() throws {
        let file = try read(
            """
            Nov 23 09:05:09 gw pluto[812]: | ESP KEYMAT
            Nov 23 09:05:09 gw pluto[812]: |   inbound:
            Nov 23 09:05:09 gw pluto[812]: |   00 01 02 03  04 05 06 07  08 09 0a 0b  0c 0d 0e 0f   ................
            Nov 23 09:05:09 gw pluto[812]: |   10 11 12 13  14 15 16 17  18 19 1a 1b  1c 1d 1e 1f   ................
            Nov 23 09:05:09 gw pluto[812]: |   20 21 22 23                                           !"#
            Nov 23 09:05:09 gw pluto[812]: |   outbound:
            Nov 23 09:05:09 gw pluto[812]: |   40 41 42 43  44 45 46 47  48 49 4a 4b  4c 4d 4e 4f   @ABCDEFGHIJKLMNO
            Nov 23 09:05:09 gw pluto[812]: |   50 51 52 53  54 55 56 57  58 59 5a 5b  5c 5d 5e 5f   PQRSTUVWXYZ[.]^_
            Nov 23 09:05:09 gw pluto[812]: |   60 61 62 63                                          `abc
            Nov 23 09:05:09 gw pluto[812]: "gw" #2: IPsec SA established tunnel mode {ESP=>0xc1e28e8b <0x14f1d58a xfrm=AES_CBC_128-HMAC_SHA1_96 NATOA=none NATD=none DPD=passive}
            """)
        #expect(file.format == .pluto && file.sa.map(\.spi) == [0x14f1_d58a, 0xc1e2_8e8b])
        #expect(file.sa[0].encryptionKey.hex == "000102030405060708090a0b0c0d0e0f")
        #expect(file.sa[1].integrityKey.hex == "505152535455565758595a5b5c5d5e5f60616263")
    }

    // MARK: Streaming

    @Test("lines of any length, and any number of them, go by without memory")
    func long() throws {
        var feed = LineFeed(
            head: Secret(
                copying: Array(repeating: UInt8(ascii: "x"), count: 400_000) + Array("\nsecond\r\n\nlast".utf8)),
            descriptor: -1, path: "k")
        var lines: [(Int, Bool, String)] = []
        while try feed.next({ lines.append(($0.count, $0.isCut, $0.count < 100 ? $0.text : "")) }) {}
        #expect(lines.map(\.0) == [LineFeed.longestLine, 6, 0, 4] && lines.map(\.1) == [true, false, false, false])
        #expect(lines.map(\.2).dropFirst() == ["second", "", "last"])
    }

    @Test("lines come whole wherever the pieces of a pipe end")
    func pieces() throws {
        var text: [UInt8] = []
        var expected: [Int] = []
        for index in 0..<60 {
            let length = [0, 1, 997, 30_011, 65_535, 65_536, 65_537, 131_071, 131_072, 131_073, 200_003][index % 11]
            text += Array(repeating: UInt8(ascii: "a") + UInt8(index % 26), count: length) + [0x0a]
            expected.append(min(length, LineFeed.longestLine))
        }
        let path = "/tmp/scope-\(getpid())-lines"
        let descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer {
            close(descriptor)
            unlink(path)
        }
        #expect(text.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) } == text.count)
        for head in [0, 1, 5000, 131_071] {
            lseek(descriptor, off_t(head), SEEK_SET)
            var feed = LineFeed(
                head: Secret(copying: text.prefix(head)), descriptor: descriptor, path: path)
            var lengths: [Int] = []
            while try feed.next({ line in
                let letter = UInt8(ascii: "a") + UInt8(lengths.count % 26)
                #expect(line.bytes.allSatisfy { $0 == letter } && line.number == lengths.count + 1)
                lengths.append(line.count)
            }) {}
            #expect(lengths == expected)
        }
    }

    @Test("a wrong key of a certain SPI gives way to a right one that comes later", arguments: [true, false])
    func severalKeys(wrongFirst: Bool) throws {
        let row = { (key: String) in
            #""IPv4","*","*","0x1","NULL","","HMAC-SHA-1-96 [RFC2404]","0x\#(key)""#
        }
        let (wrong, right) = (row(String(repeating: "00", count: 20)), row(String(repeating: "11", count: 20)))
        let file = try read(wrongFirst ? wrong + "\n" + right : right + "\n" + wrong)
        let anywhere = IPAddress(v4: 1)
        let openers = KeyRing([file, file]).espOpeners(spi: 1, source: anywhere, destination: anywhere)
        #expect(openers.count == 2)
    }
}
