import ScopeDissect
import ScopeWire
import TestSupport
import Testing

/// Decrypted payloads of the lab's IKEv2 tunnels, which lie among the inputs of the fuzzer.
///
/// A name lists the payload types, as another reader found them; `-2` and so on tell apart those with the same types.
@Suite("Decrypted payloads of IKEv2") struct IKEv2PlaintextTests {
    struct Sample: Sendable, CustomTestStringConvertible {
        var name: String
        var first: PayloadType
        var bytes: [UInt8]
        var testDescription: String { name }

        var types: [UInt8] {
            name.split(separator: "-").dropFirst().prefix(1).flatMap { $0.split(separator: ".") }.compactMap {
                UInt8($0)
            }
        }

        func chain(_ bytes: [UInt8], recorder: FieldRecorder? = nil) -> PayloadChain {
            PayloadChain(
                decoding: bytes, in: 0..<bytes.count, first: first, version: 2, limit: .plaintext, recorder: recorder)
        }
    }

    static let samples: [Sample] = {
        let folder = Shared.root + "/Tests/Fuzz/corpus/FuzzMessage"
        return Shared.names(inFolder: folder).filter { $0.hasPrefix("ikev2-") }.compactMap { name in
            guard let file = Shared.bytes(folder + "/" + name), file.count > 2 else { return nil }
            return Sample(name: name, first: PayloadType(rawValue: file[1]), bytes: Array(file[2...]))
        }
    }()

    @Test("are there")
    func present() { #expect(Self.samples.count > 50 && Self.samples.allSatisfy { !$0.types.isEmpty }) }

    @Test("decode without a fault into the payloads that are there", arguments: samples)
    func decodes(sample: Sample) {
        let chain = sample.chain(sample.bytes)
        #expect(chain.errors.isEmpty, "\(chain.errors)")
        #expect(chain.payloads.map(\.type.rawValue) == sample.types && chain.end == sample.bytes.count)
        for payload in chain.payloads {
            if case .opaque = payload.content { Issue.record("\(payload.name) is kept as bytes") }
        }
    }

    @Test("are covered by the field tree, whole and cut at any byte", arguments: samples)
    func covered(sample: Sample) {
        for count in 0...sample.bytes.count {
            let recorder = FieldRecorder()
            let chain = sample.chain(Array(sample.bytes[..<count]), recorder: recorder)
            if let flaw = FieldTree.flaw(recorder.nodes, over: 0..<count) { Issue.record("\(count): \(flaw)") }
            if count < sample.bytes.count, chain.error == nil {
                Issue.record("\(count) of \(sample.bytes.count) bytes without an error")
            }
            for error in chain.errors where !(0...count).contains(error.offset) { Issue.record("\(count): \(error)") }
        }
    }

    @Test("keep every promise with bytes changed at random, the same each time", arguments: samples)
    func mutations(sample: Sample) {
        var state = UInt64(sample.bytes.count) &* 0x9e37_79b9_7f4a_7c15
        func below(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % max(bound, 1)
        }
        for _ in 0..<200 {
            var bytes = sample.bytes
            for _ in 0...below(4) { bytes[below(bytes.count)] = [0, 1, 0x7f, 0x80, 0xff, UInt8(below(256))][below(6)] }
            let recorder = FieldRecorder()
            let chain = sample.chain(bytes, recorder: recorder)
            if let flaw = FieldTree.flaw(recorder.nodes, over: 0..<bytes.count) {
                Issue.record("\(bytes.hex): \(flaw)")
            }
            for error in chain.errors where !(0...bytes.count).contains(error.offset) {
                Issue.record("\(bytes.hex): \(error)")
            }
        }
    }
}
