/// The bounds of every table; what goes over is evicted, least recently used first, and said.
public struct Limits: Hashable, Sendable {
    public var ikeSAs = 16_384
    /// SPI and direction pairs with an account of their own.
    public var ipsecAccounts = 65_536
    /// Exchanges with a message id of their own, per IKE SA.
    public var exchangesPerSA = 64
    /// IKE messages remembered to recognise repeats.
    public var rememberedMessages = 65_536
    /// IKEv1 fragments waiting for the others, per IKE SA, and their bytes.
    public var ikeFragmentsPerSA = 64
    public var ikeFragmentBytes = 1 << 18

    public init() {}
}
