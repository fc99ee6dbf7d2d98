/// The bounds of every table; what goes over is evicted, least recently used first, and said.
public struct Limits: Hashable, Sendable {
    public var ikeSAs = 16_384
    /// What all IKE SAs together hold of what peers sent, parsed form included; beyond it the largest go.
    public var ikeBytes = 32 << 20
    /// SPI and direction pairs with an account of their own.
    public var ipsecAccounts = 65_536
    /// Exchanges with a message id of their own, per IKE SA.
    public var exchangesPerSA = 64
    /// What they may hold, parsed form included.
    public var exchangeBytesPerSA = 1 << 18
    /// What the opened messages may hold that are kept for their repeats, of all IKE SAs.
    public var outcomeBytes = 8 << 20
    /// IKE messages remembered to recognise repeats.
    public var rememberedMessages = 65_536
    /// IKEv1 fragments waiting for the others, per IKE SA, and their bytes.
    public var ikeFragmentsPerSA = 64
    public var ikeFragmentBytes = 1 << 18
    /// CERT payloads of each side that an IKE SA keeps until its phase 1 is through, and their bytes.
    public var certificatesPerSide = 16
    public var certificateBytesPerSide = 1 << 15

    /// Events of IKE SAs that no condition has matched yet: per IKE SA, in all, and the bytes of their frames in all.
    public var heldEventsPerSA = 256
    public var heldEvents = 4096
    public var heldBytes = 1 << 23

    /// What a diagnosis holds of the negotiations between all peers; beyond it those that were silent longest are judged
    /// before the end.
    public var diagnosisBytes = 40 << 20

    public init() {}
}
