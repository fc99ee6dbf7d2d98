import AnalysisSupport
import Foundation
import IKEScope
import ScopeConfig
import ScopeCrypto
import ScopeFormatters
import ScopeModel
import TestSupport
import Testing

@Suite("A configuration fills in what a capture cannot know")
struct ConfiguredTests {
    private func transcript(_ name: String, _ sides: [String], isResponder: Bool) throws -> [String] {
        let base = Shared.root + "/captures/failures/" + name
        var options = IOSDebugFormatter.Options()
        options.view = isResponder ? .responder : .initiator
        options.annotations = false
        let knowledge = ConfiguredDevices(try sides.map { try IOSConfig.load("\(base).\($0).cfg") })
        let run = try Analysis.of(
            base + ".pcap", keys: [try KeyFile.load(base + ".keys.json")],
            formatter: IOSDebugFormatter(options, knowledge: knowledge))
        return run.text.split(separator: "\n").map { String($0.drop { $0 != "I" }) }
    }

    /// Section 4.2 and 3.3 of the format's reference; RIGHT has 3DES and MD5 as policy 10.
    @Test("the responder's refusal names its policy, and the first attribute that differs")
    func refusal() throws {
        let lines = try transcript("phase1-proposal", ["left", "right"], isResponder: true)
        let start = try #require(lines.firstIndex(of: "ISAKMP:(0):found peer pre-shared key matching 192.0.2.10"))
        #expect(lines[start + 1] == "ISAKMP:(0): local preshared key found")
        #expect(lines[start + 2] == "ISAKMP:(0):Checking ISAKMP transform 1 against priority 10 policy")
        #expect(lines[start + 10] == "ISAKMP:(0):Encryption algorithm offered does not match policy!")
        #expect(lines[start + 11] == "ISAKMP:(0):atts are not acceptable. Next payload is 0")
        #expect(lines[start + 12] == "ISAKMP:(0):no offers accepted!")
        #expect(!lines.contains { $0.contains("priority ? policy") })
    }

    @Test("without the device's own configuration nothing is made up")
    func absent() throws {
        let lines = try transcript("phase1-proposal", ["left"], isResponder: true)
        #expect(lines.contains("ISAKMP:(0):Checking ISAKMP transform 1 against priority ? policy"))
        #expect(!lines.contains { $0.contains("pre-shared key matching") || $0.contains("does not match policy") })
    }

    @Test("the initiator finds the key at each place where IOS says so, and takes the answer by its policy")
    func initiator() throws {
        let lines = try transcript("pfs", ["left"], isResponder: false)
        #expect(lines.count { $0 == "ISAKMP:(0):found peer pre-shared key matching 198.51.100.20" } == 3)
        #expect(lines.contains("ISAKMP:(0):Checking ISAKMP transform 1 against priority 10 policy"))
    }

    /// Section 9.1 of the format's reference; map OUTSIDE 10 of LEFT, and what IOS has where no lifetime is configured.
    @Test("what IPsec asks for before Main Mode is printed where the configuration names map and peer")
    func request() throws {
        let base = Shared.root + "/captures/failures/pfs"
        var options = IOSDebugFormatter.Options()
        options.annotations = false
        func text(_ sides: [String]) throws -> String {
            let knowledge = ConfiguredDevices(try sides.map { try IOSConfig.load("\(base).\($0).cfg") })
            return try Analysis.of(
                base + ".pcap", keys: [], formatter: IOSDebugFormatter(options, knowledge: knowledge)
            )
            .text
        }
        let told = try text(["left"])
        let first = try #require(told.range(of: "IPSEC(sa_request): ,\n"))
        #expect(
            told[first.upperBound...].hasPrefix(
                """
                  (key eng. msg.) OUTBOUND local= 192.0.2.10:500, remote= 198.51.100.20:500,
                    local_proxy= 10.1.0.0/255.255.255.0/0/0 (type=4),
                    remote_proxy= 10.2.0.0/255.255.255.0/0/0 (type=4),
                    protocol= ESP, transform= esp-aes esp-sha-hmac  (Tunnel), \n\
                    lifedur= 3600s and 4608000kb, \n\
                    spi= 0x0(0), conn_id= 0, keysize= 128, flags= 0x0

                """), "\(told.prefix(900))")
        let mainMode = try #require(told.range(of: "beginning Main Mode exchange"))
        #expect(first.lowerBound < mainMode.lowerBound)
        // The other side's configuration does not say what this one asks for.
        #expect(try !text(["right"]).contains("sa_request"))
    }
}
