import AnalysisSupport
import ScopeModel
import ScopeWire
import TestSupport
import Testing

@Suite("Any bytes are followed without a trap")
struct HostileInputTests {
    @Test("every capture under malformed/ and public/ is read to its end", arguments: ["malformed", "public"])
    func others(folder: String) throws {
        let files = Shared.list("captures/\(folder)").filter { $0.contains(".pcap") }
        guard !files.isEmpty else { return }
        for file in files {
            guard let path = Shared.path("captures/\(folder)/\(file)") else { continue }
            let run = try Analysis.of(path)
            #expect(run.events.last.map { $0.ordinal == run.events.count } ?? true, "\(file)")
        }
    }

    @Test("every truncation of the lab's IKE messages, with keys, is a message or a fault with its place")
    func truncations() throws {
        for scenario in ["51a-raw-esp-main", "05-main-rsa", "06a-xauth-psk-modecfg"] {
            let parts = scenario == "05-main-rsa" ? "dh-private-initiator" : "psk,dh-private-initiator"
            guard let dialogue = try Dialogue(scenario, parts) else { return }
            for place in dialogue.ike {
                let whole = dialogue.frames[place].bytes
                let header = Dialogue.port(whole, at: 34) == 500 ? 42 : 46
                // Each length of the message is a datagram of its own, in one run of the tracker.
                var frames = Array(dialogue.frames[..<place])
                for length in stride(from: header, to: whole.count, by: whole.count > 700 ? 7 : 1) {
                    frames.append(Self.cut(dialogue.frames[place], to: length))
                }
                frames += dialogue.frames[place...]
                let run = Analysis.playing(frames, keys: [dialogue.keys])
                for event in run.events {
                    if case .malformed(let packet) = event.kind {
                        #expect(packet.error.offset <= whole.count)
                    }
                }
                #expect(run.messages.count > 0)
            }
        }
    }

    /// The frame with a datagram of `length` bytes, its IP and UDP lengths made right.
    static func cut(_ frame: Analysis.MadeFrame, to length: Int) -> Analysis.MadeFrame {
        var made = frame
        made.bytes = Array(made.bytes[..<length])
        made.frame.capturedLength = length
        made.frame.originalLength = length
        for (index, value) in [(16, length - 14), (38, length - 34)] {
            made.bytes[index] = UInt8(value >> 8)
            made.bytes[index + 1] = UInt8(value & 255)
        }
        return made
    }

    @Test("single flipped bytes anywhere in a negotiation never open what is not proved")
    func flips() throws {
        guard let dialogue = try Dialogue("51a-raw-esp-main") else { return }
        for place in dialogue.ike.prefix(9) {
            let whole = dialogue.frames[place].bytes
            for index in stride(from: 42, to: whole.count, by: 3) {
                var changed = dialogue
                changed.frames[place].bytes[index] ^= 0xff
                let run = changed.play()
                for packet in run.espPackets { if case .malformed = packet.verdict { Issue.record("byte \(index)") } }
            }
        }
    }
}
