import AnalysisSupport
import IKEScope
import ScopeFormatters
import ScopeModel
import ScopeWire
import TestSupport
import Testing

/// The answer of Quick Mode names less traffic than was asked for: 10.1.0.0/24 and 10.2.0.0/24 in place of everything.
@Suite("Selectors that the responder narrowed") struct NarrowedTests {
    private func talk() throws -> Talk { try Talk(of: "quick-mode/narrowed") }

    private func text(_ formatter: some EventFormatter) throws -> String {
        let talk = try talk()
        return try Analysis.of(
            Shared.root + "/captures/quick-mode/narrowed.pcap", keys: talk.keys, formatter: Supplied(formatter)
        ).text
    }

    @Test("stand in the transcript, with a remark where they differ from what was asked for")
    func transcript() throws {
        let lines = try text(IOSDebugFormatter()).split(separator: "\n")
        #expect(lines.contains("! for traffic between 10.1.0.0/24 (the initiator) and 0.0.0.0/0 (the responder)"))
        #expect(
            lines.contains {
                $0.hasPrefix("! the responder answers with other traffic than the request")
                    && $0.hasSuffix("10.1.0.0/24 (the initiator) and 10.2.0.0/24 (the responder)")
            })
        #expect(lines.contains("        (proxy 10.1.0.0 to 10.2.0.0)"))
        #expect(!lines.contains { $0.contains("remote_proxy= 0.0.0.0") })
    }

    @Test("stand in show and in JSON, and what lies outside them is counted")
    func views() throws {
        var options = ShowFormatter.Options()
        options.isDetailed = true
        let show = try text(ShowFormatter(.ipsecSA, options))
        #expect(show.contains("remote ident (addr/mask/prot/port): (10.2.0.0/255.255.255.0/0/0)"))
        #expect(show.contains("out: 4 packets outside the negotiated selectors"))
        let json = try text(EventJSONFormatter())
        #expect(
            json.contains(
                #""responder_proxy":{"id_type":4,"id_type_name":"ID_IPV4_ADDR_SUBNET","ip_protocol":0,"port":0,"identity":"10.2.0.0/24"}"#
            ))
        #expect(json.contains(#""outside_selectors":4"#) && !json.contains(#""identity":"0.0.0.0/0"},"keys""#))
    }

    @Test("are those that were asked for where the answer stays closed, or repeats them")
    func nearMisses() throws {
        let run = try talk().analysed()
        let children = run.events.compactMap { event -> ChildSA? in
            if case .ipsecSAs(let child) = event.kind { child } else { nil }
        }
        let child = try #require(children.first)
        let (asked, traffic) = (try #require(child.negotiation.asked?.traffic), try #require(child.negotiation.traffic))
        #expect(asked.contains(traffic) && asked != traffic)
        // An answer with the same identities narrows nothing, and nothing is said.
        let plain = try Talk(of: "main-mode/raw-esp").analysed(formatter: IOSDebugFormatter())
        #expect(!plain.text.contains("answers with other traffic"))
    }
}
