import AnalysisSupport
import Foundation
import ScopeCrypto
import ScopeDissect
import ScopeFormatters
import ScopeModel
import ScopeWire
import TestSupport
import Testing

@Suite("Certificates of real negotiations") struct LabCertificateTests {
    private func shipped(_ name: String) throws -> Analysis {
        let base = Shared.root + "/captures/" + name
        return try Analysis.of(base + ".pcap", keys: [try KeyFile.load(base + ".keys.json")], debug: .init())
    }

    private func reports(_ run: Analysis) -> [(message: IKEMessage, report: CertificateReport)] {
        run.messages.compactMap { message in message.certificates.map { (message, $0) } }
    }

    @Test(
        "each certificate of the lab is the file that the daemon had, and its signature fits",
        arguments: ["05-main-rsa", "18-ike-frag"])
    func files(scenario: String) throws {
        let lab = LabScenario(scenario)
        guard let path = lab.path("capture.pcap"), let keys = try lab.keys("dh-private-initiator") else { return }
        let found = reports(try Analysis.of(path, keys: [keys]))
        #expect(found.map(\.message.step) == [.v1(.mainMode(5)), .v1(.mainMode(6))])
        for (side, entry) in zip(["left", "right"], found) {
            guard let pem = lab.path("pki/\(side).cert.pem") else { return }
            let (_, der) = try ChildProcess.run(["openssl", "x509", "-in", pem, "-outform", "DER"])
            #expect(entry.message.readable?.carriedCertificates == [CarriedCertificate(encoding: 4, data: der)])
            let (_, text) = try ChildProcess.run(["openssl", "x509", "-in", pem, "-noout", "-text"])
            let certificate = try #require(entry.report.certificates.first).certificate
            let names = String(decoding: text, as: UTF8.self).components(separatedBy: "DNS:").count - 1
            #expect(certificate.alternativeNameCount == names && names > 0)
            #expect(entry.message.proof == .verified(.signature(side == "left" ? .initiator : .responder)))
            #expect(entry.report.identity == .alternativeName && entry.report.certificates[0].isSigner)
        }
    }

    @Test("somebody else's daemon: certificates under the published key")
    func published() throws {
        guard let path = Shared.path("captures/public/zk-ikev1-certs.pcap"),
            let tool = Shared.path("lab/tools/to-keys"),
            let file = Shared.path("captures/public/zk-ikev1-certs.keys.json")
        else { return }
        let text = try ChildProcess.run(["python3", tool, file, "--parts", "all"]).output
        let found = reports(try Analysis.of(path, keys: [try KeyFile(bytes: text, path: "zk.keys.json")]))
        #expect(!found.isEmpty)
        for (message, report) in found {
            for (carried, contents) in zip(message.readable?.carriedCertificates ?? [], report.payloads) {
                #expect(contents.fault == nil && contents.certificates.count == 1)
                let file = FileManager.default.temporaryDirectory.appending(path: "ikescope-\(UUID().uuidString).der")
                defer { try? FileManager.default.removeItem(at: file) }
                try Data(carried.data).write(to: file)
                let (_, output) = try ChildProcess.run(
                    ["openssl", "x509", "-inform", "DER", "-in", file.path, "-noout", "-serial"])
                let serial = report.certificates[contents.certificates.lowerBound].certificate.serial
                let hex = serial.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined().uppercased()
                #expect(String(decoding: output, as: UTF8.self) == "serial=\(hex)\n")
            }
        }
    }

    @Test("ECDSA, with the CA in between sent along")
    func chain() throws {
        let run = try shipped("certificates/ecdsa-chain")
        let found = reports(run)
        #expect(found.map(\.message.proof) == [.verified(.signature(.initiator)), .verified(.signature(.responder))])
        let report = try #require(found.first?.report)
        #expect(report.certificates.map(\.issuer) == [.shown(1), .absent] && report.subject == 0)
        #expect(report.certificates.map(\.isSigner) == [true, false])
        #expect(report.certificates[1].certificate.isCA == true && report.identity == .alternativeName)
        #expect(run.text.contains("fits the key of \"C=XX,O=IKEScope Lab,CN=Lab Branch CA\", which is sent as well"))
        #expect(
            run.text.contains(
                "the chain ends at \"C=XX,O=IKEScope Lab,CN=Lab Root CA\", whose certificate is not sent"))
    }

    @Test("an expired certificate is so by the time of the frame, and its signature is right all the same")
    func expired() throws {
        let run = try shipped("certificates/expired")
        let (message, report) = try #require(reports(run).first)
        #expect(message.proof == .verified(.signature(.initiator)) && report.certificates.map(\.validity) == [.expired])
        #expect(report.certificates[0].certificate.notAfter?.description == "2025-01-01 00:00:00 UTC")
        #expect(run.text.contains("CN=left.lab.example\" had expired when this was sent"))
        // The same packets in the year 2024.
        let path = Shared.root + "/captures/certificates/expired.pcap"
        let keys = try KeyFile.load(Shared.root + "/captures/certificates/expired.keys.json")
        var frames = try Analysis.frames(path)
        for index in frames.indices {
            let time = frames[index].frame.time.nanoseconds - 2 * 365 * 86_400 * 1_000_000_000
            frames[index].frame.time = Instant(nanoseconds: time)
        }
        let then = Analysis.playing(frames, keys: [keys], debug: .init())
        #expect(then.messages.compactMap(\.certificates).first?.certificates.map(\.validity) == [.valid])
        #expect(!then.text.contains("had expired"))
    }

    @Test("Aggressive Mode: the certificate is read without a key, the signature with one")
    func aggressive() throws {
        let path = Shared.root + "/captures/certificates/aggressive-ecdsa.pcap"
        let closed = try Analysis.of(path, debug: .init())
        let (message, report) = try #require(reports(closed).first)
        #expect(message.step == .v1(.aggressive(2)) && message.proof == .notChecked)
        #expect(report.certificates.map(\.isSigner) == [false] && report.identity == .alternativeName)
        #expect(reports(closed).count == 1)
        let found = reports(try shipped("certificates/aggressive-ecdsa"))
        #expect(found.map(\.message.step) == [.v1(.aggressive(2)), .v1(.aggressive(3))])
        #expect(found.map(\.message.proof) == [.verified(.signature(.responder)), .verified(.signature(.initiator))])
        #expect(found.allSatisfy { $0.report.certificates.map(\.isSigner) == [true] })
    }
}
