import AnalysisSupport
import ScopeCrypto
import ScopeModel
import TestSupport
import Testing

@Suite("Keys and proofs have names, and what is decided on them is no text") struct KeyNameTests {
    @Test("proofs print as RFC 2409 and RFC 7296 write them")
    func proofs() {
        let kinds: [ProofKind] = [
            .hashI, .hashR, .hash(1), .hash(2), .hash(3), .hash(4), .unnumberedHash, .signature(.initiator),
            .signature(.responder), .authentication(.initiator), .authentication(.responder),
        ]
        #expect(
            kinds.map(\.description)
                == [
                    "HASH_I", "HASH_R", "HASH(1)", "HASH(2)", "HASH(3)", "HASH(4)", "HASH", "SIG_I", "SIG_R", "AUTH",
                    "AUTH",
                ])
        #expect(kinds.filter(\.isSignature) == [.signature(.initiator), .signature(.responder)])
    }

    @Test("the name of several keys keeps the line of the list of candidates, whichever of them it is")
    func lines() {
        let psk = KeyName("words.txt line 17", listLine: 17)
        let exponent = KeyName("dh[0].private")
        #expect(psk.with(exponent) == KeyName("words.txt line 17 with dh[0].private", listLine: 17))
        #expect(exponent.and(psk) == KeyName("dh[0].private and words.txt line 17", listLine: 17))
        let names = KeyNames.each(initiator: exponent, responder: psk)
        #expect(names.description == "dh[0].private (initiator), words.txt line 17 (responder)")
        #expect(names.listLine == 17 && KeyNames.one(exponent).listLine == nil)
    }

    @Test("a key file may be called as a line of a list is, and stays a key file")
    func lookAlike() throws {
        let lab = LabScenario("02a-main-psk-aes256")
        guard let path = lab.path("capture.pcap"), let exponent = try lab.keys("dh-private-initiator") else { return }
        let text = #"{"schema": "ikescope.keys/1", "psk": [{"peer": "*", "key": "cisco123-LabKey!"}]}"#
        let file = try KeyFile(bytes: Array(text.utf8), path: "words.txt line 17")
        let run = try Analysis.of(path, keys: [file, exponent])
        let names = try #require(run.keyStatuses.last?.provedKeys)
        #expect(names.description.hasPrefix("words.txt line 17: psk[0] (*) with ") && names.listLine == nil)
    }
}
