import ScopeModel
import ScopePcap
import ScopeWire

/// The interfaces of a decrypted capture, one for each SA, and the parts of comments that are the same for all packets of
/// one SA: neither is made anew for each packet.
struct DecryptedLanes {
    /// What the packets of one SA have in common.
    final class Lane {
        fileprivate let account: Int
        fileprivate let source: Endpoint
        fileprivate let destination: Endpoint
        fileprivate let ikeSA: Int?
        fileprivate let within: Int
        /// Its id in the capture.
        let interface: UInt32
        /// What stands between frame and sequence number, `: ESP 0x205f6be9 seq` for one.
        let head: [UInt8]
        /// What follows the sequence number, `, 10.0.0.1 → 10.0.0.2, IPsec SA 3 of IKE SA 1` for one.
        let tail: [UInt8]

        fileprivate init(
            _ packet: Told<ESPPacket>, ikeSA: Int?, interface: UInt32, head: [UInt8], tail: [UInt8]
        ) {
            account = packet.account
            source = packet.source
            destination = packet.destination
            self.ikeSA = ikeSA
            within = packet.enclosure.account
            self.interface = interface
            self.head = head
            self.tail = tail
        }
    }

    /// This many SAs get an interface of their own.
    ///
    /// Interface 0 takes the other SAs, and IKE.
    static let most = 4096

    /// The lanes of the last packets, by the low bits of their account.
    private var recent = [Lane?](repeating: nil, count: 64)
    private var interfaces: [Int: UInt32] = [:]
    private let scratch = ByteSink(capacity: 1 << 10)

    /// Interface 0.
    func begin(_ sink: ByteSink) {
        var out: [UInt8] = []
        PcapngWriter.interface(
            CaptureInterface(
                name: "ikescope", description: "IKE messages, and SAs beyond the first \(Self.most)", linkType: .raw),
            to: &out)
        sink.raw(out)
    }

    /// Calls `body` with the lane of a packet; an SA that is met for the first time gets its interface in `sink`.
    @inline(__always)
    mutating func withLane(of packet: Told<ESPPacket>, ikeSA: Int?, _ sink: ByteSink, _ body: (Lane) -> Void) {
        let index = packet.account & 63
        if let lane = recent[index], lane.account == packet.account, lane.source == packet.source,
            lane.destination == packet.destination, lane.ikeSA == ikeSA, lane.within == packet.enclosure.account
        {
            return body(lane)
        }
        let lane = make(packet, ikeSA, sink)
        recent[index] = lane
        body(lane)
    }

    private mutating func make(_ packet: Told<ESPPacket>, _ ikeSA: Int?, _ sink: ByteSink) -> Lane {
        let scratch = scratch
        scratch.clear()
        scratch.literal(": ESP ")
        scratch.spi(packet.spi)
        scratch.literal(" seq ")
        let head = scratch.bytes
        scratch.clear()
        scratch.endpoint(packet.source)
        scratch.literal(" → ")
        scratch.endpoint(packet.destination)
        scratch.literal(", IPsec SA ")
        scratch.decimal(packet.account)
        if let ikeSA {
            scratch.literal(" of IKE SA ")
            scratch.decimal(ikeSA)
        }
        if packet.enclosure.depth > 0 {
            scratch.literal(", inside IPsec SA ")
            scratch.decimal(packet.enclosure.account)
        }
        let about = scratch.bytes
        let interface = interfaces[packet.account] ?? open(packet, about, sink)
        return Lane(packet, ikeSA: ikeSA, interface: interface, head: head, tail: Array(", ".utf8) + about)
    }

    private mutating func open(_ packet: Told<ESPPacket>, _ about: [UInt8], _ sink: ByteSink) -> UInt32 {
        guard interfaces.count < Self.most else { return 0 }
        let id = UInt32(interfaces.count + 1)
        interfaces[packet.account] = id
        scratch.clear()
        scratch.literal("esp-")
        scratch.spi(packet.spi)
        let name = String(decoding: scratch.bytes, as: UTF8.self)
        let description = String(decoding: about, as: UTF8.self)
        // libpcap reads several interfaces only when their link type is the number that it uses itself for the first one.
        var out: [UInt8] = []
        PcapngWriter.interface(
            CaptureInterface(name: name, description: description, linkType: .rawInside), to: &out)
        sink.raw(out)
        return id
    }
}
