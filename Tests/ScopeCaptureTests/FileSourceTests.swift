import ScopeCapture
import ScopeWire
import TestSupport
import Testing

@Suite("A file source") struct FileSourceTests {
    @Test("reads what libpcap reads, from every capture at hand", arguments: SharedCaptures.all)
    func agreesWithLibpcap(name: String) throws {
        let path = try #require(Shared.path(name))
        let expected = try #require(libpcapPackets(path))
        let actual = drain(try FileSource(path: path))
        #expect(actual.packets == expected.packets)
        #expect((actual.error == nil) == (expected.complaint == nil), "\(actual.error as Any)")
        #expect(actual.frames.map(\.number) == Array(1..<(actual.frames.count + 1)))
    }
}
