import ScopeWire
import Testing

@testable import ScopeDissect

@Suite("The table of IKEv1's payloads") struct PayloadReaderTests {
    private typealias Kind = Payload.Content.Kind

    @Test("reads every kind of content, and none twice under one number")
    func kinds() {
        // Not the reading of a type: where the body is encrypted by itself, has no reader, or does not decode.
        let others: Set<Kind> = [.sealed, .opaque, .malformed]
        #expect(Set(PayloadReader.all.map(\.kind)) == Set(Kind.allCases).subtracting(others))
        #expect(Set(PayloadReader.all.map(\.type)).count == PayloadReader.all.count)
    }

    @Test("has a row for every named payload but those that are kept as bytes")
    func names() {
        // 2 and 3 stand inside an SA payload; RFC 6407 gives 19 and 22 contents that are not decoded.
        let bytes: Set<PayloadType> = [.none, .proposal, .transform, .proofOfPossession, .groupAssociatedPolicy]
        // 33 to 54 are IKEv2's (RFC 7296 section 3.2).
        let named = PayloadType.names.keys.filter { !(33...54).contains($0.rawValue) }
        #expect(Set(PayloadReader.all.map(\.type)) == Set(named).subtracting(bytes))
    }

    @Test("makes of a body what its row says", arguments: PayloadReader.all.map(\.type))
    func content(type: PayloadType) throws {
        let row = try #require(PayloadReader.all.first { $0.type == type })
        // An IPv4 address is an ID payload of eight bytes; sixteen zero bytes are a hash, and every fixed part besides.
        let body: [UInt8] =
            row.kind == .natOriginalAddress ? [1, 0, 0, 0, 10, 0, 0, 1] : Array(repeating: 0, count: 16)
        let (payload, _) = try Messages.only(type, body)
        #expect(payload.content.kind == row.kind)
    }
}
