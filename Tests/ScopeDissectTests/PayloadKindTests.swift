import ScopeWire
import Testing

@testable import ScopeDissect

/// The types of IKEv2 (RFC 7296 section 3.2 and the IANA registry).
private let ofIKEv2: ClosedRange<UInt8> = 33...54

@Suite("The table of IKEv1's payloads") struct PayloadKindTests {
    private typealias Kind = Payload.Content.Kind

    @Test("reads every kind of content")
    func kinds() {
        // Not the reading of a type: a body that is encrypted by itself, is IKEv2's, has no row, or does not decode.
        let others: Set<Kind> = [.sealed, .ikev2, .opaque, .malformed]
        #expect(Set(Kind.ofIKEv1.values) == Set(Kind.allCases).subtracting(others))
    }

    @Test("has a row for every named payload but those that are kept as bytes")
    func names() {
        // 2 and 3 stand inside an SA payload; RFC 6407 gives 19 and 22 contents that are not decoded.
        let bytes: Set<PayloadType> = [.none, .proposal, .transform, .proofOfPossession, .groupAssociatedPolicy]
        let named = PayloadType.names.keys.filter { !ofIKEv2.contains($0.rawValue) }
        #expect(Set(Kind.ofIKEv1.keys) == Set(named).subtracting(bytes))
    }

    @Test("makes of a body what its row says", arguments: Payload.Content.Kind.ofIKEv1.keys.map(\.rawValue).sorted())
    func content(number: UInt8) throws {
        let type = PayloadType(rawValue: number)
        let kind = try #require(Kind.ofIKEv1[type])
        // An IPv4 address is an ID payload of eight bytes; sixteen zero bytes are a hash, and every fixed part besides.
        let body: [UInt8] = kind == .natOriginalAddress ? [1, 0, 0, 0, 10, 0, 0, 1] : Array(repeating: 0, count: 16)
        let (payload, _) = try Messages.only(type, body)
        #expect(payload.content.kind == kind)
    }
}

@Suite("The table of IKEv2's payloads") struct IKEv2PayloadKindTests {
    private typealias Kind = IKEv2.Content.Kind

    @Test("reads every kind of content")
    func kinds() { #expect(Set(Kind.ofPayload.values) == Set(Kind.allCases)) }

    @Test("has a row for every payload of the registry")
    func names() {
        let named = PayloadType.names.keys.filter { ofIKEv2.contains($0.rawValue) }
        #expect(named.count == ofIKEv2.count)
        #expect(Set(Kind.ofPayload.keys) == Set(named))
    }

    @Test("makes of a body what its row says", arguments: IKEv2.Content.Kind.ofPayload.keys.map(\.rawValue).sorted())
    func content(number: UInt8) throws {
        let type = PayloadType(rawValue: number)
        let kind = try #require(Kind.ofPayload[type])
        let message = Messages.chain([(type, [0, 1, 0, 1] + Array(repeating: 0, count: 16))], version: 0x20)
        let payload = try #require(try ISAKMPMessage(bytes: message).chain.payloads.first)
        switch payload.content {
        case .ikev2(let content): #expect(content.kind == kind)
        case .certificate: #expect(kind == .certificate)
        case .vendorID: #expect(kind == .vendorID)
        default: Issue.record("\(type) is read as \(payload.content)")
        }
    }
}
