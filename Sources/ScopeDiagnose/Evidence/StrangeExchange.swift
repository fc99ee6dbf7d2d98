import ScopeDissect
import ScopeModel

extension Attempt.Message {
    /// The exchange of a message that is listed, and that nobody follows: it has an SA of its own kind.
    var strangeExchange: ExchangeType? {
        switch step {
        case .v1(.other(let exchange)), .other(let exchange): exchange
        case .v2(let step): step.isFollowed ? nil : step.exchange
        case .v1: nil
        }
    }
}

extension IKEv2Step {
    /// Of an exchange that sets up or runs a tunnel.
    fileprivate var isFollowed: Bool {
        [
            .ikeSAInit, .ikeAuth, .createChildSA, .informationalV2, .ikeSessionResume, .ikeIntermediate, .ikeFollowupKE,
        ].contains(exchange)
    }
}
