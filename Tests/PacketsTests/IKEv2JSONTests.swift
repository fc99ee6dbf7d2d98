import AnalysisSupport
import Foundation
import IKEScope
import ScopeCrypto
import ScopeDissect
import ScopeFormatters
import ScopeModel
import TestSupport
import Testing

@Suite("JSON says what an exchange of IKEv2 is for and what became of it") struct IKEv2JSONTests {
    private func packets(_ name: String) throws -> [[String: Any]] {
        let base = Shared.root + "/captures/ikev2/" + name
        return try Listing.of(
            base + ".pcap", keys: [try KeyFile.load(base + ".keys.json")], with: PacketJSONFormatter()
        )
        .listing.objects().filter { $0["protocol"] as? String == "isakmp" }
    }

    private func events(_ name: String, _ kind: String) throws -> [[String: Any]] {
        let base = Shared.root + "/captures/ikev2/" + name
        return try Listing.of(base + ".pcap", keys: [try KeyFile.load(base + ".keys.json")], with: EventJSONFormatter())
            .listing.objects().filter { $0["kind"] as? String == kind }
    }

    /// The page of the capture says which message is which: the responder rekeys the child and deletes the old one.
    @Test("the purpose of a request is that of its answer, which names the request")
    func purposes() throws {
        let found = try packets("ios-shape").map { message in
            [
                "\(message["frame"] ?? "")", message["purpose"] as? String ?? "",
                (message["request"] as? [String: Any]).map { "\($0["message_id"] ?? "") of \($0["frame"] ?? "")" }
                    ?? "",
            ].joined(separator: " ")
        }
        #expect(
            found == [
                "1 initial ", "2 initial 0 of 1", "3 authentication ", "4 authentication 1 of 3", "11 liveness ",
                "12 liveness 2 of 11", "13 liveness ", "14 liveness 0 of 13", "15 rekey-child ",
                "16 rekey-child 1 of 15", "21 delete-children ", "22 delete-children 2 of 21", "25 delete-ike ",
                "26 delete-ike 3 of 25",
            ])
    }

    @Test("a rekeying names the SPI of N(REKEY_SA)")
    func rekeyed() throws {
        for message in try packets("ios-shape") where message["purpose"] as? String == "rekey-child" {
            let rekeys = try #require(message["rekeys"] as? [String: Any])
            #expect(rekeys["spi"] as? String == "0x53f5683d" && rekeys["protocol"] as? String == "ESP")
        }
        let pairs = try events("ios-shape", "ipsec_sas")
        #expect(pairs.map { ($0["rekeys"] as? [String: Any])?["spi"] as? String } == [nil, "0x53f5683d"])
    }

    @Test("AUTH is told with the key or the certificate that it fits")
    func authentication() throws {
        for name in ["psk", "ios-shape"] {
            let proofs = try packets(name).compactMap { $0["auth"] as? [String: Any] }
            #expect(proofs.map { $0["by"] as? String } == ["initiator", "responder"])
            for proof in proofs {
                #expect(proof["result"] as? String == "ok" && proof["auth_method"] as? Int == 2, "\(name)")
                #expect((proof["key"] as? String)?.hasPrefix("psk[0]") == true, "\(name)")
            }
        }
        for message in try packets("signatures") where message["purpose"] as? String == "authentication" {
            let proof = try #require(message["auth"] as? [String: Any])
            let payloads = try #require(message["payloads"] as? [[String: Any]])
            let data = try #require(payloads.first { $0["name"] as? String == "CERT" }?["data"] as? String)
            #expect(proof["result"] as? String == "ok")
            // The first certificate of a side is that of the side itself (RFC 7296 section 3.6).
            guard let digest = try Self.sha256(ofHex: data) else { return }
            #expect(proof["certificate"] as? String == digest)
        }
    }

    /// The openssl program's; nil, with a visible line, where it is absent.
    private static func sha256(ofHex hex: String) throws -> String? {
        let file = FileManager.default.temporaryDirectory.appending(path: "ikescope-\(UUID().uuidString).der")
        defer { try? FileManager.default.removeItem(at: file) }
        var (bytes, rest) = ([UInt8](), hex[...])
        while let byte = UInt8(rest.prefix(2), radix: 16) {
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        try Data(bytes).write(to: file)
        return try output(of: "openssl", ["dgst", "-sha256", "-r", file.path])?.split(separator: " ").first
            .map(String.init)
    }

    @Test("a wrong PSK is told as an AUTH that nothing at hand gives")
    func wrong() throws {
        let text = """
            {"schema": "ikescope.keys/1", "psk": [{"peer": "*", "key": "not this one"}],
             "dh": [{"private": "\(try Self.exponent("psk"))"}]}
            """
        let keys = try KeyFile(bytes: Array(text.utf8), path: "wrong.json")
        let listing = try Listing.of(
            Shared.root + "/captures/ikev2/psk.pcap", keys: [keys], with: PacketJSONFormatter()
        ).listing
        let proofs = try listing.objects().compactMap { $0["auth"] as? [String: Any] }
        #expect(proofs.map { $0["result"] as? String } == ["wrong", "wrong"])
        #expect(proofs.allSatisfy { $0["key"] == nil && $0["why"] != nil })
    }

    private static func exponent(_ name: String) throws -> String {
        let path = Shared.root + "/captures/ikev2/\(name).keys.json"
        let object = try JSONSerialization.jsonObject(with: Data(Shared.bytes(path) ?? [])) as? [String: Any]
        return try #require((object?["dh"] as? [[String: Any]])?.first?["private"] as? String)
    }

    @Test("a pair has its suite by the numbers of IKEv2's registry, and all of its traffic")
    func pairs() throws {
        let pair = try #require(try events("psk", "ipsec_sas").first)
        let transform = try #require(pair["transform"] as? [String: Any])
        #expect(transform["encryption"] as? Int == 12 && transform["encryption_name"] as? String == "AES_CBC")
        #expect(transform["key_length"] as? Int == 256 && transform["esn"] as? Bool == false)
        #expect(transform["integrity"] as? Int == 12 && transform["integrity_name"] as? String == "HMAC_SHA2_256_128")
        #expect(pair["mode"] as? String == "udp-tunnel" && pair["narrowed"] == nil)
        for (member, network) in [("initiator_selectors", "10.1.0"), ("responder_selectors", "10.2.0")] {
            let selectors = try #require(pair[member] as? [[String: Any]])
            #expect(selectors.count == 1)
            #expect(selectors.first?["first"] as? String == network + ".0")
            #expect(selectors.first?["last"] as? String == network + ".255")
        }
        let keys = try #require(try events("multi-ke", "ike_keys").first?["transform"] as? [String: Any])
        #expect(keys["group"] as? Int == 31 && keys["additional_groups"] as? [Int] == [36])
    }

    /// The link from KE to Nonce is made one to a vendor ID.
    @Test("a message that lacks a payload is told with what it lacks")
    func breaches() throws {
        var frames = try Analysis.frames(Shared.root + "/captures/ikev2/psk.pcap")
        let place = try #require(frames.firstIndex { $0.bytes.count == 526 })
        let nonce = try #require(frames[place].bytes.firstRange(of: [40, 0, 1, 8, 0, 14]))
        frames[place].bytes[nonce.lowerBound] = 43
        let found = try Listing.ofFrames([frames[place]], with: PacketJSONFormatter()).objects()
        let breaches = found.first?["breaches"] as? [[String: Any]]
        #expect(breaches?.count == 1)
        #expect(breaches?.first?["kind"] as? String == "missing" && breaches?.first?["type"] as? Int == 40)
    }

    @Test("IKEv1 has none of these members")
    func version1() throws {
        let base = Shared.root + "/captures/rekey/raw-esp-rekey"
        let objects = try Listing.of(
            base + ".pcap", keys: [try KeyFile.load(base + ".keys.json")], with: EventJSONFormatter()
        ).listing.objects()
        let own: Set = ["purpose", "request", "auth", "successor", "breaches", "stage", "mode", "initiator_selectors"]
        for object in objects {
            var members = own.intersection(object.keys)
            if object["kind"] as? String == "ike_message" { members.remove("mode") }
            if object["kind"] as? String == "ike_keys" { members.remove("mode") }
            #expect(members.isEmpty)
        }
    }
}
