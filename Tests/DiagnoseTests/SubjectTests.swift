import AnalysisSupport
import ScopeModel
import TestSupport
import Testing

@Suite("A finding names the IKE SA and the SPI that it speaks of")
struct SubjectTests {
    /// Findings about the capture, or about what is the same of all peers.
    private static let ofNoSA: Set<FindingID> = [
        .capDuplicates, .capDrops, .capTimeStep, .capOffload, .capSnaplen, .capOneWay, .duplicateLoop, .spoofOrScan,
        .icmpUnreachable, .mtuPTB, .capBothSidesOfCrypto,
    ]

    @Test(
        "an IKE SA of the capture, wherever it speaks of a negotiation",
        arguments: ShippedTests.failures.map(\.capture) + ShippedTests.healthy)
    func ikeSA(capture: String) throws {
        let base = ShippedTests.base(capture)
        let known = Set(try Analysis.of(base + ".pcap").messages.compactMap { $0.sa?.id })
        for found in try Shown.shipped(capture).found() {
            for finding in found.findings where !Self.ofNoSA.contains(finding.id) {
                // Without keys nothing tells which IKE SA an ESP SA is of.
                guard finding.ikeSA != nil || finding.spi == nil else { continue }
                let sa = try #require(finding.ikeSA, "\(finding.id)")
                #expect(known.contains(sa), "\(finding.id)")
            }
        }
    }

    @Test("an attempt's own number, where there are several")
    func several() throws {
        let found = try ShippedTests.found("failures/peer-restart")
        let reboot = try #require(found.first(.peerReboot))
        let run = try Analysis.of(ShippedTests.base("failures/peer-restart") + ".pcap")
        let ids = run.messages.compactMap { $0.sa?.id }
        let own = try #require(reboot.ikeSA)
        #expect(own != ids.first && ids.contains(own))
    }

    @Test("an SPI of the capture, where it speaks of an ESP or AH SA")
    func spi() throws {
        let shown: [(Found, FindingID)] = [
            (try ShippedTests.found("failures/no-return-traffic"), .oneWayInner),
            (try ShippedTests.found("failures/peer-restart"), .peerReboot),
            (try MadePathTests.oldSPI(seconds: 120), .oldSPIUsed),
            (try MadePathTests.clear(MadePathTests.isOther), .clearLeak),
            (try MadePathTests.sequence(0xff00_0009), .espSeqWrap),
            (try ShippedTests.found("main-mode/raw-esp"), .weakNoPFS),
            (try MadePathTests.clear(MadePathTests.isInside), .capBothSidesOfCrypto),
            (try ShippedTests.found("hostile/selector-range-reversed-v4"), .idRangeReversed),
        ]
        for (found, id) in shown {
            let finding = try #require(found.first(id), "\(id)")
            #expect(finding.spi != nil, "\(id)")
        }
        let accounts = try Analysis.of(ShippedTests.base("failures/no-return-traffic") + ".pcap").accounts
        let spi = try #require(shown[0].0.first(.oneWayInner)?.spi)
        #expect(accounts.map(\.spi).contains(spi))
        // The phase 1 proposal is no matter of an SPI.
        #expect(try ShippedTests.found("failures/phase1-hash").first(.p1ProposalMismatch)?.spi == nil)
    }
}
