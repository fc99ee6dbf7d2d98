import Foundation
import TestSupport
import Testing

@Suite("ikescope keys")
struct KeysCommandTests {
    let scratch = Scratch()

    private func lab(_ file: String) -> String? { Shared.path("captures/lab/" + file) }

    /// What tshark makes of a capture with the tables of a profile folder, counted as the lab's oracle does.
    private func tshark(_ capture: String, _ folder: String) throws -> (ike: Int, esp: Int)? {
        func run(_ arguments: [String]) throws -> String? {
            let result = try? Tool.run(
                [
                    "tshark", "-r", capture, "-o", "esp.enable_encryption_decode:TRUE", "-o",
                    "esp.enable_authentication_check:TRUE",
                ]
                    + arguments, environment: ["WIRESHARK_CONFIG_DIR": folder], tool: "/usr/bin/env")
            guard let result, result.status == 0 else { return nil }
            return result.output
        }
        guard let tree = try run(["-V", "-O", "isakmp", "-Y", "isakmp"]),
            let icvs = try run(["-T", "fields", "-e", "esp.icv_good", "-Y", "esp"])
        else { return nil }
        let opened = try NSRegularExpression(
            pattern: "Encrypted Data \\(\\d+ bytes\\)\\n\\s+Payload: |(?m)^\\s*Decrypted Data \\(")
        let count = opened.numberOfMatches(in: tree, range: NSRange(tree.startIndex..., in: tree))
        return (count, icvs.split(separator: "\n").count { $0 == "1" || $0 == "True" })
    }

    @Test(
        "export gives tshark what it needs to open as much",
        arguments: [
            "02a-main-psk-aes256", "03a-pfs-modp2048", "08a-rekey", "17b-esp-gcm", "55-raw-rekey",
            "56-raw-two-children",
            "01-main-psk-3des", "04a-aggressive-psk", "23-esp-null", "06a-xauth-psk-modecfg", "15d-natt-true",
        ])
    func wireshark(scenario: String) throws {
        guard let capture = lab(scenario + "/capture.pcap"), let oracle = lab(scenario + "/oracle.json"),
            let tool = Shared.path("lab/tools/to-keys"), let exponents = lab(scenario + "/keys.json")
        else { return }
        // As little as can do: a PSK and g^xy, those of PFS too.
        let least = try ChildProcess.run(["python3", tool, exponents, "--parts", "psk,dh-shared"]).output
        let keys = scratch.file("keys.json", least)
        let folder = scratch.path + "/profile"
        let result = try Tool.run(["keys", "export", capture, "--keys", keys, "--to", "wireshark", "-o", folder])
        #expect(result.status == 0, "\(result.complaints)")
        #expect(result.output == "")
        guard let counts = try tshark(capture, folder) else { return skip("tshark is absent") }
        let expected =
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: oracle))) as? [String: Int]
        #expect(counts.ike == expected?["ike_decrypted_frames"])
        #expect(counts.esp == expected?["esp_icv_good"])
        let mode = try FileManager.default.attributesOfItem(atPath: folder + "/esp_sa")[.posixPermissions] as? Int
        #expect(mode == 0o600)
        // A profile's own tables stay, unless it is asked for.
        let again = try Tool.run(["keys", "export", capture, "--keys", keys, "--to", "wireshark", "-o", folder])
        #expect(again.status == 64 && again.isOneComplaint && again.complaints.contains("exists already"))
        let forced = try Tool.run([
            "keys", "export", capture, "--keys", keys, "--to", "wireshark", "-o", folder, "--force",
        ])
        #expect(forced.status == 0)
    }

    @Test(
        "export as JSON and as xfrm state reads back, and opens the same",
        arguments: ["55-raw-rekey", "03a-pfs-modp2048", "17b-esp-gcm"])
    func roundTrip(scenario: String) throws {
        guard let capture = lab(scenario + "/capture.pcap"), let log = lab(scenario + "/left.log") else { return }
        func listing(_ keys: String) throws -> [Substring] {
            try Tool.run(["packets", capture, "--keys", keys, "-q", "--format", "json"]).output.split(separator: "\n")
        }
        let whole = try listing(log)
        for form in ["json", "xfrm"] {
            let path = scratch.path + "/" + form
            let result = try Tool.run(["keys", "export", capture, "--keys", log, "--to", form, "-o", path, "-q"])
            #expect(result.status == 0 && result.complaints == "")
            let again = try listing(path)
            #expect(again.count == whole.count)
            for (was, now) in zip(whole, again) where form == "json" || was.contains(#""protocol":"esp""#) {
                #expect(was.contains(#""decrypted":true"#) == now.contains(#""decrypted":true"#))
                #expect(was.contains(#""integrity":"ok""#) == now.contains(#""integrity":"ok""#))
            }
        }
        let toOutput = try Tool.run(["keys", "export", capture, "--keys", log, "--to", "json", "-q"])
        #expect(Data(toOutput.output.utf8) == FileManager.default.contents(atPath: scratch.path + "/json"))
    }

    @Test("export writes no key that proved nothing")
    func wrong() throws {
        guard let capture = lab("51a-raw-esp-main/capture.pcap"), let other = lab("56-raw-two-children/left.log") else {
            return
        }
        let path = scratch.path + "/none"
        let result = try Tool.run(["keys", "export", capture, "--keys", other, "--to", "wireshark", "-o", path, "-q"])
        #expect(result.status == 65 && result.isOneComplaint)
        #expect(!FileManager.default.fileExists(atPath: path))
        // The right SPI with a wrong key: its ICV refuses it.
        let row =
            #"{"protocol":"esp","spi":"0xc70ced12","encryption":"aes-cbc","encryption_key":"00000000000000000000000000000000","integrity":"hmac-sha1-96","integrity_key":"0000000000000000000000000000000000000000"}"#
        let keys = scratch.file("keys.json", Array(#"{"schema":"ikescope.keys/1","sa":[\#(row)]}"#.utf8))
        #expect(try Tool.run(["keys", "export", capture, "--keys", keys, "--to", "json", "-q"]).status == 65)
    }

    @Test("check says what a file holds and what it opens, never the bytes")
    func check() throws {
        guard let capture = lab("61-libreswan-v1-main/capture.pcap"),
            let log = lab("61-libreswan-v1-main/right.pluto.log"),
            let charon = lab("61-libreswan-v1-main/left.log")
        else { return }
        let result = try Tool.run(["keys", "check", log, capture, "-q"])
        #expect(result.status == 0 && result.complaints == "")
        for part in [
            "pluto log, 1 pre-shared key, 2 ESP SAs", "not in it: DH secrets and SKEYID*",
            "ESP SA 0x14f1d58a to 198.51.100.20: aes-cbc (128 bits), hmac-sha1-96",
            "IKE SA 247d1c352b95439d 474e23d48ffd515a, 192.0.2.10 - 198.51.100.20: closed: the PSK is known, but the DH secret is missing",
            "ESP SA 0xc1e28e8b, 198.51.100.20 > 192.0.2.10, 9 packets: opened by sa at line 1775",
        ] {
            #expect(result.output.contains(part), "\(result.output)")
        }
        let both = try Tool.run(["keys", "check", log, charon, capture, "-q"]).output
        // Bytes of the ESP keys, of the PSK and of SKEYID_d, as the logs have them.
        for secret in ["ed3386cc", "ed 33 86 cc", "Two-Vendors", "54776f2d"] {
            #expect(!both.localizedCaseInsensitiveContains(secret))
        }
        #expect(
            both.contains(
                "IKE SA 247d1c352b95439d 474e23d48ffd515a, 192.0.2.10 - 198.51.100.20: opened by left.log: ike at line")
        )
    }

    /// Of the JSON Schema in docs/, with no member allowed that it does not name.
    private static let validator = """
        import json, sys, jsonschema
        schema = json.load(open(sys.argv[1]))
        def close(node):
            # Not inside the conditions, whose members are named above them.
            if isinstance(node, dict):
                if "properties" in node: node["additionalProperties"] = False
                for key, value in node.items():
                    if key != "allOf": close(value)
            elif isinstance(node, list):
                for value in node: close(value)
        close(schema)
        check = jsonschema.Draft202012Validator(schema)
        for line in sys.stdin:
            for error in check.iter_errors(json.loads(line)): print(str(error.message)[:300], "in", line[:300])
        """

    @Test(
        "check as JSON fits its schema, and says what the text says",
        arguments: [
            ("61-libreswan-v1-main", "right.pluto.log"), ("08a-rekey", "left.log"), ("54a-ah-tunnel", "left.log"),
            ("31a-v2-cert-frag", "left.log"),
        ])
    func checkJSON(scenario: String, log: String) throws {
        guard let capture = lab(scenario + "/capture.pcap"), let log = lab("\(scenario)/\(log)") else { return }
        let json = try Tool.run(["keys", "check", log, capture, "-q", "--format", "json"])
        let text = try Tool.run(["keys", "check", log, capture, "-q"])
        #expect(json.status == 0 && json.complaints == "")
        let lines = try json.output.split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        func count(_ kind: String) -> Int { lines.count { $0["kind"] as? String == kind } }
        func textCount(_ start: String) -> Int { text.output.split(separator: "\n").count { $0.hasPrefix(start) } }
        #expect(count("key_file") == 1 && count("capture") == 1)
        #expect(count("ike_sa") == textCount("  IKE SA "))
        #expect(count("ipsec_sa") == textCount("  ESP SA 0x") + textCount("  AH SA 0x"))
        #expect(count("unused_key") == textCount("  not used: "))
        let opened = lines.count { ($0["keys"] as? [String: Any])?["status"] as? String == "opened" }
        #expect(opened == text.output.ranges(of: ": opened by ").count + text.output.ranges(of: "follow from").count)
        let schema = Shared.root + "/docs/schemas/ikescope.keycheck-1.schema.json"
        guard try Tool.run(["-c", "import jsonschema"], tool: "/usr/bin/python3").status == 0 else {
            return skip("there is no python3-jsonschema")
        }
        let verdict = try Tool.run(
            ["-c", Self.validator, schema], input: Array(json.output.utf8), tool: "/usr/bin/python3")
        #expect(verdict.status == 0 && verdict.output == "", "\(verdict.complaints)")
    }

    @Test("check as JSON escapes what a file says, and has no bytes of its keys")
    func checkJSONHostile() throws {
        let router = scratch.file(
            "r\u{1b}[31m.cfg",
            Array(
                "crypto isakmp key Top-S3cret hostname a\u{1b}]0;b\u{7}\"c\ncrypto isakmp key 6 TopType6 address 10.0.0.1\n"
                    .utf8))
        let result = try Tool.run(["keys", "check", router, "-q", "--format", "json"])
        #expect(result.status == 0)
        #expect(!result.output.utf8.contains { $0 < 0x20 && $0 != 10 } && !result.output.contains("S3cret"))
        #expect(!result.output.contains("TopType6"))
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        #expect((object?["path"] as? String)?.hasSuffix("r\u{1b}[31m.cfg") == true)
        #expect(object?["left_out_count"] as? Int == 1)
        let wrong = try Tool.run(["keys", "check", router, "--format", "xml"])
        #expect(wrong.status == 64 && wrong.isOneComplaint)
    }

    @Test("a file that is no key file is refused with what it looks like and what is accepted")
    func refused() throws {
        guard let capture = lab("51a-raw-esp-main/capture.pcap") else { return }
        for (bytes, part) in [
            (Array("Dear diary\n".utf8), "is text of an unknown form"),
            ([0xd4, 0xc3, 0xb2, 0xa1, 2, 0], "is a capture"),
            (Array("-----BEGIN CERTIFICATE-----\n".utf8), "looks like a certificate or key in PEM"), ([], "is empty"),
            ([0x1f, 0x8b, 8, 0], "decompress it first"),
            (Array("conn %default\n\tleft=%any\n".utf8), "looks like ipsec.conf"),
        ] {
            let result = try Tool.run(["debug", capture, "--keys", scratch.file("file", bytes)])
            #expect(result.status == 65 && result.isOneComplaint && result.output == "")
            #expect(
                result.complaints.contains(part) && result.complaints.contains("charon log"), "\(result.complaints)")
        }
    }

    @Test("a page with lines of a configuration in it is no configuration, and a mail with some is one")
    func pages() throws {
        for page in ["README.md", "docs/findings.md", "docs/guide.md"] {
            let result = try Tool.run(["keys", "check", Shared.root + "/" + page])
            #expect(result.status == 65 && result.isOneComplaint && result.output == "", "\(page)")
        }
        let mail = """
            Hi Jo,

            this is what the router has, can you look at it?
            Thanks

            crypto isakmp key Mail-S3cret address 198.51.100.20
            crypto map VPN 10 ipsec-isakmp
             set peer 198.51.100.20
            """
        let flush = """
            R1#show run | section crypto
            crypto isakmp policy 10
            encr aes 256
            authentication pre-share
            group 14
            lifetime 28800
            crypto keyring K
            local-address 192.0.2.1
            pre-shared-key address 198.51.100.20 key Flush-S3cret
            crypto ipsec transform-set T esp-aes esp-sha-hmac
            mode tunnel
            crypto map VPN 10 ipsec-isakmp
            set peer 198.51.100.20
            set transform-set T
            match address 101
            """
        for text in [mail, flush] {
            let result = try Tool.run(["keys", "check", scratch.file("config.txt", Array(text.utf8)), "-q"])
            #expect(result.status == 0 && result.output.contains("1 pre-shared key"), "\(result.complaints)")
        }
        for name in ["different-psk.left.cfg", "pfs.right.cfg"] {
            let result = try Tool.run(["keys", "check", Shared.root + "/captures/failures/" + name, "-q"])
            #expect(result.status == 0 && result.output.contains("1 pre-shared key"), "\(result.complaints)")
        }
    }

    @Test("keys that cannot be used are told once, with the line")
    func leftOut() throws {
        guard let capture = lab("51a-raw-esp-main/capture.pcap") else { return }
        let router = scratch.file(
            "r1.cfg",
            Array("crypto isakmp key 6 GHbXcA address 198.51.100.20\ncrypto isakmp key x address 10.0.0.1\n".utf8))
        let result = try Tool.run(["debug", capture, "--keys", router])
        #expect(result.status == 0 && result.isOneComplaint)
        #expect(result.complaints.contains("r1.cfg: line 1: left out: the key for 198.51.100.20 is encrypted (type 6)"))
        let listing = try Tool.run(["keys", "check", router]).output
        #expect(listing.contains("line 1: left out") && listing.contains("line 2: pre-shared key for 10.0.0.1"))
    }
}
