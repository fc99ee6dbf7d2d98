import ScopeDissect
import ScopeModel
import ScopeWire

/// Members that objects of several kinds have.
extension JSONWriter {
    mutating func writeAddress(_ name: StaticString, _ address: IPAddress) {
        writeQuoted(name) { $0.address(address) }
    }

    mutating func writeRoute(_ scope: Scope) {
        if let source = scope.source { writeAddress("src", source) }
        if let destination = scope.destination { writeAddress("dst", destination) }
    }

    mutating func writeRoute(_ source: Endpoint, _ destination: Endpoint) {
        writeAddress("src", source.address)
        writeAddress("dst", destination.address)
        writePorts(source.port, destination.port)
    }

    mutating func writePorts(_ source: UInt16, _ destination: UInt16) {
        guard source != 0 || destination != 0 else { return }
        writeNumber("sport", source)
        writeNumber("dport", destination)
    }

    mutating func writeError(_ error: DecodeError, in place: StaticString) {
        writeObject("error") { json in
            json.writeString("text", error.description)
            json.writeList("path") { list in for step in error.path { list.writeElement(step) } }
            json.writeNumber("offset", error.offset)
            json.writeWord("in", place)
            if error.isOfCapture { json.writeBool("cut", true) }
        }
    }

    mutating func write(_ null: NullEncryption) {
        writeObject("null_encryption") { json in
            json.writeWord("certainty", null.certainty.word)
            json.writeNumber("icv_bits", Int(null.icvLength) * 8)
            json.writeBool("iv", null.hasIV)
        }
    }
}
