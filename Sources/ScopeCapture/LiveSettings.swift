/// How an interface is captured on.
public struct LiveSettings: Sendable {
    /// The packets that IPsec is understood by: IKE (also behind NAT, in TCP, and GDOI's on UDP 848), ESP, AH, later
    /// fragments, which lack ports, and ICMP errors that quote any of these.
    public static let defaultFilter =
        "udp port 500 or udp port 4500 or udp port 848 or tcp port 4500 or ip proto 50 or ip proto 51 or ip6 proto 50 or ip6 proto 51"
        + " or (ip and ip[6:2] & 0x1fff != 0) or ip6 proto 44"
        + " or icmp[icmptype] = 3 or icmp[icmptype] = 4 or icmp[icmptype] = 11 or icmp[icmptype] = 12"
        + " or (ip6 proto 58 and ip6[40] < 128)"

    /// The longest frame that is kept whole.
    public static let longestFrame = 262_144

    /// A filter in tcpdump's language, which runs in the kernel.
    public var filter = Self.defaultFilter
    public var isPromiscuous = true
    /// Bytes kept of each frame.
    public var snapLength = Self.longestFrame
    /// Bytes of the kernel's buffer: room for two of the longest frames or more.
    public var bufferLength = 32 << 20
    /// Bytes that may wait in this program beside those in the kernel; memory is allocated as they come.
    public var queueLength = 64 << 20
    /// Milliseconds that the kernel may keep a frame back to hand over several at once.
    ///
    /// Nobody notices a hundred in a log. Each hand-over takes a block of the buffer or more, and at this rate the
    /// buffer lasts for seconds.
    public var delay: Int32 = 100

    /// The delay in milliseconds where the output is watched.
    public static let watchedDelay: Int32 = 10

    public init() {}
}
