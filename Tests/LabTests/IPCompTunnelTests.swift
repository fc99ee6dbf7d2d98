import AnalysisSupport
import ScopeModel
import TestSupport
import Testing

@Suite("A tunnel of IKEv2 that compresses (RFC 3173)") struct IPCompTunnelTests {
    /// Six packets of the capture are compressed; in clear they are what the lab saw (`plain-left.pcap`).
    @Test("compressed packets of a tunnel come out as what they were, and say so")
    func tunnel() throws {
        guard let scenario = IKEv2Scenario.named("222a-v2-ipcomp"), let path = scenario.path("capture.pcap"),
            let plain = scenario.path("plain-left.pcap"), let keys = try scenario.keys("dh-shared")
        else { return }
        let run = try Analysis.of(path, keys: [keys])
        #expect(run.inner.map(Plaintext.lasting) == (try Plaintext.packets(plain)).map(Plaintext.lasting))
        #expect(run.espPackets.count { $0.isInflated } == 6 && run.espPackets.count == 8)
        #expect(run.espPackets.allSatisfy { !$0.isUnderOuterHeader && $0.inner != nil && !$0.isOutsideSelectors })
    }
}
