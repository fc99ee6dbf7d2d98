import ScopeWire

/// An identity (RFC 2407 section 4.6.2); NAT-OA (RFC 3947 section 5.2) has the same shape.
///
///     |    ID Type    |  Protocol ID  |             Port              |  4
///     ~                     Identification Data                       ~
public struct IdentificationPayload: Sendable {
    public var type: IdentificationType
    /// 0 for any; in NAT-OA reserved.
    public var protocolID: UInt8
    public var port: UInt16
    /// Offsets of the identity itself.
    public var data: Range<Int>
    /// The identity decoded.
    public var identity: Identity

    public init(
        type: IdentificationType, protocolID: UInt8, port: UInt16, data: Range<Int>, identity: Identity
    ) {
        self.type = type
        self.protocolID = protocolID
        self.port = port
        self.data = data
        self.identity = identity
    }

    /// Reads the body; `problem` tells of an identity whose length does not fit its type, which is kept as bytes, and of
    /// a range that ends before it begins.
    init(reading reader: inout ByteReader, _ bytes: RawSpan, problem: inout DecodeError?) throws(DecodeError) {
        type = try reader.code(bytes, "ID type")
        protocolID = try reader.u8(bytes, "protocol ID")
        port = try reader.u16(bytes, "port")
        data = reader.rest
        let raw = bytes.copy(data)
        identity = Identity(type, raw)
        switch identity {
        case .address(let address):
            _ = reader.remainder("address")
            reader.recorder?.interpret(.address(address))
        case .subnet(let address, let mask):
            try Self.notePair(&reader, bytes, ("address", address), ("mask", mask))
        case .range(let first, let last):
            try Self.notePair(&reader, bytes, ("first address", first), ("last address", last))
            if last < first { problem = DecodeError(.reversedRange, at: data.lowerBound, field: "identification data") }
        case .fqdn(let text), .userFQDN(let text), .distinguishedName(let text):
            _ = reader.remainder("identity")
            if !raw.isEmpty { reader.recorder?.interpret(.text(text)) }
        case .keyID, .other:
            _ = reader.remainder("identity")
        }
        if case .other = identity, type.hasFixedForm, problem == nil {
            problem = DecodeError(.badLength(raw.count), at: data.lowerBound, field: "identification data")
        }
    }

    /// A field with the name it has in the field tree, and the address in it.
    private typealias NotedAddress = (name: StaticString, address: IPAddress)

    private static func notePair(
        _ reader: inout ByteReader, _ bytes: RawSpan, _ first: NotedAddress, _ second: NotedAddress
    ) throws(DecodeError) {
        for field in [first, second] {
            _ = try reader.bytes(field.name, count: field.address.bitCount / 8)
            reader.recorder?.interpret(.address(field.address))
        }
    }
}
