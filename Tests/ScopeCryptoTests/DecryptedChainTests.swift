import AnalysisSupport
import ScopeCrypto
import ScopeDissect
import ScopeModel
import ScopeWire
import TestSupport
import Testing

@Suite("Every decrypted message of the lab") struct DecryptedChainTests {
    private static func chains() throws -> [PayloadChain] {
        var chains: [PayloadChain] = []
        for scenario in Shared.list("captures/lab").filter({ $0.first?.isNumber == true }) {
            guard let keys = LabKeys.load(scenario), keys.ike.contains(where: { $0.version == 1 }),
                let file = try LabScenario(scenario).keys("ike-key"),
                let path = LabScenario(scenario).path("capture.pcap")
            else { continue }
            for message in try Analysis.of(path, keys: [file]).messages where message.repetition == .first {
                if case .opened(let chain, _, _) = message.opening { chains.append(chain) }
            }
        }
        return chains
    }

    private func decode(_ chain: PayloadChain, _ count: Int, _ recorder: FieldRecorder? = nil) -> PayloadChain {
        PayloadChain(
            decoding: Array(chain.bytes[..<count]), in: 0..<count, first: chain.payloads.first?.type ?? .none,
            version: 1,
            limit: .plaintext, recorder: recorder)
    }

    @Test("decodes without a fault, and is covered by the field tree to the last byte of its padding")
    func covered() throws {
        let chains = try Self.chains()
        var types: Set<PayloadType> = []
        for chain in chains {
            #expect(chain.error == nil && chain.payloads.allSatisfy { $0.problem == nil })
            let recorder = FieldRecorder()
            _ = decode(chain, chain.bytes.count, recorder)
            #expect(FieldTree.flaw(recorder.nodes, over: 0..<chain.bytes.count) == nil)
            types.formUnion(chain.payloads.map(\.type))
        }
        let expected: Set<PayloadType> = [
            .sa, .keyExchange, .identification, .certificate, .hash, .signature, .nonce, .notification, .delete,
            .attributes,
        ]
        #expect(chains.isEmpty || types.isSuperset(of: expected), "\(types)")
    }

    @Test("cut at any byte says so, and keeps what stands before the cut")
    func truncation() throws {
        for chain in try Self.chains() where chain.bytes.count < 2000 {
            for count in 0..<chain.end {
                let recorder = FieldRecorder()
                let cut = decode(chain, count, recorder)
                let whole = chain.payloads.filter { $0.range.upperBound <= count }
                guard let error = cut.error, (0...count).contains(error.offset),
                    cut.payloads.prefix(whole.count).map(\.range) == whole.map(\.range)
                else {
                    Issue.record("\(count) of \(chain.end) bytes: \(String(describing: cut.error))")
                    return
                }
                if let flaw = FieldTree.flaw(recorder.nodes, over: 0..<count) { Issue.record("\(count): \(flaw)") }
            }
        }
    }
}
