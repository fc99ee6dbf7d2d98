import ScopeWire

extension IKEv2.NotifyContent {
    /// Reads the data of a notification of `type`; what has no format of its own is left to the caller.
    init(reading reader: inout ByteReader, _ bytes: RawSpan, _ type: IKEv2.NotifyType) throws(DecodeError) {
        switch type {
        case .unsupportedCriticalPayload where !reader.isAtEnd:
            let number = try reader.u8(bytes, "payload type")
            reader.recorder?.interpret(.code(UInt64(number), PayloadType(rawValue: number).name))
            self = .payloadType(PayloadType(rawValue: number))
        case .invalidMessageID where !reader.isAtEnd: self = .messageID(try reader.u32(bytes, "message ID"))
        case .invalidSPI where !reader.isAtEnd: self = .spi(try reader.u32(bytes, "invalid SPI"))
        case .invalidKEPayload: self = .group(try reader.code(bytes, "group"))
        case .setWindowSize: self = .windowSize(try reader.u32(bytes, "window size"))
        case .ipCompSupported:
            let cpi = try reader.u16(bytes, "CPI")
            self = .ipComp(cpi: cpi, transform: try reader.code(bytes, "transform ID"))
        case .natDetectionSourceIP, .natDetectionDestinationIP:
            _ = try reader.bytes("address hash", count: 20)
            self = .addressHash
        case .signatureHashAlgorithms: self = .hashAlgorithms(try Self.list(&reader, bytes, "hash algorithm"))
        case .additionalIP4Address, .nasIP4Address, .upIP4Address:
            self = .address(try reader.ipv4(bytes, "address"))
        case .additionalIP6Address, .nasIP6Address, .upIP6Address:
            self = .address(try reader.ipv6(bytes, "address"))
        case .nasTCPPort: self = .port(try reader.u16(bytes, "port"))
        case .authLifetime: self = .seconds(try reader.u32(bytes, "seconds"))
        case .ticketLTOpaque:
            let seconds = try reader.u32(bytes, "seconds")
            self = .ticket(seconds: seconds, ticket: reader.remainder("ticket"))
        case .redirect, .redirectedFrom:
            let gateway = try IKEv2.Gateway(reading: &reader, bytes)
            self = .gateway(gateway, nonce: type == .redirect ? reader.remainder("nonce data") : reader.at..<reader.at)
        case .messageIDSync:
            _ = try reader.u32(bytes, "nonce")
            let send = try reader.u32(bytes, "next message ID to send")
            self = .messageIDSync(send: send, receive: try reader.u32(bytes, "next message ID to receive"))
        case .replayCounterSync:
            self = .replayCounter(
                try reader.remaining == 4
                    ? UInt64(reader.u32(bytes, "counter delta")) : reader.u64(bytes, "counter delta"))
        case .securePasswordMethods: self = .passwordMethods(try Self.list(&reader, bytes, "password method"))
        case .rohcSupported:
            var problem: DecodeError?
            let attributes = Attribute.list(reading: &reader, bytes, in: .rohc, problem: &problem)
            if let problem { throw problem }
            self = .attributes(attributes)
        case .puzzle:
            let prf: IKEv2.PRFTransform = try reader.code(bytes, "PRF")
            self = .puzzle(prf: prf, difficulty: try reader.u8(bytes, "difficulty"))
        // The responder agrees with empty data (RFC 8784 section 3).
        case .ppkIdentity where !reader.isAtEnd:
            self = .ppk(try IKEv2.PPKIdentity(reading: &reader, bytes), confirmation: reader.rest)
        case .ppkIdentityKey:
            // RFC 9867: the confirmation is the last eight bytes.
            var identity = try reader.sub("PPK_ID", count: max(0, reader.remaining - 8), limit: .payload)
            let ppk = try IKEv2.PPKIdentity(reading: &identity, bytes)
            self = .ppk(ppk, confirmation: try reader.bytes("PPK confirmation", count: 8))
        case .supportedAuthMethods where !reader.isAtEnd:
            var methods: [IKEv2.AuthenticationAnnouncement] = []
            while !reader.isAtEnd { methods.append(try IKEv2.AuthenticationAnnouncement(reading: &reader, bytes)) }
            self = .authenticationMethods(methods)
        case .useAggFrag: self = .flags(try reader.u8(bytes, "flags"))
        // It is asked for without data (3GPP TS 24.302 section 8.2.9.2).
        case .deviceIdentity where reader.remaining > 2:
            let count = Int(try reader.u16(bytes, "length"))
            let kind: IKEv2.DeviceIdentityType = try reader.code(bytes, "identity type")
            let place = try reader.bytes("identity", count: max(0, count - 1))
            let digits = IKEv2.DeviceIdentityType.digits(bytes.copy(place))
            if !digits.isEmpty { reader.recorder?.interpret(.text(digits)) }
            self = .device(kind, digits: digits)
        default: self = .bytes
        }
    }

    /// Numbers of 16 bits, up to the bound.
    private static func list<C: CodePoint>(
        _ reader: inout ByteReader, _ bytes: RawSpan, _ field: StaticString
    ) throws(DecodeError) -> [C] where C.RawValue == UInt16 {
        var values: [C] = []
        while !reader.isAtEnd { values.append(try reader.code(bytes, field)) }
        return values
    }
}
