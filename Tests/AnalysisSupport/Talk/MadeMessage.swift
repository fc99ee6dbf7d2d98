import TestSupport

/// An ISAKMP message as values (RFC 2408 section 3): the chain of payloads and the lengths are made when it is written.
public struct MadeMessage: Sendable, Equatable {
    public struct Payload: Sendable, Equatable {
        public var type: PayloadKind
        public var reserved: UInt8
        public var body: [UInt8]

        public init(_ type: PayloadKind, _ body: [UInt8], reserved: UInt8 = 0) {
            (self.type, self.body, self.reserved) = (type, body, reserved)
        }
    }

    public var initiatorSPI: UInt64
    public var responderSPI: UInt64
    public var version: UInt8 = 0x10
    public var exchange: UInt8
    public var flags: UInt8 = 0
    public var messageID: UInt32 = 0
    /// In the clear, or opened.
    public var payloads: [Payload] = []
    /// What is closed, or is no chain of payloads, with the type that the header gives it.
    public private(set) var closed: (first: UInt8, bytes: [UInt8])?
    /// What filled up the last block of an opened message.
    private(set) var filling: [UInt8] = []

    public init(initiatorSPI: UInt64, responderSPI: UInt64 = 0, exchange: UInt8, payloads: [Payload]) {
        (self.initiatorSPI, self.responderSPI, self.exchange) = (initiatorSPI, responderSPI, exchange)
        self.payloads = payloads
    }

    public var isEncrypted: Bool { flags & 1 != 0 }

    /// Nil for what is too short for a header.
    public init?(_ bytes: [UInt8]) {
        var reader = MadeReader(bytes)
        guard let initiator = reader.u64(), let responder = reader.u64(), let first = reader.u8(),
            let version = reader.u8(), let exchange = reader.u8(), let flags = reader.u8(), let id = reader.u32(),
            let length = reader.u32(), Int(length) == bytes.count
        else { return nil }
        (initiatorSPI, responderSPI, self.version) = (initiator, responder, version)
        (self.exchange, self.flags, messageID) = (exchange, flags, id)
        closed = (first, reader.rest)
        if flags & 1 == 0, let chain = Self.chain(first, reader.rest), chain.filling.isEmpty {
            (payloads, closed) = (chain.payloads, nil)
        }
    }

    /// The message with its payloads opened; nil where `plaintext` is no chain of payloads.
    func opened(_ plaintext: [UInt8]) -> MadeMessage? {
        guard let closed, let chain = Self.chain(closed.first, plaintext), chain.filling.count < 32 else { return nil }
        var message = self
        (message.payloads, message.closed, message.filling) = (chain.payloads, nil, chain.filling)
        return message
    }

    /// With `ciphertext` in place of its payloads.
    func sealed(_ ciphertext: [UInt8]) -> MadeMessage {
        var message = self
        message.closed = (payloads.first?.type.number ?? 0, ciphertext)
        message.payloads = []
        return message
    }

    public var bytes: [UInt8] {
        let first = closed?.first ?? payloads.first?.type.number ?? 0
        let body = closed?.bytes ?? Self.bytes(of: payloads)
        return Packets.u64(initiatorSPI) + Packets.u64(responderSPI) + [first, version, exchange, flags]
            + Packets.u32(Int(messageID)) + Packets.u32(28 + body.count) + body
    }

    // MARK: Chains

    static func bytes(of payloads: [Payload]) -> [UInt8] {
        payloads.enumerated().flatMap { index, payload in
            [index + 1 < payloads.count ? payloads[index + 1].type.number : 0, payload.reserved]
                + Packets.u16(4 + payload.body.count) + payload.body
        }
    }

    private static func chain(_ first: UInt8, _ bytes: [UInt8]) -> (payloads: [Payload], filling: [UInt8])? {
        var payloads: [Payload] = []
        var (reader, type) = (MadeReader(bytes), first)
        while type != 0 {
            guard payloads.count < 100, let next = reader.u8(), let reserved = reader.u8(), reserved == 0,
                let length = reader.u16(), length >= 4, let body = reader.take(Int(length) - 4)
            else { return nil }
            payloads.append(Payload(PayloadKind(number: type), body, reserved: reserved))
            type = next
        }
        return (payloads, reader.rest)
    }

    // MARK: What tests change

    /// The body of the first payload of a kind; a payload more where there was none, and one less for nil.
    public subscript(_ kind: PayloadKind) -> [UInt8]? {
        get { payloads.first { $0.type == kind }?.body }
        set {
            let index = payloads.firstIndex { $0.type == kind }
            switch (index, newValue) {
            case (let index?, let body?): payloads[index].body = body
            case (let index?, nil): payloads.remove(at: index)
            case (nil, let body?): payloads.append(Payload(kind, body))
            case (nil, nil): break
            }
        }
    }

    public mutating func removeAll(_ kind: PayloadKind) { payloads.removeAll { $0.type == kind } }

    /// What it offers or chooses.
    public var association: MadeAssociation? {
        get { self[.association].flatMap { MadeAssociation($0) } }
        set { if let newValue { self[.association] = newValue.bytes } }
    }

    /// Gives an attribute of every transform another value; adds it where it was not there.
    public mutating func set(_ attribute: MadeAssociation.Attribute, to value: UInt32) throws {
        guard var changed = association else { throw TalkError("no SA payload in \(self)") }
        changed.set(attribute, to: value)
        association = changed
    }

    /// The type of the first notification (RFC 2408 section 3.14): it stands behind DOI, protocol and size of the SPI.
    public var notifyType: UInt16? {
        get {
            self[.notification].flatMap { body in
                var reader = MadeReader(body)
                return reader.take(6).flatMap { _ in reader.u16() }
            }
        }
        set {
            guard let newValue, let body = self[.notification], body.count >= 8 else { return }
            self[.notification] = body.prefix(6) + Packets.u16(Int(newValue)) + body.dropFirst(8)
        }
    }

    public static func == (a: MadeMessage, b: MadeMessage) -> Bool { a.bytes == b.bytes }
}

/// The kind of a payload, by its number in IKEv1 (RFC 2408 section 3.1, RFC 3947 section 8).
public struct PayloadKind: Sendable, Equatable {
    public var number: UInt8

    public init(number: UInt8) { self.number = number }

    public static let association = PayloadKind(number: 1)
    public static let keyExchange = PayloadKind(number: 4)
    public static let identification = PayloadKind(number: 5)
    public static let certificate = PayloadKind(number: 6)
    public static let certificateRequest = PayloadKind(number: 7)
    public static let hash = PayloadKind(number: 8)
    public static let signature = PayloadKind(number: 9)
    public static let nonce = PayloadKind(number: 10)
    public static let notification = PayloadKind(number: 11)
    public static let delete = PayloadKind(number: 12)
    public static let vendorID = PayloadKind(number: 13)
    public static let attributes = PayloadKind(number: 14)
    public static let natDiscovery = PayloadKind(number: 20)
    /// A piece of a message.
    public static let fragment = PayloadKind(number: 132)
}

extension MadeMessage.Payload {
    /// A notification of the IPsec DOI (RFC 2407 section 4.6.3).
    public static func notification(
        _ type: UInt16, protocolID: UInt8, spi: [UInt8], data: [UInt8] = []
    ) -> MadeMessage.Payload {
        .init(.notification, [0, 0, 0, 1, protocolID, UInt8(spi.count)] + Packets.u16(Int(type)) + spi + data)
    }
}

extension MadeReader {
    mutating func u64() -> UInt64? { take(8).map { $0.reduce(0) { $0 << 8 | UInt64($1) } } }
}

extension Packets {
    public static func u64(_ value: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64(56 - 8 * $0)) }
    }
}
