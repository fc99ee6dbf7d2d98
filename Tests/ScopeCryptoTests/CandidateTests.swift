import Foundation
import ScopeWire
import TestSupport
import Testing

@testable import ScopeCrypto

@Suite("Pre-shared keys are found in a list of candidates")
struct CandidateTests {
    /// A list in a file of its own, gone with `body`.
    static func withList<R>(_ text: some Collection<UInt8>, _ body: (PSKList) throws -> R) throws -> R {
        let file = FileManager.default.temporaryDirectory.appending(path: "list-\(UUID().uuidString)")
        try Data(text).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return try body(try PSKList(path: file.path))
    }

    final class Equals: CandidateTest {
        let wanted: [UInt8]
        init(_ wanted: [UInt8]) { self.wanted = wanted }
        func fits(_ key: UnsafeRawBufferPointer) -> Bool { key.elementsEqual(wanted) }
    }

    @Test(
        "lines end as files of any system have it",
        arguments: ["one\ntwo\nkey\n", "one\r\ntwo\r\nkey\r\n", "one\ntwo\nkey", "\n\nkey\n", "one\ntwo\nkey\nkey\n"])
    func lines(text: String) throws {
        for jobs in [1, 3] {
            try Self.withList(Array(text.utf8)) { list in
                let outcome = CandidateSearch(list, jobs: jobs).first { Equals(Array("key".utf8)) }
                #expect(outcome.match?.line == 3)
                #expect(outcome.match?.key.withBytes { Array($0) } == Array("key".utf8))
                #expect(CandidateSearch(list, jobs: jobs).first { Equals([]) }.match == nil)
            }
        }
    }

    @Test("a line longer than a block is passed over, and counted; blocks may end anywhere", arguments: [1, 2])
    func blocks(jobs: Int) throws {
        let long = [UInt8](repeating: 65, count: 3 << 20)
        let short = (0..<300_000).flatMap { Array("candidate\($0)\n".utf8) }
        let text = Array("first\n".utf8) + long + [10] + short + Array("key\n".utf8) + short
        try Self.withList(text) { list in
            let outcome = CandidateSearch(list, jobs: jobs).first { Equals(Array("key".utf8)) }
            #expect(outcome.match?.line == 300_003)
            #expect(CandidateSearch(list, jobs: jobs).first { Equals(long) }.match == nil)
            let none = CandidateSearch(list, jobs: jobs).first { Equals(Array("absent".utf8)) }
            #expect(none.match == nil && none.lines == 600_003)
        }
        try Self.withList(long) { list in
            let none = CandidateSearch(list, jobs: jobs).first { Equals(Array("absent".utf8)) }
            #expect(none.match == nil)
        }
    }

    @Test("a folder, a pipe and what is not there are no lists")
    func refusals() {
        for path in ["/", "/dev/null", "/nowhere/list"] {
            #expect(throws: KeyFileError.self) { try PSKList(path: path) }
        }
    }

    /// Published parameters of Aggressive Mode with the PSK that psk-crack's own tests find, and ones with another.
    @Test("published hashes fit their key and no other")
    func published() throws {
        guard let path = Shared.path("captures/public/psk/ikev1-aggressive-psk.tsv") else { return }
        var fitting = 0
        for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").dropFirst() {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            // Nortel's clients mix the user's name into the key.
            guard fields.count >= 14, fields[2] == "-", let hash = Digest(rawValue: fields[1]) else { continue }
            let bytes = fields[5..<14].map { text in
                Hex.decode(Secret(copying: Array(text.utf8)))?.withBytes { Array($0) } ?? []
            }
            let test = try #require(
                HashTest(
                    hash, nonces: bytes[6] + bytes[7], message: Array(bytes[..<6].joined()), given: bytes[8]))
            let fits = Array(fields[3].utf8).withUnsafeBytes { test.fits($0) }
            #expect(fits == (fields[4] == "match"), "\(fields[0])")
            fitting += fits ? 1 : 0
            let other = Array((fields[3] + "x").utf8)
            #expect(!other.withUnsafeBytes { test.fits($0) })
        }
        #expect(fitting > 0)
    }
}
