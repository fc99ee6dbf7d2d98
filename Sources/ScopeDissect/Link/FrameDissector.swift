import ScopeWire

/// Finds the IP packet of a frame and what it carries for us.
///
/// Total and without state: any bytes give a datagram, nil or a `DecodeError`; nothing is allocated when no recorder is
/// set and no error arises.
public enum FrameDissector {
    /// The innermost IP packet in `bytes`, the captured part of `frame`; nil when there is no IP packet in it.
    ///
    /// GRE, GTP-U, VXLAN and IP in IP are followed when the packet inside may carry IKE, ESP or AH.
    public static func datagram(
        of frame: Frame, _ bytes: RawSpan, recorder: FieldRecorder?
    ) throws(DecodeError) -> Datagram? {
        var datagram = Datagram.none
        return try dissect(frame, bytes, recorder: recorder, into: &datagram) ? datagram : nil
    }

    /// The same, written to `datagram`, which is large; false when there is none.
    public static func dissect(
        _ frame: Frame, _ bytes: RawSpan, recorder: FieldRecorder? = nil, into datagram: inout Datagram
    ) throws(DecodeError) -> Bool {
        var reader = ByteReader(bytes, limit: .capture, recorder: recorder)
        var dissection = Dissection(isCut: frame.capturedLength < frame.originalLength)
        guard try dissection.link(frame.linkType, &reader, bytes) else { return false }
        datagram = dissection.datagram
        return true
    }

    /// The layer whose header stopped `dissect`, of a frame for which it throws.
    public static func failingLayer(of frame: Frame, _ bytes: RawSpan) -> PacketLayer {
        var reader = ByteReader(bytes, limit: .capture)
        var dissection = Dissection(isCut: frame.capturedLength < frame.originalLength)
        _ = try? dissection.link(frame.linkType, &reader, bytes)
        return dissection.layer
    }

    /// The same for an IP packet without a frame: reassembled, decrypted, or quoted by an ICMP error.
    ///
    /// - Parameter limit: who set the upper bound of `range`.
    public static func datagram(
        ofIP bytes: RawSpan, in range: Range<Int>, limit: LengthSource, recorder: FieldRecorder?
    ) throws(DecodeError) -> Datagram? {
        var datagram = Datagram.none
        return try dissect(ofIP: bytes, in: range, limit: limit, recorder: recorder, into: &datagram) ? datagram : nil
    }

    /// The same, written to `datagram`; false when there is none.
    public static func dissect(
        ofIP bytes: RawSpan, in range: Range<Int>, limit: LengthSource, recorder: FieldRecorder? = nil,
        into datagram: inout Datagram
    ) throws(DecodeError) -> Bool {
        var reader = ByteReader(bytes, in: range, limit: limit, recorder: recorder)
        var dissection = Dissection(isCut: false)
        guard try dissection.ip(&reader, bytes) else { return false }
        datagram = dissection.datagram
        return true
    }

    /// The same for what stands at `range` behind the IP headers of a packet from `source` to `destination`: AH protects
    /// it there.
    public static func datagram(
        ofTransport type: IPProtocol, in range: Range<Int>, from source: IPAddress, to destination: IPAddress,
        hopLimit: UInt8, isCut: Bool, _ bytes: RawSpan
    ) throws(DecodeError) -> Datagram? {
        let reader = ByteReader(bytes, in: range, limit: isCut ? .capture : .ip)
        var dissection = Dissection(isCut: isCut)
        let context = IPContext(
            source: source, destination: destination, hopLimit: hopLimit, packet: range, isCut: isCut)
        return try dissection.transport(type, context, reader, bytes) ? dissection.datagram : nil
    }
}

/// The way through the layers of one frame.
struct Dissection {
    var layers = LayerStack()
    /// IP packets that were entered so far.
    var depth = 0
    /// The layer whose header is read.
    var layer = PacketLayer.link
    /// True when the capture holds less of the frame than the wire did.
    let isCut: Bool
    /// The datagram that was reached.
    ///
    /// It is written once, where it is found, and is valid when the walk returned true.
    var datagram = Datagram.none

    /// More IP packets inside each other than any honest tunnel has.
    static let deepest = 8

    init(isCut: Bool) { self.isCut = isCut }

    /// From the link-layer header on.
    mutating func link(
        _ type: LinkType, _ reader: inout ByteReader, _ bytes: RawSpan
    ) throws(DecodeError) -> Bool {
        switch type {
        case .ethernet:
            return try ethernet(&reader, bytes)
        case .linuxSLL:
            layers.push(.linuxCooked)
            let header = try reader.header(bytes, as: LinuxCookedHeader.self)
            return try cooked(header.protocolType, &reader, bytes)
        case .linuxSLL2:
            layers.push(.linuxCooked)
            let header = try reader.header(bytes, as: LinuxCookedHeader2.self)
            return try cooked(header.protocolType, &reader, bytes)
        case .raw, .rawInside, .ipv4, .ipv6, LinkType(rawValue: 14):
            layers.push(.raw)
            return try ip(&reader, bytes)
        case .null, .loop:
            layers.push(.null)
            let header = try reader.header(bytes, as: LoopbackHeader.self)
            return header.isIP ? try ip(&reader, bytes) : false
        case .ppp:
            return try ppp(&reader, bytes)
        case .pppHDLC:
            // RFC 1547 framing and Cisco's share this link type: the first byte tells them apart.
            let first = reader.peek(bytes)
            return first == 0x0f || first == 0x8f ? try ciscoHDLC(&reader, bytes) : try ppp(&reader, bytes)
        case .pppEthernet:
            return try pppoe(&reader, bytes)
        case .ciscoHDLC:
            return try ciscoHDLC(&reader, bytes)
        default:
            return false
        }
    }
}
