import Foundation
import ScopeWire
import TestSupport
import Testing

@testable import ScopeCrypto

@Suite("A key file") struct KeyFileTests {
    private func decode(_ text: String) throws -> KeyFile { try KeyFile(bytes: Array(text.utf8), path: "k.json") }

    /// A file with one row in one list.
    private static func file(_ list: String, _ row: String) -> String {
        #"{"schema": "ikescope.keys/1", "\#(list)": [\#(row)]}"#
    }

    private func refusal(_ text: String) -> String? {
        do throws(KeyFileError) {
            _ = try KeyFile(bytes: Array(text.utf8), path: "k.json")
            return nil
        } catch { return error.description }
    }

    @Test("of every kind of row decodes to its secrets")
    func whole() throws {
        let file = try decode(
            """
            {"schema": "ikescope.keys/1",
             "psk": [{"peer": "198.51.100.20", "key": "cisco123"}, {"peer": "10.0.0.0/8", "key_hex": "0A0b0C"},
                     {"identity": "user@example.com", "key": "sch\\u00f6n \\"\\ud83d\\ude00\\""},
                     {"peer": "*", "key": "any"}, {"peer": "2001:db8::/32", "key": "six"}],
             "dh": [{"private": "0x0102"}, {"private": "01", "group": 14},
                    {"shared": "aabb", "initiator_spi": "a731d9fb495cb474"}, {"shared": "cc", "spi": "0x1882a57d"}],
             "ike": [{"initiator_spi": "a731d9fb495cb474", "responder_spi": "31c0aca132508ad9", "skeyid_d": "01"},
                     {"version": 2, "initiator_spi": "a731d9fb495cb474", "sk_d": "02"}],
             "sa": [{"protocol": "esp", "spi": "0x1882a57d", "destination": "198.51.100.20", "encryption": "aes-cbc",
                     "encryption_key": "000102030405060708090a0b0c0d0e0f", "integrity": "hmac-sha1-96",
                     "integrity_key": "000102030405060708090a0b0c0d0e0f10111213", "esn": true},
                    {"protocol": "ah", "spi": "00000101", "integrity": "hmac-md5-96",
                     "integrity_key": "000102030405060708090a0b0c0d0e0f"}]}
            """)
        let prefix = try #require(IPPrefix("10.0.0.0/8"))
        #expect(file.psk.count == 5 && file.psk[1].peer == .prefix(prefix) && file.psk[3].peer == .any)
        #expect(file.psk.map(\.key.hex)[..<3] == ["636973636f313233", "0a0b0c", hex("schön \"😀\"".utf8)])
        #expect(file.dh.count == 4 && file.ike.count == 2 && file.sa.count == 2)
        guard case .exponent(let first, let none) = file.dh[0], case .exponent(_, let group) = file.dh[1],
            case .sharedBySA(_, let initiator, 0) = file.dh[2],
            case .sharedByChild(let shared, let spi, 0) = file.dh[3]
        else {
            Issue.record("\(file.dh)")
            return
        }
        #expect(first.hex == "0102" && none == nil && group == 14 && shared.hex == "cc")
        #expect(initiator == 0xa731_d9fb_495c_b474 && spi == 0x1882_a57d)
        #expect(file.ike[0].responderSPI == 0x31c0_aca1_3250_8ad9 && Array(file.ike[0].keys.keys) == [.skeyidD])
        #expect(file.ike[1].version == 2 && file.ike[1].responderSPI == nil)
        #expect(
            file.sa[0].suite == ESPSuite(encryption: .cbc(.aes), integrity: .hmac(.sha1, length: 12), usesESN: true))
        #expect(file.sa[1].isAH && file.sa[1].spi == 0x101)
    }

    @Test(
        "names encryptions with an implicit IV, in its own spelling and in IANA's (RFC 8750)",
        arguments: [
            ("aes-gcm-16-iiv", ESPEncryption.aesGCM(16), 36), ("AES_GCM_16_IIV", .aesGCM(16), 20),
            ("aes-ccm-8-iiv", .aesCCM(8), 19), ("chacha20-poly1305-iiv", .chaCha20Poly1305, 36),
        ])
    func implicitIV(name: String, encryption: ESPEncryption, keyLength: Int) throws {
        let key = String(repeating: "5a", count: keyLength)
        let row = #"{"spi": "00000101", "encryption": "\#(name)", "encryption_key": "\#(key)"}"#
        let file = try KeyFile(bytes: Array(Self.file("sa", row).utf8), path: "k.json")
        let suite = try #require(file.sa.first?.suite)
        #expect(suite.encryption == encryption && suite.usesImplicitIV)
        #expect(refusal(Self.file("sa", row.replacing("-iiv", with: "-iv").replacing("_IIV", with: "_IV"))) != nil)
    }

    @Test("may begin with a byte order mark, and hold nothing but its schema")
    func minimal() throws {
        let text = #" { "schema" : "ikescope.keys/1" } "# + "\n"
        #expect(try decode(text).psk.isEmpty)
        #expect(try KeyFile(bytes: [0xef, 0xbb, 0xbf] + Array(text.utf8), path: "k.json").sa.isEmpty)
        let sixteen = text.utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
        #expect(throws: KeyFileError.self) { try KeyFile(bytes: [0xff, 0xfe] + sixteen, path: "k.json") }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var text: String
        var line: String
        var testDescription: String { line }

        init(_ text: String, _ line: String) {
            self.text = text
            self.line = line
        }

        /// In one row of one list.
        init(_ list: String, _ row: String, _ line: String) { self.init(KeyFileTests.file(list, row), line) }
    }

    static let spi = #""initiator_spi": "a731d9fb495cb474""#
    static let aes =
        #""spi": "00000101", "encryption": "aes-cbc", "encryption_key": "000102030405060708090a0b0c0d0e0f""#

    static let refusals: [Refusal] = [
        Refusal("", "is empty; accepted are: "),
        Refusal("[]", "expected an object (byte 0)"),
        Refusal("{}", "schema: the member is missing"),
        Refusal(#"{"schema": "ikescope.keys/2"}"#, #"schema: is not "ikescope.keys/1" (byte 1)"#),
        Refusal(#"{"schema": "ikescope.keys/1"} x"#, "expected the end of the file"),
        Refusal(#"{"schema": "ikescope.keys/1""#, #"expected "," or "}", but the file ends"#),
        Refusal(#"{"schema": "ikescope.keys/1", "pks": []}"#, "pks: unknown member (byte 30)"),
        Refusal(#"{"schema": "ikescope.keys/1", "psk": [], "psk": []}"#, "psk: stands here a second time (byte 41)"),
        Refusal(#"{"schema": "ikescope.keys/1", "psk": {}}"#, "psk: expected a list"),
        Refusal(#"{"schema": "ikescope.keys/1", "psk": [,]}"#, "psk[0]: expected an object"),
        Refusal(#"{'schema': 1}"#, "expected a member's name in quotes"),
        Refusal("psk", #"{"peer": "10.0.0.1"}"#, #"psk[0]: "key" or "key_hex" is missing"#),
        Refusal("psk", #"{"key": "x"}"#, #"psk[0]: "peer" or "identity" is missing"#),
        Refusal(
            "psk", #"{"peer": "10.0.0.256", "key": "x"}"#, #"psk[0].peer: is not an address, not a prefix and not "*""#),
        Refusal("psk", #"{"peer": "10.0.0.0/33", "key": "x"}"#, "psk[0].peer: is not an address"),
        Refusal(
            "psk", #"{"peer": "*", "identity": "a", "key": "x"}"#, #"psk[0].identity: "peer" and "identity" exclude"#),
        Refusal("psk", #"{"peer": "*", "key": "x", "key_hex": "00"}"#, #"psk[0].key_hex: "key" and "key_hex" exclude"#),
        Refusal("psk", #"{"peer": "*", "key": ""}"#, "psk[0].key: is empty"),
        Refusal(
            "psk", #"{"peer": "*", "key_hex": "abc"}"#, "psk[0].key_hex: is not hexadecimal with two digits a byte"),
        Refusal("psk", #"{"peer": "*", "key_hex": "0xzz"}"#, "psk[0].key_hex: is not hexadecimal"),
        Refusal("psk", #"{"peer": "*", "key": 12}"#, "psk[0].key: expected a string in quotes"),
        Refusal("psk", #"{"peer": "*", "kye": "x"}"#, "psk[0].kye: unknown member"),
        Refusal(
            "psk", #"{"peer": "*", "key": "x"}, {"peer": "*", "key": "\ud800"}"#, "psk[1].key: half of a surrogate"),
        Refusal("psk", #"{"peer": "*", "key": "\x"}"#, "psk[0].key: bad escape"),
        Refusal("psk", "{\"peer\": \"*\", \"key\": \"a\nb\"}", "psk[0].key: control character in a string"),
        Refusal("dh", #"{"privat": "00"}"#, "dh[0].privat: unknown member"),
        Refusal("dh", #"{}"#, #"dh[0]: needs one of "private" and "shared""#),
        Refusal("dh", #"{"private": "00", "shared": "00"}"#, #"dh[0]: needs one of "private" and "shared""#),
        Refusal("dh", #"{"private": "00", "group": 3}"#, "dh[0].group: group 3 is not supported"),
        Refusal("dh", #"{"private": "00", "group": 99999999999999999999}"#, "dh[0].group: too large a number"),
        Refusal("dh", #"{"private": "00", "group": 1e3}"#, "dh[0].group: expected a whole number"),
        Refusal("dh", #"{"private": "00", "group": -2}"#, "dh[0].group: expected a whole number"),
        Refusal("dh", #"{"private": ""}"#, "dh[0].private: is empty"),
        Refusal("dh", #"{"private": "00", "spi": "00000001"}"#, "dh[0]: \"private\" finds its exchange by itself"),
        Refusal("dh", #"{"shared": "00"}"#, #"dh[0]: "shared" needs one of"#),
        Refusal(
            "dh", #"{"shared": "00", "spi": "0001"}"#, "dh[0].spi: is not an SPI of 4 bytes (8 hexadecimal digits)"),
        Refusal("dh", #"{"shared": "00", "initiator_spi": "00"}"#, "dh[0].initiator_spi: is not an SPI of 8 bytes"),
        Refusal("ike", #"{"skeyid": "00"}"#, #"ike[0]: "initiator_spi" is missing"#),
        Refusal("ike", "{\(spi)}", "ike[0]: holds no key"),
        Refusal("ike", #"{\#(spi), "sk_d": "00"}"#, "ike[0].sk_d: belongs to version 2, and the row is of version 1"),
        Refusal("ike", #"{\#(spi), "version": 2, "skeyid": "00"}"#, "ike[0].skeyid: belongs to version 1"),
        Refusal("ike", #"{\#(spi), "version": 3, "skeyid": "00"}"#, "ike[0].version: is not 1 or 2"),
        Refusal("sa", "{}", #"sa[0]: "spi" is missing"#),
        Refusal("sa", #"{"spi": "00000101"}"#, #"sa[0]: "encryption" is missing"#),
        Refusal("sa", #"{\#(aes), "esn": 1}"#, "sa[0].esn: expected true or false"),
        Refusal("sa", #"{"spi": "00000101", "encryption": "aes"}"#, "sa[0].encryption: is none of null, des-cbc"),
        Refusal("sa", #"{\#(aes), "integrity": "sha1"}"#, "sa[0].integrity: is none of none, hmac-md5-96"),
        Refusal(
            "sa", #"{\#(aes), "integrity": "aes-xcbc-96", "integrity_key": "00"}"#,
            "sa[0].integrity_key: aes-xcbc-96 takes 16 bytes, not 1"),
        Refusal(
            "sa", #"{\#(aes), "integrity": "hmac-sha1-96"}"#,
            "sa[0].integrity_key: hmac-sha1-96 takes 20 bytes, not 0"),
        Refusal(
            "sa",
            #"{"spi": "00000101", "encryption": "aes-gcm-16", "encryption_key": "000102030405060708090a0b0c0d0e0f"}"#,
            "sa[0].encryption_key: aes-gcm-16 takes a key of 16, 24 or 32 bytes with its 4-byte salt at the end, not 16 bytes"
        ),
        Refusal(
            "sa", #"{"spi": "00000101", "encryption": "3des-cbc", "encryption_key": "00"}"#,
            "sa[0].encryption_key: 3des-cbc takes 24 bytes, not 1 bytes"),
        Refusal("sa", #"{"protocol": "tls", "spi": "00000101"}"#, #"sa[0].protocol: is not "esp" or "ah""#),
        Refusal("sa", #"{"protocol": "ah", \#(aes)}"#, "sa[0]: AH does not encrypt"),
        Refusal("sa", #"{\#(aes), "destination": "peer"}"#, "sa[0].destination: is no address"),
    ]

    @Test("that is wrong is refused in one line that names file, member and byte", arguments: refusals)
    func refused(_ refusal: Refusal) throws {
        let line = try #require(self.refusal(refusal.text), "\(refusal.text) is taken")
        #expect(line.hasPrefix("k.json: " + refusal.line), "\(line)")
        #expect(!line.contains("\n"))
    }

    @Test(
        "of nested brackets, endless numbers and long names is refused at once",
        arguments: ["[", "{\"a\":", "9", "\"", "\\u"])
    func bombs(piece: String) {
        let bomb = String(repeating: piece, count: 200_000)
        for text in [bomb, Self.file("psk", bomb), Self.file("dh", #"{"private": "00", "group": "# + bomb)] {
            // The line may list every form of key file.
            #expect(refusal(text)?.count ?? 1000 < 400)
        }
        let long = Self.file("psk", #"{"\#(String(repeating: "k", count: 5000))": 1}"#)
        #expect(refusal(long)?.contains("unknown member with a long name") == true)
    }

    @Test("cut at any byte, or with any byte changed, is a file or a line, never a trap")
    func total() throws {
        let text =
            Self.file("sa", "{\(Self.aes)}, {\(Self.aes), \"esn\": true}").dropLast()
            + #", "psk": [{"peer": "10.0.0.0/8", "key": "\u00e4\n"}], "ike": [{\#(Self.spi), "skeyid_d": "0102"}]}"#
        let bytes = Array(text.utf8)
        #expect(throws: Never.self) { try KeyFile(bytes: bytes, path: "k.json") }
        for index in bytes.indices {
            #expect(throws: KeyFileError.self) { try KeyFile(bytes: Array(bytes[..<index]), path: "k.json") }
            for value in [0, 0x22, 0x5b, 0x5c, 0x7d, 0x80, 0xff] as [UInt8] {
                var bent = bytes
                bent[index] = value
                do throws(KeyFileError) { _ = try KeyFile(bytes: bent, path: "k.json") } catch {
                    #expect((error.offset ?? 0) <= bytes.count && error.file == "k.json")
                }
            }
        }
    }

    @Test("whose text is not UTF-8 is refused where it is a key, and never printed raw where it is a name")
    func encoding() throws {
        let before = Array(#"{"schema": "ikescope.keys/1", "psk": [{"peer": "*", "key": ""#.utf8)
        let error = #expect(throws: KeyFileError.self) {
            try KeyFile(bytes: before + [0xff, 0xfe] + Array("\"}]}".utf8), path: "k.json")
        }
        #expect(error?.description.contains("is not UTF-8") == true)
        let escape = Self.file("psk", #"{"\u001b[31m": 1}"#)
        #expect(refusal(escape)?.contains("control character in a member's name") == true)
        #expect(refusal(escape)?.contains("\u{1b}") == false)
    }

    @Test("a file that is absent is unreadable; one that is there is named by its last component")
    func loading() throws {
        let path = NSTemporaryDirectory() + "ikescope-\(UUID().uuidString).json"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(#"{"schema": "ikescope.keys/1"}"#.utf8).write(to: URL(filePath: path))
        #expect(try KeyFile.load(path).baseName == path.split(separator: "/").last.map(String.init))
        let error = #expect(throws: KeyFileError.self) { try KeyFile.load(path + ".none") }
        #expect(error?.kind == .unreadable)
    }
}
