import ScopeDissect
import ScopeWire
import TestSupport
import Testing

@Suite("Every IKE message of the lab") struct LabMessageTests {
    @Test("decodes without a fault")
    func decodes() throws {
        for packet in IKEPackets.lab {
            let message = try ISAKMPMessage(bytes: packet.bytes)
            #expect(message.chain.errors.isEmpty, "\(message.header.exchange) \(message.chain.errors)")
        }
    }

    @Test("is covered by the field tree to the last byte, and decodes the same with a recorder")
    func covered() throws {
        for packet in IKEPackets.lab {
            let recorder = FieldRecorder()
            let message = try ISAKMPMessage(bytes: packet.bytes, recorder: recorder)
            let flaw = FieldTree.flaw(recorder.nodes, over: 0..<message.bytes.count)
            #expect(flaw == nil, "\(message.header.exchange), \(message.bytes.count) bytes")
            let plain = try ISAKMPMessage(bytes: packet.bytes)
            #expect(plain.chain.payloads.map(\.range) == message.chain.payloads.map(\.range))
        }
    }

    @Test("cut at any byte is a message with an error inside its bytes, or a header that does not decode")
    func truncation() throws {
        for packet in IKEPackets.lab {
            let whole = try ISAKMPMessage(bytes: packet.bytes)
            for count in 0..<whole.bytes.count {
                let cut = Array(whole.bytes[..<count])
                do throws(DecodeError) {
                    let message = try ISAKMPMessage(bytes: cut)
                    try check(message, of: whole)
                } catch {
                    guard count < ISAKMPHeader.length, (0...count).contains(error.offset), !error.path.isEmpty else {
                        Issue.record("\(count) bytes: \(error)")
                        return
                    }
                }
            }
        }
    }

    private func check(_ message: ISAKMPMessage, of whole: ISAKMPMessage) throws(DecodeError) {
        let all = 0..<message.bytes.count
        for error in message.chain.errors where !(all.lowerBound...all.upperBound).contains(error.offset) {
            Issue.record("\(all.count) bytes, error outside: \(error)")
        }
        // The bytes that are missing never go unsaid, and what stands before them is kept.
        if message.chain.error == nil { Issue.record("\(all.count) of \(whole.bytes.count) bytes without an error") }
        for (payload, complete) in zip(message.chain.payloads, whole.chain.payloads) {
            if payload.range.upperBound > all.upperBound || payload.type != complete.type {
                Issue.record("payload \(payload.type) at \(payload.range) of \(all.count) bytes")
            }
        }
        let recorder = FieldRecorder()
        _ = try ISAKMPMessage(bytes: message.bytes, recorder: recorder)
        if let flaw = FieldTree.flaw(recorder.nodes, over: all) { Issue.record("\(all.count) bytes: \(flaw)") }
    }

    @Test("shortened with its length field to match is a message all the same")
    func innerTruncation() throws {
        for packet in IKEPackets.lab where packet.bytes.count < 1500 {
            let whole = try ISAKMPMessage(bytes: packet.bytes)
            for count in ISAKMPHeader.length..<whole.bytes.count {
                var cut = Array(whole.bytes[..<count])
                cut.replaceSubrange(24..<28, with: Packets.u32(count))
                let recorder = FieldRecorder()
                let message = try ISAKMPMessage(bytes: cut, recorder: recorder)
                if whole.ciphertext.isEmpty, count < whole.chain.end, message.chain.error == nil {
                    Issue.record("\(count) of \(whole.bytes.count) bytes without an error")
                }
                if let flaw = FieldTree.flaw(recorder.nodes, over: 0..<count) { Issue.record("\(count): \(flaw)") }
            }
        }
    }

    @Test(
        "with any payload's length one too small or too large, or absurd, is a value; one too large at the end is said")
    func lengths() throws {
        for packet in IKEPackets.lab {
            let whole = try ISAKMPMessage(bytes: packet.bytes)
            for payload in whole.chain.payloads {
                for length in [payload.range.count - 1, payload.range.count + 1, 0, 3, 4, 5, 0xffff] {
                    var bytes = whole.bytes
                    let at = payload.range.lowerBound + 2
                    bytes.replaceSubrange(at..<(at + 2), with: Packets.u16(length))
                    let recorder = FieldRecorder()
                    let message = try ISAKMPMessage(bytes: bytes, recorder: recorder)
                    if let flaw = FieldTree.flaw(recorder.nodes, over: 0..<bytes.count) {
                        Issue.record("\(payload.type) with length \(length): \(flaw)")
                    }
                    for error in message.chain.errors where !(0...bytes.count).contains(error.offset) {
                        Issue.record("\(payload.type) with length \(length): \(error)")
                    }
                    let isBeyond = payload.range.lowerBound + length > bytes.count
                    if length < 4 || isBeyond, message.chain.error == nil {
                        Issue.record("\(payload.type) with length \(length) goes unsaid")
                    }
                }
            }
        }
    }

    @Test("behind bytes that its length does not count is cut to its length")
    func trailer() throws {
        guard let packet = IKEPackets.lab.first else { return }
        let message = try ISAKMPMessage(bytes: packet.bytes + [1, 2, 3])
        #expect(message.bytes == packet.bytes && message.chain.error == nil)
    }
}

@Suite("IKE messages that are wrong on purpose") struct FaultyMessageTests {
    @Test("an SA payload of length 0, and UDP 500 that is no IKE, are errors that name their place")
    func oddities() throws {
        let packets = IKEPackets.of("captures/lab/84-esp-oddities/capture.pcap")
        guard !packets.isEmpty else { return }
        #expect(packets.map(\.frame) == [21, 22, 23])
        let long = try ISAKMPMessage(bytes: packets[0].bytes)
        #expect(long.header.length == 5000 && long.bytes.count < 100)
        #expect(long.chain.error == DecodeError(.badLength(0), at: 30, field: "length").enclosed(in: "SA"))
        let endless = try ISAKMPMessage(bytes: packets[1].bytes)
        #expect(endless.chain.error == DecodeError(.badLength(0), at: 30, field: "length").enclosed(in: "SA"))
        let error = #expect(throws: DecodeError.self) { try ISAKMPMessage(bytes: packets[2].bytes) }
        #expect(error?.reason == .truncated(needed: 8, available: 5, limit: .udp))
    }
}

@Suite("Frames of captures") struct CapturedFrameTests {
    @Test("every frame of the malformed captures gives a value or an error, however it is cut")
    func malformed() throws {
        for path in SharedCaptures.malformed {
            for captured in SharedCaptures.frames(path) {
                for count in 0...captured.bytes.count { try total(captured, count) }
            }
        }
    }

    @Test("one frame of each kind of the lab's captures gives a value or an error, however it is cut")
    func lab() throws {
        var kinds: Set<String> = []
        for captured in SharedCaptures.lab.flatMap({ SharedCaptures.frames($0) }) {
            let bytes = captured.bytes
            let kind = try dissect(bytes, link: captured.frame.linkType).map { found($0, bytes) }
            guard kinds.insert("\(kind?.layers ?? []) \(kind?.what ?? "") \(bytes.count / 64)").inserted else {
                continue
            }
            for count in 0...min(bytes.count, 600) { try total(captured, count) }
        }
    }

    private func total(_ captured: CapturedFrame, _ count: Int) throws {
        var frame = captured.frame
        frame.capturedLength = count
        let bytes = Array(captured.bytes[..<count])
        let recorder = FieldRecorder()
        let first = Result { try FrameDissector.datagram(of: frame, bytes.span.bytes, recorder: nil) }
        let second = Result { try FrameDissector.datagram(of: frame, bytes.span.bytes, recorder: recorder) }
        switch (first, second) {
        case (.success(let a), .success(let b)):
            #expect(a.map { found($0, bytes) } == b.map { found($0, bytes) })
            #expect(a.map { $0.packet.upperBound <= count } ?? true)
            guard let a, case .udp(_, _, let payload) = a.content else { return }
            // Whatever port it was: the message decoder must be total on it as well.
            let body = Array(bytes[payload])
            _ = try? ISAKMPMessage(bytes: body, recorder: recorder)
            _ = try? ISAKMPMessage(bytes: Array(body.dropFirst(4)), recorder: recorder)
        case (.failure(let a as DecodeError), .failure(let b as DecodeError)):
            #expect(a == b && (0...count).contains(a.offset), "\(a) \(b)")
        default:
            Issue.record("with a recorder \(second), without \(first)")
        }
    }
}
