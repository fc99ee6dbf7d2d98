/// How an interface is captured on.
public struct LiveSettings: Sendable {
    /// What IPsec needs to be understood: IKE (also behind NAT, in TCP, and GDOI's on UDP 848), ESP, AH, the fragments that lack
    /// the ports or protocol of their first one, and the ICMP errors that quote any of these.
    public static let defaultFilter =
        "udp port 500 or udp port 4500 or udp port 848 or tcp port 4500 or ip proto 50 or ip proto 51 or ip6 proto 50 or ip6 proto 51"
        + " or (ip and ip[6:2] & 0x1fff != 0) or ip6 proto 44"
        + " or icmp[icmptype] = 3 or icmp[icmptype] = 4 or icmp[icmptype] = 11 or icmp[icmptype] = 12"
        + " or (ip6 proto 58 and ip6[40] < 128)"

    /// The longest frame that is kept whole.
    public static let longestFrame = 262_144

    /// In tcpdump's language; it runs in the kernel.
    public var filter = Self.defaultFilter
    public var isPromiscuous = true
    /// Bytes kept of each frame.
    public var snapLength = Self.longestFrame
    /// Bytes of the kernel's buffer, two of the longest frames at least.
    public var bufferLength = 32 << 20
    /// Bytes that may wait in this program, beside those in the kernel; memory is taken as they come.
    public var queueLength = 64 << 20
    /// Milliseconds that the kernel may keep a frame back to hand over several at once.
    ///
    /// A hundred is a tenth of what anybody notices in a log, and few enough that the buffer, of which each hand-over takes
    /// at least a block, lasts for seconds.
    public var delay: Int32 = 100

    /// Milliseconds where somebody watches.
    public static let watchedDelay: Int32 = 10

    public init() {}
}
