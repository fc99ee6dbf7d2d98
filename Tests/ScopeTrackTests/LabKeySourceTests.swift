import AnalysisSupport
import Foundation
import ScopeCrypto
import ScopeDissect
import ScopeModel
import TestSupport
import Testing

@Suite("Captures of the lab open from the logs and tables that lie beside them")
struct LabKeySourceTests {
    struct Source: CustomTestStringConvertible, Sendable {
        var scenario: String
        var file: String
        var testDescription: String { "\(scenario)/\(file)" }

        /// Whether such a file has what opens IKE, or ESP.
        var opensIKE: Bool {
            file.hasSuffix("left.log") || file.hasSuffix("right.log") || file.hasSuffix("vpnc.log")
                || file.hasSuffix("ikev1_decryption_table")
        }
        var opensESP: Bool { !file.hasSuffix("ikev1_decryption_table") && !file.hasSuffix("ikev2_decryption_table") }
    }

    /// Two different PSKs: each log has what one side used.
    static let mismatched: Set = ["09a-wrong-psk", "64-libreswan-wrong-psk"]

    static let sources: [Source] = LabScenario.all.flatMap { scenario in
        let lab = LabScenario(scenario)
        let here = lab.names().filter { $0.hasSuffix(".log") || $0.contains("xfrm-state") }
        return (here + lab.names(in: "wireshark").map { "wireshark/\($0)" }).map {
            Source(scenario: scenario, file: $0)
        }
    }

    /// tshark's counts, made with the keys that the lab took from both daemons.
    private func oracle(_ scenario: String) throws -> [String: Int]? {
        guard let path = LabScenario(scenario).path("oracle.json"), let bytes = Shared.bytes(path) else { return nil }
        return try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Int]
    }

    @Test("as far as the file has keys", arguments: sources)
    func opens(source: Source) throws {
        let lab = LabScenario(source.scenario)
        guard let capture = lab.path("capture.pcap"), let path = lab.path(source.file),
            let oracle = try oracle(source.scenario), !Self.mismatched.contains(source.scenario),
            Shared.bytes(path)?.isEmpty == false
        else { return }
        let file = try KeyFile.load(path)
        #expect(file.refusedCount == 0, "\(file.refused)")
        let run = try Analysis.of(capture, keys: [file])
        var opened = 0
        let isV1 = run.messages.allSatisfy { $0.message.header.majorVersion == 1 }
        for message in run.messages where !message.message.ciphertext.isEmpty {
            guard case .opened(_, _, let proof) = message.opening else { continue }
            if case .failed(let name) = proof { Issue.record("\(name) is wrong") }
            opened += 1
        }
        if isV1 { #expect(opened == (source.opensIKE ? oracle["ike_decrypted_frames"] : 0)) }
        let verified = run.espPackets.count { if case .verified = $0.verdict { true } else { false } }
        #expect(verified == (source.opensESP ? oracle["esp_icv_good"] : 0))
    }

    @Test("with different PSKs each log opens what its side sent, and both logs everything")
    func mismatch() throws {
        let lab = LabScenario("09a-wrong-psk")
        guard let capture = lab.path("capture.pcap"), let left = lab.path("left.log"), let right = lab.path("right.log")
        else { return }
        func opened(_ files: [String]) throws -> [Role: Int] {
            let run = try Analysis.of(capture, keys: try files.map { try KeyFile.load($0) })
            var counts: [Role: Int] = [:]
            for message in run.messages {
                if case .opened = message.opening { counts[message.sender, default: 0] += 1 }
            }
            return counts
        }
        let whole = try opened([left, right])
        #expect(whole.values.reduce(0, +) == 8 && whole.count == 2)
        #expect(try opened([left]) == [.initiator: whole[.initiator] ?? 0])
        #expect(try opened([right]) == [.responder: whole[.responder] ?? 0])
    }

    @Test("a PSK out of an IOS configuration and an exponent out of JSON open everything")
    func mixed() throws {
        let lab = LabScenario("02a-main-psk-aes256")
        guard let capture = lab.path("capture.pcap"), let exponent = try lab.keys("dh-private-initiator") else {
            return
        }
        let router = try KeyFile(
            bytes: Array("hostname R1\n!\ncrypto isakmp key cisco123-LabKey! address 198.51.100.20\n!\nend\n".utf8),
            path: "r1.cfg")
        for keys in [[router, exponent], [exponent, router, router, exponent]] {
            let run = try Analysis.of(capture, keys: keys)
            #expect(
                run.messages.allSatisfy { if case .opened = $0.opening { true } else { $0.message.ciphertext.isEmpty } }
            )
            #expect(run.inner.count == 19)
            #expect(
                run.keyStatuses == [
                    .opened(
                        by: .one(
                            KeyName(
                                "r1.cfg: psk at line 3 (198.51.100.20) with \(exponent.baseName): dh[0].private")))
                ])
            #expect(run.unusedKeys == [])
        }
    }

    // MARK: Prefixes

    /// The log as another way of logging would have it.
    struct Form: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var change: @Sendable (String) -> String
    }

    /// `2026-11-23T08:47:05.380 15[IKE] <gw|1> text` in its parts.
    private static func parts(_ line: String) -> (marker: String, sa: String, text: String) {
        let behindTime = line.drop { $0 != " " }.dropFirst()
        let marker = behindTime.prefix { $0 != " " }
        var text = behindTime.dropFirst(marker.count + 1)
        var sa = ""
        if text.hasPrefix("<"), let end = text.range(of: "> ") {
            sa = String(text[..<end.upperBound])
            text = text[end.upperBound...]
        }
        return (String(marker), sa, String(text))
    }

    private static func isDump(_ text: String) -> Bool {
        let bare = text.drop { $0 == " " }
        return bare.prefix { $0 != ":" }.allSatisfy(\.isNumber) && bare.contains(": ")
    }

    static let forms: [Form] = [
        Form(testDescription: "a file without times") { line in
            let (marker, sa, text) = parts(line)
            return "\(marker) \(sa)\(text)"
        },
        Form(testDescription: "a file without names of IKE SAs") { line in
            let (marker, _, text) = parts(line)
            return "\(marker) \(text)"
        },
        Form(testDescription: "syslog") { line in
            let (marker, sa, text) = parts(line)
            return "Nov 23 08:47:05 gw charon: \(marker) \(sa)\(text)"
        },
        Form(testDescription: "syslog with a process number, and ends of lines of another system") { line in
            let (marker, sa, text) = parts(line)
            return "<30>Nov 23 08:47:05 gw charon-systemd[8152]: \(marker) \(sa)\(text)\r"
        },
        Form(testDescription: "the journal, which has thread and IKE SA elsewhere") { line in
            let (_, _, text) = parts(line)
            return isDump(text)
                ? "                                       \(text)" : "Nov 23 08:47:05 gw charon-systemd[8152]: \(text)"
        },
    ]

    @Test("whatever charon's lines are led by", arguments: forms)
    func prefixes(form: Form) throws {
        for (scenario, esp) in [("08a-rekey", 34), ("03a-pfs-modp2048", 19), ("35a-v2-rekey", 34), ("17b-esp-gcm", 19)]
        {
            let lab = LabScenario(scenario)
            guard let capture = lab.path("capture.pcap"), let path = lab.path("right.log"),
                let bytes = Shared.bytes(path)
            else { return }
            let text = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { form.change(String($0)) }
                .joined(separator: "\n")
            let file = try KeyFile(bytes: Array(text.utf8), path: "right.log")
            #expect(file.format == .charon)
            let run = try Analysis.of(capture, keys: [file])
            #expect(run.inner.count == esp, "\(scenario)")
        }
    }

    @Test("two threads that write between each other's lines are told apart")
    func interleaved() throws {
        let (first, second) = (LabScenario("02a-main-psk-aes256"), LabScenario("03a-pfs-modp2048"))
        guard let a = first.path("left.log").flatMap(Shared.bytes),
            let b = second.path("left.log").flatMap(Shared.bytes),
            let captureA = first.path("capture.pcap"), let captureB = second.path("capture.pcap")
        else { return }
        let linesA = String(decoding: a, as: UTF8.self).split(separator: "\n").map(String.init)
        // Another thread and another IKE SA of the same daemon; it began once.
        let linesB = String(decoding: b, as: UTF8.self).split(separator: "\n").filter { !$0.contains("Starting IKE") }
            .map { line -> String in
                let (marker, sa, text) = Self.parts(String(line))
                return "2026-11-23T08:47:05.380 1\(marker) \(sa.replacingOccurrences(of: "1>", with: "77>"))\(text)"
            }
        var merged: [String] = []
        for index in 0..<max(linesA.count, linesB.count) {
            if index < linesA.count { merged.append(linesA[index]) }
            if index < linesB.count { merged.append(linesB[index]) }
        }
        let file = try KeyFile(bytes: Array(merged.joined(separator: "\n").utf8), path: "both.log")
        for capture in [captureA, captureB] {
            let run = try Analysis.of(capture, keys: [file])
            #expect(run.inner.count == 19)
            #expect(
                run.messages.allSatisfy { if case .opened = $0.opening { true } else { $0.message.ciphertext.isEmpty } }
            )
        }
    }

    @Test("a log without SPIs finds its IKE SA by the IV of phase 1")
    func withoutCookies() throws {
        let lab = LabScenario("08a-rekey")
        guard let capture = lab.path("capture.pcap"), let log = lab.path("left.log").flatMap(Shared.bytes) else {
            return
        }
        let lines = String(decoding: log, as: UTF8.self).replacingOccurrences(of: "natd_chunk =>", with: "something =>")
        let file = try KeyFile(bytes: Array(lines.utf8), path: "left.log")
        #expect(file.items.count { $0.what.contains("SPIs are not in the file") } == 2)
        let run = try Analysis.of(capture, keys: [file])
        #expect(
            run.messages.allSatisfy { if case .opened = $0.opening { true } else { $0.message.ciphertext.isEmpty } })
    }

    @Test("a log that ends anywhere is read as far as it goes")
    func truncated() throws {
        for name in [
            "02a-main-psk-aes256/left.log", "61-libreswan-v1-main/right.pluto.log", "70-vpnc-xauth/left.vpnc.log",
        ] {
            let parts = name.split(separator: "/").map(String.init)
            guard let path = LabScenario(parts[0]).path(parts[1]), let bytes = Shared.bytes(path) else { return }
            var most = 0
            for end in stride(from: 4096, through: bytes.count, by: 4099) {
                let file = try KeyFile(bytes: Array(bytes.prefix(end)), path: "cut.log")
                #expect(file.count >= most || file.refusedCount > 0)
                most = max(most, file.count)
            }
            #expect(most >= 3)
        }
    }
}
