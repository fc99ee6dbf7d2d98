import AnalysisSupport
import Foundation
import ScopeCrypto
import ScopeFormatters
import ScopeModel
import ScopeWire
import TestSupport
import Testing

/// Transcripts that were read against the format reference, line by line, before they were committed.
///
/// With IKESCOPE_RECORD set in the environment they are written anew, and the tests fail: read the difference first.
@Suite("Transcripts are what was read against the reference")
struct GoldenTests {
    struct Transcript: CustomTestStringConvertible, Sendable {
        var capture: String
        var golden: String
        var isResponder: Bool
        var family = LineFamily.classic
        var details: IKEv2Details = []
        var testDescription: String { golden }
    }

    /// The captures whose transcripts are kept, by the name of their golden files.
    static let names = [
        ("main-mode/raw-esp", "raw-esp"), ("quick-mode/pfs-group14", "pfs-group14"),
        ("rekey/raw-esp-rekey", "raw-esp-rekey"), ("interop/strongswan-libreswan", "strongswan-libreswan"),
        ("remote-access/xauth-mode-config", "xauth-mode-config"), ("remote-access/hybrid-xauth", "hybrid-xauth"),
        ("main-mode/both-initiate", "both-initiate"),
    ]

    /// Captures of IKEv2 of which each view is kept in each family.
    static let wholeIKEv2 = [
        ("ikev2/psk", "ikev2-psk"), ("ikev2/ios-shape", "ikev2-ios-shape"),
        ("ikev2/refused-proposal", "ikev2-refused-proposal"), ("ikev2/refused-psk", "ikev2-refused-psk"),
        ("ikev2/refused-child", "ikev2-refused-child"),
    ]

    /// Those of which one view is kept in one family, the other one in the other.
    static let longIKEv2 = [
        ("ikev2/certificate-fragments", "ikev2-certificate-fragments"), ("ikev2/eap-mschapv2", "ikev2-eap-mschapv2"),
        ("ikev2/rekeying", "ikev2-rekeying"), ("ikev2/multi-ke", "ikev2-multi-ke"),
        ("ikev2/signatures", "ikev2-signatures"),
    ]

    static let ikev2 =
        wholeIKEv2.flatMap { capture, golden in
            [false, true].flatMap { isResponder in
                LineFamily.allCases.map { family in
                    Transcript(
                        capture: capture, golden: name(golden, isResponder, family), isResponder: isResponder,
                        family: family)
                }
            }
        }
        + longIKEv2.flatMap { capture, golden in
            [
                Transcript(capture: capture, golden: name(golden, false, .classic), isResponder: false),
                Transcript(capture: capture, golden: name(golden, true, .xe), isResponder: true, family: .xe),
            ]
        }
        + [false, true].map { isResponder in
            Transcript(
                capture: "ikev2/ios-shape", golden: name("ikev2-ios-shape-details", isResponder, .xe),
                isResponder: isResponder, family: .xe, details: [.packet, .internal])
        }

    private static func name(_ stem: String, _ isResponder: Bool, _ family: LineFamily) -> String {
        stem + (isResponder ? ".responder" : ".initiator") + (family == .xe ? ".xe" : "") + ".txt"
    }

    static let transcripts =
        names.flatMap { capture, golden in
            [
                Transcript(capture: capture, golden: "\(golden).initiator.txt", isResponder: false),
                Transcript(capture: capture, golden: "\(golden).responder.txt", isResponder: true),
            ]
        } + [
            Transcript(
                capture: "main-mode/raw-esp", golden: "raw-esp.initiator.xe.txt", isResponder: false, family: .xe),
            Transcript(
                capture: "main-mode/raw-esp", golden: "raw-esp.responder.xe.txt", isResponder: true, family: .xe),
            Transcript(
                capture: "failures/proxy-identities", golden: "proxy-identities.initiator.xe.txt", isResponder: false,
                family: .xe),
            Transcript(
                capture: "failures/proxy-identities", golden: "proxy-identities.responder.xe.txt", isResponder: true,
                family: .xe),
        ] + ikev2

    @Test("the transcript of each view is the golden one", arguments: transcripts)
    func golden(transcript: Transcript) throws {
        let base = Shared.root + "/captures/" + transcript.capture
        var options = IOSDebugFormatter.Options()
        options.zone = .utc
        options.view = transcript.isResponder ? .responder : .initiator
        options.family = transcript.family
        options.details = transcript.details
        let keys = try KeyFile.load(base + ".keys.json")
        let run = try Analysis.of(base + ".pcap", keys: [keys], debug: options)
        let path = Shared.root + "/Tests/TranscriptTests/Golden/" + transcript.golden
        guard ProcessInfo.processInfo.environment["IKESCOPE_RECORD"] == nil else {
            try Data(run.transcript).write(to: URL(filePath: path))
            Issue.record("recorded \(transcript.golden): read the difference before committing it")
            return
        }
        let wanted = String(decoding: Shared.bytes(path) ?? [], as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
        let got = run.text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, pair) in zip(got, wanted).enumerated() where pair.0 != pair.1 {
            Issue.record("line \(index + 1) is \"\(pair.0)\", not \"\(pair.1)\"")
            return
        }
        #expect(got.count == wanted.count)
    }

    @Test("without annotations, nothing is left but what a router prints", arguments: transcripts)
    func routerLinesAlone(transcript: Transcript) throws {
        let base = Shared.root + "/captures/" + transcript.capture
        var options = IOSDebugFormatter.Options()
        options.zone = .utc
        options.view = transcript.isResponder ? .responder : .initiator
        options.family = transcript.family
        options.details = transcript.details
        let keys = [try KeyFile.load(base + ".keys.json")]
        let with = try Analysis.of(base + ".pcap", keys: keys, debug: options)
        options.annotations = false
        let without = try Analysis.of(base + ".pcap", keys: keys, debug: options)
        let lines = with.text.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix("! ") }
        #expect(without.text == lines.joined(separator: "\n"))
        #expect(!without.text.split(separator: "\n").contains { $0.hasPrefix("!") })
    }
}
