import ScopeModel
import ScopeWire
import TestSupport

/// A packet of IPv4 in Ethernet as values: what a test changes has a name, and lengths and checksum follow.
///
/// Only headers without options; everything else stays bytes.
public struct MadePacket: Sendable, Equatable {
    public enum Body: Sendable, Equatable {
        case udp(source: UInt16, destination: UInt16, payload: [UInt8])
        /// Of any other protocol, or a fragment.
        case other([UInt8])
    }

    /// Both MAC addresses and the type.
    public var link: [UInt8]
    public var serviceType: UInt8 = 0
    public var identification: UInt16 = 0
    /// Flags, and the offset in units of eight bytes.
    public var fragment: UInt16 = 0
    public var hopLimit: UInt8 = 64
    public var protocolNumber: UInt8
    public var source: [UInt8]
    public var destination: [UInt8]
    public var body: Body
    /// UDP's, as long as ports and payload are what they were; zero for none (RFC 768).
    private var checksum: UInt16 = 0
    /// What Ethernet has behind a short packet.
    private var filling: [UInt8] = []

    public init(
        link: [UInt8] = Packets.macs + [8, 0], from source: [UInt8], to destination: [UInt8],
        protocolNumber: UInt8 = 17,
        body: Body
    ) {
        (self.link, self.source, self.destination) = (link, source, destination)
        (self.protocolNumber, self.body) = (protocolNumber, body)
    }

    /// Nil for what is not IPv4 in Ethernet, has options, or is cut.
    public init?(_ frame: [UInt8]) {
        var reader = MadeReader(frame)
        guard let link = reader.take(14), link.suffix(2) == [8, 0], reader.u8() == 0x45, let type = reader.u8(),
            let total = reader.u16(), total >= 20, frame.count >= 14 + Int(total), let identification = reader.u16(),
            let fragment = reader.u16(), let hopLimit = reader.u8(), let number = reader.u8(), reader.u16() != nil,
            let source = reader.take(4), let destination = reader.take(4), let payload = reader.take(Int(total) - 20)
        else { return nil }
        (self.link, serviceType, self.identification, self.fragment) = (link, type, identification, fragment)
        (self.hopLimit, protocolNumber) = (hopLimit, number)
        (self.source, self.destination, filling) = (source, destination, reader.rest)
        body = .other(payload)
        guard number == 17, fragment & 0x3fff == 0 else { return }
        var inside = MadeReader(payload)
        guard let from = inside.u16(), let to = inside.u16(), let length = inside.u16(), let sum = inside.u16(),
            Int(length) == payload.count
        else { return }
        checksum = sum
        body = .udp(source: from, destination: to, payload: inside.rest)
    }

    /// The header's checksum is made anew.
    public var bytes: [UInt8] {
        let payload = payload
        var header: [UInt8] = [0x45, serviceType] + Packets.u16(20 + payload.count)
        header += Packets.u16(Int(identification)) + Packets.u16(Int(fragment)) + [hopLimit, protocolNumber, 0, 0]
        header += source + destination
        var sum = stride(from: 0, to: 20, by: 2).reduce(0) { $0 + Int(header[$1]) << 8 + Int(header[$1 + 1]) }
        while sum >> 16 != 0 { sum = sum & 0xffff + sum >> 16 }
        header.replaceSubrange(10..<12, with: Packets.u16(~sum & 0xffff))
        return link + header + payload + filling
    }

    /// As a frame at the time of `frame`.
    public func made(at frame: Frame) -> Analysis.MadeFrame { Analysis.MadeFrame(frame).with(bytes) }

    // MARK: What it carries

    /// The payload behind IP's header.
    public var payload: [UInt8] {
        switch body {
        case .udp(let source, let destination, let payload):
            Packets.u16(Int(source)) + Packets.u16(Int(destination)) + Packets.u16(8 + payload.count)
                + Packets.u16(Int(checksum)) + payload
        case .other(let payload): payload
        }
    }

    public var ports: (source: UInt16, destination: UInt16)? {
        get { if case .udp(let source, let destination, _) = body { (source, destination) } else { nil } }
        set {
            if case .udp(_, _, let payload) = body, let newValue {
                body = .udp(source: newValue.source, destination: newValue.destination, payload: payload)
                checksum = 0
            }
        }
    }

    /// The payload of UDP; nil for any other protocol.
    public var datagram: [UInt8]? {
        get { if case .udp(_, _, let payload) = body { payload } else { nil } }
        set {
            if case .udp(let source, let destination, _) = body, let newValue {
                body = .udp(source: source, destination: destination, payload: newValue)
                (filling, checksum) = ([], 0)
            }
        }
    }

    /// UDP's checksum; nil for any other protocol.
    ///
    /// A change of ports or payload makes it zero.
    public var udpChecksum: UInt16? {
        get { if case .udp = body { checksum } else { nil } }
        set { if case .udp = body, let newValue { checksum = newValue } }
    }

    /// The sum over the pseudo-header of UDP alone (RFC 768), which a network card that is to finish it is given.
    public var pseudoHeaderSum: UInt16 {
        let header = source + destination + [0, protocolNumber] + Packets.u16(payload.count)
        var sum = stride(from: 0, to: header.count, by: 2).reduce(0) { $0 + Int(header[$1]) << 8 + Int(header[$1 + 1]) }
        while sum >> 16 != 0 { sum = sum & 0xffff + sum >> 16 }
        return UInt16(sum)
    }

    private static let marker: [UInt8] = [0, 0, 0, 0]

    private var isBehindMarker: Bool {
        guard let ports, let datagram else { return false }
        return (ports.source == 4500 || ports.destination == 4500) && datagram.starts(with: Self.marker)
    }

    /// The bytes of an IKE message: on port 500 or 848, or behind the marker on port 4500.
    public var ike: [UInt8]? {
        get {
            guard let ports, let datagram else { return nil }
            if isBehindMarker { return Array(datagram.dropFirst(4)) }
            let isPlain = [500, 848].contains { ports.source == $0 || ports.destination == $0 }
            return isPlain && datagram.count >= 28 ? datagram : nil
        }
        set { if let newValue { datagram = (isBehindMarker ? Self.marker : []) + newValue } }
    }

    public var isIKE: Bool { ike != nil }

    /// One byte that keeps a NAT's port open (RFC 3948 section 2.3).
    public var isKeepalive: Bool { datagram == [0xff] }

    /// An ESP packet, as IP protocol 50 or in UDP on port 4500.
    public var esp: [UInt8]? {
        get {
            if protocolNumber == 50, case .other(let payload) = body, payload.count >= 8 { return payload }
            guard let ports, ports.source == 4500 || ports.destination == 4500, !isBehindMarker, let datagram,
                datagram.count >= 8
            else { return nil }
            return datagram
        }
        set {
            guard let newValue else { return }
            if case .other = body { (body, filling) = (.other(newValue), []) } else { datagram = newValue }
        }
    }

    public var isESP: Bool { esp != nil }

    /// Of ESP.
    public var spi: UInt32? {
        get { esp.flatMap { MadeReader($0).number(at: 0) } }
        set { if let newValue, let old = esp { esp = Packets.u32(Int(newValue)) + old.dropFirst(4) } }
    }

    /// Of ESP.
    public var sequence: UInt32? {
        get { esp.flatMap { MadeReader($0).number(at: 4) } }
        set { if let newValue, let old = esp { esp = old.prefix(4) + Packets.u32(Int(newValue)) + old.dropFirst(8) } }
    }

    /// The same from the other end.
    public var reversed: MadePacket {
        var back = self
        back.link = Array(link[6..<12] + link[0..<6] + link[12...])
        (back.source, back.destination) = (destination, source)
        if let ports { back.ports = (ports.destination, ports.source) }
        return back
    }
}

extension Analysis.MadeFrame {
    init(_ frame: Frame) { self.init(frame, []) }

    /// Nil for what is not IPv4 in Ethernet.
    public var packet: MadePacket? { MadePacket(bytes) }

    /// Other bytes, captured whole.
    public func with(_ bytes: [UInt8]) -> Self {
        var made = self
        made.bytes = bytes
        made.frame.capturedLength = bytes.count
        made.frame.originalLength = bytes.count
        return made
    }

    /// With the packet changed; as it is where there is none.
    public func changing(_ change: (inout MadePacket) throws -> Void) rethrows -> Self {
        guard var packet else { return self }
        let old = packet
        try change(&packet)
        return packet == old ? self : with(packet.bytes)
    }

    public func later(nanoseconds: Int64) -> Self {
        var made = self
        made.frame.time = Instant(nanoseconds: frame.time.nanoseconds + nanoseconds)
        return made
    }

    public func later(seconds: Double) -> Self { later(nanoseconds: Int64(seconds * 1e9)) }
}

/// Reads numbers from the front of bytes that a test made or a lab recorded.
struct MadeReader {
    private let bytes: [UInt8]
    private(set) var at = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var left: Int { bytes.count - at }
    var rest: [UInt8] { Array(bytes[at...]) }

    mutating func take(_ count: Int) -> [UInt8]? {
        guard count >= 0, count <= left else { return nil }
        defer { at += count }
        return Array(bytes[at..<(at + count)])
    }

    mutating func u8() -> UInt8? { take(1)?.first }
    mutating func u16() -> UInt16? { take(2).map { UInt16($0[0]) << 8 | UInt16($0[1]) } }
    mutating func u32() -> UInt32? { take(4).map { $0.reduce(0) { $0 << 8 | UInt32($1) } } }

    /// The 32 bits at an offset.
    func number(at offset: Int) -> UInt32? {
        var reader = self
        return reader.take(offset).flatMap { _ in reader.u32() }
    }
}
