/// A layer of the packets that are followed, by the name that errors and JSON give it.
public enum PacketLayer: Hashable, Sendable {
    case link, ip, udp, isakmp, esp, ah

    public var name: StaticString {
        switch self {
        case .link: "link"
        case .ip: "ip"
        case .udp: "udp"
        case .isakmp: "isakmp"
        case .esp: "esp"
        case .ah: "ah"
        }
    }
}
