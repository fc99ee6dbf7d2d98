import ScopeWire

/// Packets on the wire in the clear that an SA was negotiated for, in one direction of it.
public struct ClearTraffic: Sendable {
    /// The peers of the SA: who has to encrypt these packets, and who takes them.
    public var sender: IPAddress
    public var receiver: IPAddress
    /// Of the SA for them that was the newest when the first of them came.
    public var spi: UInt32
    public var ikeSA: Int
    /// Packets that are in the capture in the clear alone.
    public var packets = 0
    /// The first of their frames.
    public var frames: [Int] = []
    /// When the first of them came, and the last.
    public var firstTime: Instant?
    public var lastTime: Instant?
    /// The ends of the first of them.
    public var source: IPAddress?
    public var destination: IPAddress?
    /// Packets that are in the capture twice: in the clear, and inside ESP.
    public var copies = 0
    /// The frames in which some of those are in the clear.
    public var copyFrames: [Int] = []

    public init(sender: IPAddress, receiver: IPAddress, spi: UInt32, ikeSA: Int) {
        self.sender = sender
        self.receiver = receiver
        self.spi = spi
        self.ikeSA = ikeSA
    }
}
