import ScopeDissect
import ScopeWire
import TestSupport

/// What a frame was dissected into, in plain words, so that tests compare one value.
struct Found: Equatable, CustomStringConvertible {
    var what: String
    var payload: [UInt8]
    var layers: [LayerStack.Layer]
    var isCut = false

    var description: String { "\(what) [\(payload.hex)] \(layers)\(isCut ? " cut" : "")" }
}

/// Dissects one frame.
func dissect(_ bytes: [UInt8], link: LinkType = .ethernet, originalLength: Int? = nil) throws -> Datagram? {
    let frame = CapturedFrame(bytes, link: link, originalLength: originalLength).frame
    return try FrameDissector.datagram(of: frame, bytes.span.bytes, recorder: nil)
}

/// The same in plain words.
func find(_ bytes: [UInt8], link: LinkType = .ethernet, originalLength: Int? = nil) throws -> Found? {
    try dissect(bytes, link: link, originalLength: originalLength).map { found($0, bytes) }
}

func found(_ datagram: Datagram, _ bytes: [UInt8]) -> Found {
    func found(_ what: String, _ range: Range<Int>) -> Found {
        Found(what: what, payload: Array(bytes[range]), layers: datagram.layers.layers, isCut: datagram.isCut)
    }
    switch datagram.content {
    case .udp(let source, let destination, let payload): return found("udp \(source) \(destination)", payload)
    case .tcp(let segment): return found("tcp \(segment.sourcePort) \(segment.destinationPort)", segment.payload)
    case .esp(let range): return found("esp", range)
    case .ah(let range): return found("ah", range)
    case .icmpError(let error): return found("icmp\(error.isV6 ? "v6" : "") \(error.type) \(error.code)", error.quoted)
    case .fragment(let piece):
        let more = piece.moreFragments ? "+" : ""
        return found(
            "fragment \(piece.identification) \(piece.nextProtocol.rawValue) \(piece.offset)\(more)", piece.payload)
    case .other(let type, let range): return found("other \(type.rawValue)", range)
    }
}
