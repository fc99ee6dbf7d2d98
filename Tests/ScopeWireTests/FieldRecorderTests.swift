import ScopeWire
import Testing

@Suite("A field recorder keeps so many fields, and says how many there were")
struct FieldRecorderTests {
    @Test("those behind the bound are one node, over their place")
    func bound() throws {
        let recorder = FieldRecorder(limit: 3)
        recorder.open("list", from: 0)
        recorder.note("a", 0..<1, .number(1))
        recorder.note("b", 1..<2, .number(2))
        recorder.note("c", 2..<3, .number(3))
        // It is about `c`, which is not kept.
        recorder.interpret(.number(9), note: "nine")
        recorder.open("inner", from: 3)
        recorder.note("d", 3..<7, .bytes)
        recorder.close(at: 7)
        recorder.close(at: 7)
        let nodes = recorder.nodes
        #expect(nodes.map(\.name) == ["list", "3 more fields"])
        #expect(nodes[0].range == 0..<7)
        #expect(nodes[0].children.map(\.name) == ["a", "b"])
        #expect(nodes[0].children.map(\.value) == [.number(1), .number(2)])
        #expect(nodes[1].isOmission && nodes[1].range == 2..<7)
    }

    @Test("what stopped the reading is said also where its structure is not kept")
    func errors() throws {
        let recorder = FieldRecorder(limit: 1)
        let error = DecodeError(.limitExceeded(1), at: 5, field: "inner")
        recorder.open("outer", from: 0)
        recorder.open("inner", from: 4)
        recorder.close(at: 5, error: error)
        recorder.close(at: 5)
        #expect(recorder.nodes.first?.error == error)
    }

    @Test("below the bound nothing is left out")
    func whole() {
        let recorder = FieldRecorder(limit: 2)
        recorder.note("a", 0..<1, .bytes)
        recorder.note("b", 1..<2, .bytes)
        #expect(recorder.nodes.map(\.name) == ["a", "b"])
    }
}
