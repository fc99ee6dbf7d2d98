import AnalysisSupport
import Foundation
import TestSupport
import Testing

/// Keys of IKEv2 that do not fit: one line names the key and what it was tried on, and nothing comes out.
@Suite("Keys of IKEv2 that do not fit are named, and open nothing")
struct IKEv2WrongKeyTests {
    let scratch = Scratch()
    private static let names = ["sk_d", "sk_ai", "sk_ar", "sk_ei", "sk_er", "sk_pi", "sk_pr"]

    /// The SK_* of the first IKE SA of a scenario, as a row of a key file.
    private static func row(_ scenario: String) throws -> [String: Any]? {
        guard let sa = try IKEv2Scenario.named(scenario)?.ikeSAs().first else { return nil }
        var row: [String: Any] = ["version": 2]
        row["initiator_spi"] = sa.row["spi_i"]
        row["responder_spi"] = sa.row["spi_r"]
        for name in names { row[name] = sa.row["SK_" + name.dropFirst(3)] }
        return row
    }

    /// What `keys check` says of 30a-v2-psk with a key file, line by line; nil where the lab is absent.
    private func check(_ members: [String: Any]) throws -> [String]? {
        guard let path = IKEv2Scenario.named("30a-v2-psk")?.path("capture.pcap") else { return nil }
        let json = try JSONSerialization.data(
            withJSONObject: ["schema": "ikescope.keys/1"].merging(members) { $1 })
        let keys = scratch.file("keys.json", String(decoding: json, as: UTF8.self))
        let result = try Tool.run(["keys", "check", keys, path, "-q"])
        #expect(result.status == 0, "\(result.complaints)")
        // Nothing is made of what they decrypt.
        let listing = try Tool.run(["packets", path, "--keys", keys, "-q", "--format", "json"]).output
        if members["psk"] == nil { #expect(!listing.contains(#""decrypted":true"#)) }
        #expect(!listing.contains(#""integrity":"ok""#) || members["psk"] != nil)
        return result.output.split(separator: "\n").map(String.init)
    }

    private static let place = "an IKE_AUTH request of 192.0.2.10 - 198.51.100.20"

    @Test("g^xy with a wrong bit")
    func shared() throws {
        guard let sa = try IKEv2Scenario.named("30a-v2-psk")?.ikeSAs().first,
            var shared = sa.row["dh_shared"] as? String
        else { return }
        shared = String(shared.dropLast()) + (shared.hasSuffix("0") ? "1" : "0")
        let row: [String: Any] = ["shared": shared, "initiator_spi": try #require(sa.row["spi_i"])]
        guard let lines = try check(["dh": [row]]) else { return }
        #expect(
            lines.contains {
                $0.contains("closed: ")
                    && $0.hasSuffix("dh[0].shared tried on \(Self.place): its ICV is right under none")
            }, "\(lines)")
        #expect(lines.contains { $0.contains("dh[0].shared: does not open the IKE SA") }, "\(lines)")
    }

    @Test("the keys of another SA, under its own SPIs and under those of this one")
    func otherSA() throws {
        guard var other = try Self.row("35a-v2-rekey"), let own = try Self.row("30a-v2-psk"),
            let lines = try check(["ike": [other]])
        else { return }
        let spi = try #require(other["initiator_spi"] as? String)
        #expect(
            lines.contains { $0.hasSuffix("ike[0]: no IKE SA of this capture has initiator SPI \(spi)") }, "\(lines)")
        for name in ["initiator_spi", "responder_spi"] { other[name] = own[name] }
        let placed = try #require(try check(["ike": [other]]))
        #expect(
            placed.contains { $0.hasSuffix("ike[0] tried on \(Self.place): its ICV is right under none") }, "\(placed)")
    }

    @Test("the directions exchanged: of all keys, and of the cipher's alone")
    func directions() throws {
        guard let own = try Self.row("30a-v2-psk") else { return }
        var turned = own
        for (a, b) in [("sk_ei", "sk_er"), ("sk_ai", "sk_ar")] { (turned[a], turned[b]) = (own[b], own[a]) }
        guard let lines = try check(["ike": [turned]]) else { return }
        #expect(
            lines.contains {
                $0.hasSuffix(
                    "ike[0] tried on \(Self.place): its ICV is right under the keys that ike[0] gives for the other side"
                )
            }, "\(lines)")
        var half = own
        (half["sk_ei"], half["sk_er"]) = (own["sk_er"], own["sk_ei"])
        let told = try #require(try check(["ike": [half]]))
        #expect(
            told.contains {
                $0.hasSuffix(
                    "ike[0] tried on \(Self.place): under ike[0] its ICV is right, and what comes out is garbage: "
                        + "sk_ai is right, sk_ei is not")
            }, "\(told)")
    }

    @Test("a wrong PSK beside the right g^xy: the messages open, and AUTH speaks against it")
    func psk() throws {
        guard let sa = try IKEv2Scenario.named("30a-v2-psk")?.ikeSAs().first else { return }
        let row: [String: Any] = [
            "shared": try #require(sa.row["dh_shared"]), "initiator_spi": try #require(sa.row["spi_i"]),
        ]
        guard let lines = try check(["dh": [row], "psk": [["peer": "*", "key": "not it"]]]) else { return }
        #expect(lines.contains { $0.hasSuffix("opened by dh[0].shared") }, "\(lines)")
        #expect(
            lines.contains { $0.contains("psk[0] (*): fits no IKE SA (tried on \(Self.place)") }, "\(lines)")
    }
}
