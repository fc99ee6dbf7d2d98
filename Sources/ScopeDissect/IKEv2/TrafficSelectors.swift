import ScopeWire

extension IKEv2 {
    /// The traffic of one side of a child SA (RFC 7296 section 3.13).
    ///
    ///     | Number of TSs |                   RESERVED                    |  4
    ///     ~                       Traffic Selectors                       ~
    public struct TrafficSelectors: Hashable, Sendable {
        public var selectors: [TrafficSelector]

        public init(selectors: [TrafficSelector]) { self.selectors = selectors }

        /// Reads the body; selectors before the first one that does not decode are kept, and `problem` says why.
        init(reading reader: inout ByteReader, _ bytes: RawSpan, problem: inout DecodeError?) throws(DecodeError) {
            let countOffset = reader.at
            // The number has one byte, so there are never more than 255.
            let count = Int(try reader.u8(bytes, "selector count"))
            _ = try reader.bytes("reserved", count: 3)
            selectors = []
            while selectors.count < count, !reader.isAtEnd, problem == nil {
                reader.recorder?.open("traffic selector", from: reader.at)
                let number = selectors.count + 1
                var inner: DecodeError?
                do throws(DecodeError) {
                    selectors.append(try TrafficSelector(reading: &reader, bytes, problem: &inner))
                } catch {
                    inner = error
                    _ = reader.remainder("not decoded")
                }
                reader.recorder?.close(at: reader.at, error: inner)
                problem = inner?.enclosed(in: "traffic selector \(number)")
            }
            guard problem == nil, selectors.count != count || !reader.isAtEnd else { return }
            problem = DecodeError(.unexpected(UInt64(count)), at: countOffset, field: "selector count")
        }
    }

    /// One range of traffic (RFC 7296 section 3.13.1), or a security label (RFC 9478).
    ///
    ///     |   TS Type     |IP Protocol ID |       Selector Length         |  4
    ///     |           Start Port          |           End Port            |  4
    ///     ~                 Starting Address, Ending Address              ~
    public struct TrafficSelector: Hashable, Sendable {
        public var type: TrafficSelectorType
        /// 0 for any.
        public var protocolID: UInt8
        public var content: Content

        public enum Content: Hashable, Sendable {
            /// Both ends belong to the ranges. Ports of ICMP are type and code; 65535 to 0 is OPAQUE.
            case addresses(from: IPAddress, to: IPAddress, firstPort: UInt16, lastPort: UInt16)
            /// The label of RFC 9478, whose format is the peers' own.
            case securityLabel([UInt8])
            /// A type that is not decoded: all behind the selector length.
            case other([UInt8])
        }

        public init(type: TrafficSelectorType, protocolID: UInt8, content: Content) {
            self.type = type
            self.protocolID = protocolID
            self.content = content
        }

        /// Reads one selector; `problem` tells of a range of addresses or ports that ends before it begins.
        init(reading reader: inout ByteReader, _ bytes: RawSpan, problem: inout DecodeError?) throws(DecodeError) {
            let start = reader.at
            type = try reader.code(bytes, "type")
            protocolID = try reader.u8(bytes, "IP protocol")
            let length = Int(try reader.u16(bytes, "length"))
            guard length >= 4 else { throw DecodeError(.badLength(length), at: start + 2, field: "length") }
            var body = try reader.sub("selector", count: length - 4, limit: .payload)
            defer { _ = body.remainder("not decoded") }
            switch type {
            case .ipv4Range, .ipv6Range:
                content = try Self.addresses(&body, bytes, isV6: type == .ipv6Range, problem: &problem)
                if problem == nil, !body.isAtEnd {
                    problem = DecodeError(.badLength(length), at: start + 2, field: "length")
                }
            case .securityLabel: content = .securityLabel(bytes.copy(body.remainder("security label")))
            default: content = .other(bytes.copy(body.remainder("data")))
            }
        }

        private static func addresses(
            _ reader: inout ByteReader, _ bytes: RawSpan, isV6: Bool, problem: inout DecodeError?
        ) throws(DecodeError) -> Content {
            let ports = reader.at
            let firstPort = try reader.u16(bytes, "first port")
            let lastPort = try reader.u16(bytes, "last port")
            if firstPort == 65535, lastPort == 0 { reader.recorder?.interpret(note: "OPAQUE") }
            let place = reader.at
            let first = try isV6 ? reader.ipv6(bytes, "first address") : reader.ipv4(bytes, "first address")
            let last = try isV6 ? reader.ipv6(bytes, "last address") : reader.ipv4(bytes, "last address")
            if last < first {
                problem = DecodeError(.reversedRange, at: place, field: "addresses")
            } else if lastPort < firstPort, firstPort != 65535 || lastPort != 0 {
                problem = DecodeError(.reversedRange, at: ports, field: "ports")
            }
            return .addresses(from: first, to: last, firstPort: firstPort, lastPort: lastPort)
        }
    }

    /// What a traffic selector is a range of (RFC 7296 section 3.13.1, RFC 4595, RFC 9478).
    public struct TrafficSelectorType: CodePoint {
        public let rawValue: UInt8
        @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

        @inlinable public static var ipv4Range: Self { Self(rawValue: 7) }
        @inlinable public static var ipv6Range: Self { Self(rawValue: 8) }
        @inlinable public static var fcRange: Self { Self(rawValue: 9) }
        @inlinable public static var securityLabel: Self { Self(rawValue: 10) }

        public static let names: [Self: String] = [
            .ipv4Range: "TS_IPV4_ADDR_RANGE", .ipv6Range: "TS_IPV6_ADDR_RANGE", .fcRange: "TS_FC_ADDR_RANGE",
            .securityLabel: "TS_SECLABEL",
        ]
    }
}
