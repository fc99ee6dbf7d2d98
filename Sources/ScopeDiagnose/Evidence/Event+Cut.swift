import ScopeDissect
import ScopeModel

extension Event.Kind {
    /// The headers of the packet say more than the capture holds, whatever the length of the frame is said to be.
    var isCut: Bool {
        switch self {
        case .cut: true
        case .ikeMessage(let message), .ikeFragment(let message): message.message.isCut
        case .esp(let packet): if case .cut = packet.verdict { true } else { false }
        case .ah(let packet): if case .cut = packet.verdict { true } else { false }
        default: false
        }
    }
}
