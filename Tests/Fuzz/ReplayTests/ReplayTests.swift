import FuzzContracts
import TestSupport
import Testing

/// Plays the stored corpus of every fuzz target, crashes of old among it, without a fuzzer.
@Suite("The corpus of the fuzz targets") struct ReplayTests {
    @Test("keeps every promise", arguments: Contract.all.map(\.name))
    func replay(target: String) throws {
        let contract = try #require(Contract.all.first { $0.name == target })
        let folder = Shared.root + "/Tests/Fuzz/corpus/" + target
        let names = Shared.names(inFolder: folder)
        #expect(names.count >= 12)
        for name in names {
            let bytes = try #require(Shared.bytes(folder + "/" + name))
            do { try contract.check(bytes) } catch { Issue.record("\(target)/\(name): \(error)") }
        }
    }

    @Test("is played in full: every folder has its target")
    func folders() {
        #expect(Shared.names(inFolder: Shared.root + "/Tests/Fuzz/corpus") == Contract.all.map(\.name).sorted())
    }
}
