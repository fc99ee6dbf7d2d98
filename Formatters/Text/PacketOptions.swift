/// How packets are listed.
public struct PacketOptions: Hashable, Sendable {
    /// The zone of the time stamps; JSON is in UTC always.
    public var zone = Clock.Zone.local
    public var color = false
    /// Under each line the decoded fields, with offset and length.
    public var fields = false
    /// Under each line the bytes, in hex and ASCII.
    public var bytes = false
    /// Passwords of XAUTH are shown, not masked.
    public var showSecrets = false

    public init() {}
}
