import ScopeDissect
import ScopeWire
import TestSupport
import Testing

/// Flaws that leave every byte readable, so that no length gives them away.
@Suite("Flaws that no length shows")
struct FlawTests {
    /// An ISAKMP header of message 1, or of the message that these SPIs make it, with payloads behind it.
    private static func message(
        first: UInt8, exchange: UInt8 = 2, version: UInt8 = 0x10, responder: UInt8 = 0, flags: UInt8 = 0,
        _ payloads: [UInt8]
    ) throws -> ISAKMPMessage {
        let spis: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, responder]
        let length = UInt8(28 + payloads.count)
        let header = spis + [first, version, exchange, flags, 0, 0, 0, 0, 0, 0, 0, length]
        return try ISAKMPMessage(bytes: header + payloads)
    }

    /// An SA payload with one transform of phase 1.
    private static func offer(_ attributes: [UInt8]) -> [UInt8] {
        let transform: [UInt8] = [0, 0, 0, UInt8(8 + attributes.count), 1, 1, 0, 0] + attributes
        let proposal: [UInt8] = [0, 0, 0, UInt8(8 + transform.count), 1, 1, 0, 1] + transform
        return [0, 0, 0, UInt8(12 + proposal.count), 0, 0, 0, 1, 0, 0, 0, 1] + proposal
    }

    private static let identity: [UInt8] = [0, 0, 0, 12, 1, 17, 1, 244, 192, 0, 2, 1]

    /// RFC 2409 section 5: in every mode the first message offers an SA.
    @Test("a first message without an offer")
    func withoutOffer() throws {
        let missing = DecodeError(.missing, at: 28, field: "SA")
        #expect(try Self.message(first: 5, Self.identity).chain.error == missing)
        #expect(try Self.message(first: 5, exchange: 4, Self.identity).chain.error == missing)
        #expect(try Self.message(first: 1, Self.offer([])).chain.error == nil)
        // Message 3 and later, other exchanges, what is encrypted, and a piece of a message.
        #expect(try Self.message(first: 5, responder: 1, Self.identity).chain.error == nil)
        #expect(try Self.message(first: 5, exchange: 5, Self.identity).chain.error == nil)
        #expect(try Self.message(first: 5, flags: 1, Self.identity).chain.error == nil)
        #expect(try Self.message(first: 132, [0, 0, 0, 12, 0, 1, 1, 0, 1, 2, 3, 4]).chain.error == nil)
    }

    /// RFC 2409 appendix A: the life type that stands before a duration gives it its unit.
    @Test("a duration before its life type")
    func strayDuration() throws {
        let (type, duration): ([UInt8], [UInt8]) = ([0x80, 11, 0, 1], [0x80, 12, 0x70, 0x80])
        let stray = try #require(try Self.message(first: 1, Self.offer(duration + type)).chain.payloads.first?.problem)
        #expect(stray.reason == .outOfPlace && stray.path.last == "Life-Duration")
        let second = type + duration + duration
        #expect(try Self.message(first: 1, Self.offer(second)).chain.payloads.first?.problem?.reason == .outOfPlace)
        // Seconds and kilobytes.
        let both = type + duration + [0x80, 11, 0, 2] + duration
        #expect(try Self.message(first: 1, Self.offer(both)).chain.payloads.first?.problem == nil)
    }

    /// RFC 7296 section 3.5: the type and three reserved bytes come before the identity.
    @Test("an IKEv2 identity without its type", arguments: 0...5)
    func shortIdentity(count: Int) throws {
        // A key ID, which has any length.
        let payload: [UInt8] = [0, 0, 0, UInt8(4 + count)] + [UInt8](repeating: 11, count: count)
        for type: UInt8 in [35, 36] {
            let chain = try Self.message(first: type, exchange: 35, version: 0x20, responder: 1, payload).chain
            #expect((chain.payloads.first?.problem == nil) == (count >= 4))
        }
    }

    @Test("AH that the capture cut in its ICV is AH all the same")
    func cutHeader() throws {
        let packet: [UInt8] = [4, 48, 0, 0, 0x30, 0x30, 0x30, 0x30, 0, 0, 0, 9, 1, 2]
        var reader = ByteReader(packet.span.bytes, limit: .capture)
        let header = try AHHeader(reading: &reader, packet.span.bytes)
        #expect(header.spi == 0x3030_3030 && header.sequence == 9 && header.icv == 12..<14 && header.payload.isEmpty)
        // Where nothing was cut, the header contradicts its packet.
        var whole = ByteReader(packet.span.bytes, limit: .ip)
        #expect(throws: DecodeError.self) { try AHHeader(reading: &whole, packet.span.bytes) }
    }
}
