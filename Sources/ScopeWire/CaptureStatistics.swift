/// The counters of a live run, also of the packets that were not captured.
public struct CaptureStatistics: Hashable, Sendable {
    public var interface: String
    /// Packets that were read.
    public var captured: UInt64 = 0
    /// Packets that passed the filter; those that the kernel dropped are among them.
    public var received: UInt64 = 0
    /// Packets that passed the filter and found no room in the kernel's buffer.
    public var droppedByKernel: UInt64 = 0
    /// Packets that the interface itself dropped: nobody knows whether they would have passed the filter.
    public var droppedByInterface: UInt64 = 0

    public init(interface: String) { self.interface = interface }

    public var dropped: UInt64 { droppedByKernel &+ droppedByInterface }

    /// Packets that were received and not read, because the run had ended.
    public var unread: UInt64 {
        let known = captured &+ droppedByKernel
        return received > known ? received - known : 0
    }
}

extension CaptureStatistics: CustomStringConvertible {
    /// One line, in the words of tcpdump.
    public var description: String {
        var parts = [
            Self.count(captured, "captured"), "\(received) received by filter", "\(droppedByKernel) dropped by kernel",
            "\(droppedByInterface) dropped by interface",
        ]
        if unread > 0 { parts.append("\(unread) not read") }
        return "\(interface): " + parts.joined(separator: ", ")
    }

    private static func count(_ number: UInt64, _ what: String) -> String {
        "\(number) packet\(number == 1 ? "" : "s") \(what)"
    }
}
