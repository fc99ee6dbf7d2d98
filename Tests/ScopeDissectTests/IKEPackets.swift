import ScopeDissect
import ScopeWire
import TestSupport

/// One IKE message of a capture, found by `FrameDissector`.
struct IKEPacket: Sendable {
    var frame: Int
    var source: IPAddress
    var destination: IPAddress
    var sourcePort: UInt16
    var destinationPort: UInt16
    /// From the ISAKMP header on, up to the end of the UDP payload.
    var bytes: [UInt8]
}

enum IKEPackets {
    /// The IKE messages on UDP 500 and 4500 of a capture, IP fragments left out.
    static func of(_ path: String) -> [IKEPacket] { SharedCaptures.frames(path).compactMap(packet) }

    /// Each message of the lab's captures once; those of scenario 84 are wrong on purpose.
    static let lab: [IKEPacket] = {
        var seen: Set<[UInt8]> = []
        return SharedCaptures.lab.filter { !$0.contains("/84-") }.flatMap(of).filter { seen.insert($0.bytes).inserted }
    }()

    private static func packet(_ captured: CapturedFrame) -> IKEPacket? {
        let bytes = captured.bytes
        guard
            let datagram = try? FrameDissector.datagram(
                of: captured.frame, bytes.span.bytes, recorder: nil),
            case .udp(let source, let destination, let payload) = datagram.content
        else { return nil }
        var body = bytes[payload]
        if source == 4500 || destination == 4500 {
            guard body.count > 4, body.prefix(4).allSatisfy({ $0 == 0 }) else { return nil }
            body = body.dropFirst(4)
        } else if source != 500, destination != 500 {
            return nil
        }
        return IKEPacket(
            frame: captured.frame.number, source: datagram.source, destination: datagram.destination,
            sourcePort: source, destinationPort: destination, bytes: Array(body))
    }
}

extension PayloadChain {
    /// Every error of the chain: of itself, and of its payloads.
    var errors: [DecodeError] {
        var errors = [error].compactMap { $0 } + payloads.compactMap(\.problem)
        for payload in payloads {
            if case .malformed(let error) = payload.content { errors.append(error) }
        }
        return errors
    }
}
