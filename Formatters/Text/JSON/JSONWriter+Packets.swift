import ScopeDissect
import ScopeModel
import ScopeWire

/// Members that objects of several kinds have.
extension JSONWriter {
    mutating func address(_ name: StaticString, _ address: IPAddress) {
        quoted(name) { $0.address(address) }
    }

    mutating func route(_ scope: Scope) {
        if let source = scope.source { address("src", source) }
        if let destination = scope.destination { address("dst", destination) }
    }

    mutating func route(_ source: Endpoint, _ destination: Endpoint) {
        address("src", source.address)
        address("dst", destination.address)
        ports(source.port, destination.port)
    }

    mutating func ports(_ source: UInt16, _ destination: UInt16) {
        guard source != 0 || destination != 0 else { return }
        number("sport", source)
        number("dport", destination)
    }

    mutating func error(_ error: DecodeError, in place: StaticString) {
        object("error") { json in
            json.string("text", error.description)
            json.list("path") { list in for step in error.path { list.element(step) } }
            json.number("offset", error.offset)
            json.word("in", place)
        }
    }

    mutating func write(_ null: NullEncryption) {
        object("null_encryption") { json in
            json.word("certainty", null.certainty.word)
            json.number("icv_bits", Int(null.icvLength) * 8)
            json.bool("iv", null.hasIV)
        }
    }
}
