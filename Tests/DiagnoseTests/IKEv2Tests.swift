import AnalysisSupport
import IKEScope
import ScopeCrypto
import ScopeDissect
import ScopeFormatters
import ScopeModel
import ScopeWire
import TestSupport
import Testing

/// What a negotiation that cannot be read makes may be anything: nothing may be said that rests on there being no IKE.
@Suite("Where two peers speak IKEv2, nothing is said that rests on the absence of IKE")
struct IKEv2Tests {
    /// Captures of the lab that hold IKEv2, by their names, and the public ones, which are looked into.
    static let captures: [String] = {
        let lab = Shared.list("captures/lab").filter { $0.contains("-v2") }.map { "captures/lab/" + $0 }
        let more = Shared.list("captures/lab-v2").filter { $0.contains("-v2") }.map { "captures/lab-v2/" + $0 }
        let folders = (lab + more).compactMap(Shared.path).flatMap { folder in
            Shared.names(inFolder: folder).filter { $0.hasPrefix("capture") }.map { folder + "/" + $0 }
        }
        let open = Shared.list("captures/public").filter { $0.hasSuffix(".pcap") || $0.hasSuffix(".pcapng") }
        return folders + open.compactMap { Shared.path("captures/public/" + $0) }
    }()

    /// Who speaks IKEv2.
    private static func speakers(_ run: Analysis) -> Set<Set<IPAddress>> {
        Set(
            run.events.compactMap { event in
                guard case .ikeMessage(let message) = event.kind, message.step.version == .v2 else {
                    return nil
                }
                return [message.source.address, message.destination.address]
            })
    }

    /// The IKE SAs whose first request is in the capture.
    private static func begun(_ run: Analysis) -> Set<Int> {
        Set(
            run.events.compactMap { event in
                guard case .ikeMessage(let message) = event.kind, message.message.header.messageID == 0,
                    message.message.header.responderSPI == 0
                else { return nil }
                return message.sa?.id
            })
    }

    @Test("neither in diagnose nor in a transcript nor in a session", arguments: captures)
    func honest(path: String) throws {
        let run = try Analysis.of(path, debug: IOSDebugFormatter.Options())
        let speakers = Self.speakers(run)
        // The lab's captures that hold no IKEv2 are those of peers that never got so far.
        guard !speakers.isEmpty else { return }
        let transcript = String(decoding: run.transcript, as: UTF8.self)
        if !run.events.contains(where: { $0.isIKEv1 }) { #expect(!transcript.contains("both sides initiate")) }
        let found = try Found(path)
        let begun = Self.begun(run)
        for finding in found.findings where [.espNoIKE, .capLateStart].contains(finding.id) {
            // Of several negotiations one may have begun before the capture.
            let isLate = finding.id == .capLateStart && finding.ikeSA.map { !begun.contains($0) } ?? false
            #expect(isLate || !speakers.contains(Set(finding.peers)), "\(finding.id) of \(finding.peers)")
        }
        for peers in found.peers where speakers.contains([peers.initiator, peers.responder]) {
            #expect(peers.verdict != "no IKE seen")
            #expect(peers.reached != "only ESP or AH")
        }
        let views = try Analysis.of(path, formatter: Supplied(ShowFormatter(.session)))
        let session = String(decoding: views.transcript, as: UTF8.self)
        for block in session.split(separator: "Interface: ") where block.contains("UP-NO-IKE") {
            let peer = block.split(separator: "Peer: ").last?.prefix { $0 != " " }
            #expect(!speakers.contains { $0.contains { "\($0)" == peer ?? "" } }, "\(block)")
        }
    }

    @Test("of keys that IKEv2 may need, none is said to belong to nothing here")
    func keys() throws {
        guard let path = LabScenario("30a-v2-psk").path("capture.pcap") else { return }
        let spi = try #require(
            try Analysis.of(path).events.lazy.compactMap { event -> UInt64? in
                if case .ikeMessage(let message) = event.kind { message.sa?.initiatorSPI } else { nil }
            }.first)
        let digits = String(spi, radix: 16)
        let name = String(repeating: "0", count: 16 - digits.count) + digits
        let text =
            #"{"schema": "ikescope.keys/1", "psk": [{"peer": "198.51.100.20", "key": "a"}, {"peer": "*", "key": "b"}, "#
            + #"{"peer": "203.0.113.99", "key": "c"}], "dh": [{"private": "0102"}, "#
            + #"{"shared": "0304", "initiator_spi": "\#(name)"}, "#
            + #"{"shared": "0304", "initiator_spi": "0000000000000001"}]}"#
        let run = try Analysis.of(path, keys: [try KeyFile(bytes: Array(text.utf8), path: "k.json")])
        let strangers = run.unusedKeys.filter { $0.contains("no IKE SA of this capture has") }
        #expect(
            strangers == [
                "psk[2] (203.0.113.99): no IKE SA of this capture has this peer",
                "dh[2].shared: no IKE SA of this capture has initiator SPI 0000000000000001",
            ])
        #expect(run.unusedKeys.contains { $0.hasPrefix("dh[1].shared: does not open the IKE SA") && $0.contains(name) })
    }
}

extension Event {
    fileprivate var isIKEv1: Bool {
        if case .ikeMessage(let message) = kind { message.step.version != .v2 } else { false }
    }
}
