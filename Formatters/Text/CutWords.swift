import ScopeDissect
import ScopeModel

/// What formats call a packet that the capture cut before it could be followed.
enum CutWords {
    static func name(_ packet: CutPacket) -> StaticString {
        switch packet.layer {
        case .isakmp: "IKE"
        case .esp: packet.carrier == .ip ? "ESP" : "ESP-in-UDP"
        case .ah: "AH"
        case .udp: packet.source.port == 0 ? "UDP or TCP" : "IKE or ESP"
        case .ip, .link: "packet"
        }
    }
}
