import ScopeDissect
import ScopeModel
import ScopeWire

extension ICMPNotice {
    /// What an error says of IKE, ESP or AH; nil when it quotes something else.
    init?(_ error: ICMPError, _ packet: Packet, _ bytes: RawSpan) {
        // Errors quote as little as eight bytes behind the IP header: enough for ports and for an SPI.
        guard
            let quoted = try? FrameDissector.datagram(ofIP: bytes, in: error.quoted, limit: .capture, recorder: nil)
        else { return nil }
        var source = Endpoint(quoted.source)
        var destination = Endpoint(quoted.destination)
        let name: QuotedProtocol
        switch quoted.content {
        case .udp(let sourcePort, let destinationPort, let payload):
            let ports = [sourcePort, destinationPort]
            guard ports.contains(500) || ports.contains(4500) else { return nil }
            source.port = sourcePort
            destination.port = destinationPort
            let first = ByteReader(bytes, in: payload, limit: .capture)
            if !ports.contains(4500) {
                name = .ike
            } else if payload.count < 4 {
                name = .ikeOrESPInUDP
            } else {
                name = (0..<4).allSatisfy { first.peek(bytes, ahead: $0) == 0 } ? .ike : .espInUDP
            }
        case .esp: name = .esp
        case .ah: name = .ah
        case .fragment(let fragment):
            switch fragment.nextProtocol {
            case .esp: name = .esp
            case .ah: name = .ah
            default: return nil
            }
        default: return nil
        }
        self.init(
            from: packet.source.address, to: packet.destination.address, error: error, quotedSource: source,
            quotedDestination: destination, quotedProtocol: name)
    }
}

extension Tracker {
    /// Takes in an ICMP error, which speaks of the two peers that it quotes, whoever sent it.
    func icmp(_ error: ICMPError, _ packet: Packet, _ bytes: RawSpan) {
        guard let notice = ICMPNotice(error, packet, bytes) else { return }
        let scope = Scope(source: notice.quotedSource.address, destination: notice.quotedDestination.address)
        emitter.emit(
            .icmpError(notice), at: packet.frame.time, from: packet.frame, packet.material, scope, bytes)
    }
}
