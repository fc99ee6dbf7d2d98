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
