import ScopeModel

/// What the annotations remember of one IKE SA, whichever device's lines stand between them.
final class SAStory {
    /// Why its messages stay sealed was said.
    var hasSaidWhatIsMissing = false
    /// The keys that were named last.
    var keyNames: KeyNames?
    /// The key that each side was seen to use: with different pre-shared keys they are not the same.
    var usedKeys = UsedKeys()
    /// Who sent the last message.
    var lastSender: Role?
    /// Exchanges that replace an SA: those under way, and those that cross one under way.
    var rekeyings: [Rekeying] = []
    /// How its keys stand a quantum computer was said.
    var hasToldStrength = false

    /// An exchange that replaces the IKE SA, or a child of it.
    struct Rekeying {
        var begunBy: Role
        var messageID: UInt32
        var frame: Int
        /// Nil for the IKE SA itself.
        var traffic: ChildTraffic?
        var isAnswered = false
        var nonce: RekeyNonce?
        /// The place of the exchange of the other side that it crosses, by message id.
        var crosses: UInt32?
    }
}

/// The name of the key of each side, once it was seen to use one.
struct UsedKeys {
    private var initiator: KeyName?
    private var responder: KeyName?

    subscript(role: Role) -> KeyName? {
        get { role == .initiator ? initiator : responder }
        set { if role == .initiator { initiator = newValue } else { responder = newValue } }
    }
}
