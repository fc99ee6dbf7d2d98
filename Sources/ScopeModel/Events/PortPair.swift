/// The UDP or TCP ports of a packet; 0 where it has none.
public struct PortPair: Hashable, Sendable {
    public var source: UInt16
    public var destination: UInt16

    @inlinable public init(_ source: UInt16 = 0, _ destination: UInt16 = 0) {
        (self.source, self.destination) = (source, destination)
    }

    /// There are none.
    public var isNone: Bool { source == 0 && destination == 0 }
}
