import ScopeWire

extension IKEv2.EAPContent {
    /// Reads the type data; bytes that are no use to anybody but the peers are left to the caller.
    init(
        reading reader: inout ByteReader, _ bytes: RawSpan, _ type: IKEv2.EAPType, isResponse: Bool
    ) throws(DecodeError) {
        switch type {
        case .identity: self = .identity(Self.text(&reader, bytes, "identity"))
        case .notification: self = .notification(Self.text(&reader, bytes, "message"))
        case .nak:
            var types: [IKEv2.EAPType] = []
            while !reader.isAtEnd { types.append(try reader.code(bytes, "wanted type")) }
            self = .nak(types)
        case .md5Challenge:
            let count = Int(try reader.u8(bytes, "value length"))
            _ = try reader.bytes(isResponse ? "secret" : "challenge", count: count)
            self = .md5(name: Self.text(&reader, bytes, "name"))
        case .oneTimePassword, .tokenCard:
            if isResponse {
                _ = reader.remainder("secret")
                self = .answer
            } else {
                self = .prompt(Self.text(&reader, bytes, "message"))
            }
        case .mschapv2: self = .mschapv2(try IKEv2.MSCHAPv2(reading: &reader, bytes))
        case .tls, .ttls, .peap, .fast, .teap: self = .tls(try IKEv2.TLS(reading: &reader, bytes))
        case .sim, .aka, .akaPrime: self = .aka(try IKEv2.AKA(reading: &reader, bytes, type))
        case .expanded:
            let vendor = bytes.copy(try reader.bytes("vendor", count: 3))
            self = .expanded(vendor: UInt32(bytes: vendor), type: try reader.u32(bytes, "vendor type"))
        default: self = .bytes
        }
    }

    private static func text(_ reader: inout ByteReader, _ bytes: RawSpan, _ field: StaticString) -> String {
        let place = reader.remainder(field)
        let text = bytes.text(place)
        if !place.isEmpty { reader.recorder?.interpret(.text(text)) }
        return text
    }
}

extension IKEv2.MSCHAPv2 {
    /// Reads operation, identifier and length, then what the operation has.
    ///
    /// Responses hold what a password can be guessed from, and changes of a password hold it: both are secret.
    init(reading reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) {
        operation = try reader.code(bytes, "operation")
        text = ""
        // The answer to success and failure is the operation alone.
        guard !reader.isAtEnd else { return }
        _ = try reader.u8(bytes, "MS-CHAPv2 identifier")
        _ = try reader.u16(bytes, "MS length")
        switch operation {
        case .challenge:
            let count = Int(try reader.u8(bytes, "value size"))
            _ = try reader.bytes("challenge", count: count)
            text = bytes.text(reader.remainder("name"))
        case .response:
            let count = Int(try reader.u8(bytes, "value size"))
            _ = try reader.bytes("secret", count: count)
            text = bytes.text(reader.remainder("name"))
        case .success, .failure: text = bytes.text(reader.remainder("message"))
        default:
            _ = reader.remainder("secret")
            return
        }
        if !text.isEmpty { reader.recorder?.interpret(.text(text)) }
    }
}

extension IKEv2.TLS {
    /// More records than this in one message are not looked at.
    private static let mostRecords = 32

    init(reading reader: inout ByteReader, _ bytes: RawSpan) throws(DecodeError) {
        flags = try reader.u8(bytes, "flags")
        length = flags & 0x80 != 0 ? try reader.u32(bytes, "TLS message length") : nil
        records = []
        // A piece that goes on with a record does not begin with a header of one: 20 to 23, and version 3.
        while records.count < Self.mostRecords, let type = reader.peek(bytes), (20...23).contains(type),
            reader.peek(bytes, ahead: 1) == 3, reader.remaining >= 5
        {
            reader.recorder?.open("TLS record", from: reader.at)
            let word: IKEv2.TLSContentType = try reader.code(bytes, "content type")
            _ = try reader.u16(bytes, "version")
            let count = Int(try reader.u16(bytes, "length"))
            var name = word.name ?? "content type \(type)"
            // A handshake message that is encrypted begins with any byte: those that have no name are left at that.
            if word == .handshake, let first = reader.peek(bytes),
                let message = IKEv2.TLSHandshakeType(rawValue: first).name
            {
                name = message
                reader.recorder?.interpret(note: message)
            }
            records.append(name)
            _ = try reader.bytes("record", count: min(count, reader.remaining))
            reader.recorder?.close(at: reader.at)
        }
        _ = reader.remainder("TLS data")
    }
}

extension IKEv2.AKA {
    init(reading reader: inout ByteReader, _ bytes: RawSpan, _ type: IKEv2.EAPType) throws(DecodeError) {
        subtype = try reader.code(bytes, "subtype")
        _ = try reader.u16(bytes, "reserved")
        attributes = []
        identity = nil
        while !reader.isAtEnd {
            let place = reader.at
            let attribute: IKEv2.AKAAttribute = try reader.code(bytes, "attribute")
            // In units of four bytes, type and length included (RFC 4187 section 8.1).
            let count = 4 * Int(try reader.u8(bytes, "length"))
            guard count >= 4 else { throw DecodeError(.badLength(count), at: place + 1, field: "length") }
            var value = try reader.sub("value", count: count - 2, limit: .payload)
            defer { _ = value.remainder("not decoded") }
            if attribute == .identity {
                let length = Int(try value.u16(bytes, "identity length"))
                let text = bytes.text(try value.bytes("identity", count: length))
                if !text.isEmpty { value.recorder?.interpret(.text(text)) }
                identity = text
                _ = value.remainder("padding")
            } else {
                _ = value.remainder(attribute == .res ? "secret" : "value")
            }
            attributes.append(attribute)
        }
    }
}
