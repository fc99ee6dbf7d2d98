import AnalysisSupport
import ScopeCrypto
import ScopeDissect
import ScopeModel
import ScopeWire
import TestSupport
import Testing

/// What each message of IKEv1 is taken for, whatever network it comes from.
@Suite("Every message of IKEv1 has its place and its name")
struct CensusTests {
    static let scenarios = [
        "04a-aggressive-psk", "05-main-rsa", "06a-xauth-psk-modecfg", "08a-rekey", "09a-wrong-psk", "10a-p1-mismatch",
        "11-p2-mismatch", "12a-ts-mismatch", "13a-peer-silent", "13c-msg3-lost", "14-dpd", "18-ike-frag",
        "20a-pfs-mismatch", "21-deletes", "22a-id-mismatch", "63-libreswan-v1-aggr", "64-libreswan-wrong-psk",
        "70-vpnc-xauth", "71-ike-scan",
    ]

    @Test("with the keys, all of the lab's is opened, proved and named", arguments: scenarios)
    func lab(name: String) throws {
        let scenario = LabScenario(name)
        guard let path = scenario.path("capture.pcap"), let keys = try scenario.keys("all") else { return }
        let run = try Analysis.of(path, keys: [keys])
        #expect(!run.messages.isEmpty)
        for message in run.messages {
            check(message)
            guard !message.message.ciphertext.isEmpty else { continue }
            #expect(message.isOpened, "frame \(message.frames): \(message.opening)")
            if case .opened(_, _, .failed(let proof)) = message.opening { Issue.record("\(message.frames): \(proof)") }
        }
        inOrder(run.messages)
    }

    /// Those that ship, without those whose messages are broken on purpose or cut, and the public ones where they lie here.
    static let honest = CapturesAtHand.all.filter { path in
        !["/hostile/", "/malformed/", "/esp/oddities", "snaplen"].contains { path.contains($0) }
    }

    @Test("without keys, what is in the clear is named, and what is not stays closed", arguments: Self.honest)
    func others(path: String) throws {
        let messages = try Analysis.of(path).messages.filter { $0.message.header.majorVersion == 1 }
        for message in messages {
            check(message)
            #expect(!message.isOpened)
        }
        inOrder(messages)
    }

    @Test("a message that comes behind the one after it would be out of order")
    func outOfOrder() throws {
        let talk = try Talk(of: "main-mode/raw-esp")
        #expect(Self.isInOrder(talk.analysed().messages))
        #expect(try !Self.isInOrder(talk.swapping(.mainMode(3), .mainMode(4)).analysed().messages))
    }

    private func check(_ message: IKEMessage) {
        let place = "frame \(message.frames)"
        let header = message.message.header
        // What refuses a stranger in the clear belongs to no SA if its first message was not captured.
        #expect(message.sa != nil || header.exchange == .informational, "\(place): in no SA")
        if case .v1(.other(let exchange)) = message.step { #expect(exchange.name != nil, "\(place): \(exchange)") }
        guard let chain = message.readable else { return }
        #expect(chain.error == nil, "\(place)")
        for payload in chain.payloads {
            #expect(payload.type.name != nil, "\(place): \(payload.type)")
            switch payload.content {
            case .notification(let content): #expect(content.type.name != nil, "\(place): \(content.type)")
            case .identification(let content): #expect(content.type.name != nil, "\(place): \(content.type)")
            case .attributes(let content):
                for attribute in content.attributes {
                    #expect(ModeConfigAttribute(rawValue: attribute.type).name != nil, "\(place): \(attribute.type)")
                }
            default: break
            }
        }
    }

    private func inOrder(_ messages: [IKEMessage]) {
        #expect(Self.isInOrder(messages))
        for message in messages where message.repetition == .first {
            guard let sa = message.sa else { continue }
            switch message.step {
            case .v1(.quickMode), .v1(.transaction): #expect(sa.isUp, "frame \(message.frames)")
            default: break
            }
        }
    }

    /// No phase 1 goes backwards, but for what was sent again.
    private static func isInOrder(_ messages: [IKEMessage]) -> Bool {
        var reached: [Int: Int] = [:]
        for message in messages where message.repetition == .first {
            guard let sa = message.sa else { continue }
            switch message.step {
            case .v1(.mainMode(let number)), .v1(.aggressive(let number)):
                guard number > reached[sa.id, default: 0] else { return false }
                reached[sa.id] = number
            default: break
            }
        }
        return true
    }
}
