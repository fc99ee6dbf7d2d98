import ScopeWire

/// A Security Association payload (RFC 2408 section 3.4, RFC 2407 section 4.6.1) with its proposals.
///
///     |                 Domain of Interpretation                      |  4
///     |                          Situation                            |  4
///     ~      Labels, when the situation asks for secrecy or integrity ~
///     ~                          Proposals                            ~
public struct SAPayload: Sendable {
    /// 0 ISAKMP, 1 IPSEC, 2 GDOI.
    public var doi: UInt32
    public var situation: UInt32
    public var proposals: [Proposal]
    /// The labels of a situation with secrecy or integrity.
    public var labels: SituationLabels?
    /// The SA KEK, SA TEK and GAP payloads inside a GDOI association (RFC 6407 section 5.2).
    public var groupPolicy: [Payload] = []

    public init(doi: UInt32, situation: UInt32, proposals: [Proposal], labels: SituationLabels? = nil) {
        self.doi = doi
        self.situation = situation
        self.proposals = proposals
        self.labels = labels
    }

    /// Reads the body; proposals before the first one that does not decode are kept, and `problem` says why.
    init(reading reader: inout ByteReader, _ bytes: RawSpan, problem: inout DecodeError?) throws(DecodeError) {
        let domain: DomainOfInterpretation = try reader.code(bytes, "DOI")
        doi = domain.rawValue
        situation = try reader.u32(bytes, "situation")
        reader.recorder?.interpret(note: Situation(rawValue: situation).description)
        proposals = []
        if domain == .gdoi, Self.isGroupPolicy(reader, bytes) {
            try readGroupPolicy(&reader, bytes, problem: &problem)
            return
        }
        guard domain == .ipsec || domain == .isakmp || domain == .gdoi else {
            _ = reader.remainder("DOI specific data")
            return
        }
        if domain == .ipsec, situation & (Situation.secrecy.rawValue | Situation.integrity.rawValue) != 0 {
            labels = try SituationLabels(reading: &reader, bytes, situation: Situation(rawValue: situation))
        }
        proposals = Proposal.list(reading: &reader, bytes, problem: &problem)
    }

    /// Phase 1 has proposals under the GDOI as well (RFC 6407 section 2.1.1).
    ///
    /// The second byte tells the two apart: it is reserved in a proposal, and holds the type of a payload in the
    /// association of a group.
    private static func isGroupPolicy(_ reader: ByteReader, _ bytes: RawSpan) -> Bool {
        reader.remaining == 4 || reader.peek(bytes) == 0 && reader.peek(bytes, ahead: 1) != 0
    }

    private mutating func readGroupPolicy(
        _ reader: inout ByteReader, _ bytes: RawSpan, problem: inout DecodeError?
    ) throws(DecodeError) {
        let first = try reader.u16(bytes, "SA attribute next payload")
        var type = PayloadType(rawValue: UInt8(truncatingIfNeeded: first))
        if let name = type.name { reader.recorder?.interpret(note: name) }
        _ = try reader.u16(bytes, "reserved")
        // Some senders put these payloads behind the SA payload instead of into it.
        while type != .none, !reader.isAtEnd, problem == nil {
            guard groupPolicy.count < PayloadChain.maximumPayloads else {
                problem = DecodeError(
                    .limitExceeded(PayloadChain.maximumPayloads), at: reader.at, field: "group policy")
                return
            }
            let context = PayloadContext(type: type, version: 1, isGDOI: true)
            let (payload, fault) = try Payload.read(&reader, bytes, context)
            groupPolicy.append(payload)
            problem = fault ?? payload.problem
            type = payload.next
        }
    }
}

/// Whose numbers the payload uses (RFC 2408 section 2.1).
public struct DomainOfInterpretation: CodePoint {
    public let rawValue: UInt32
    @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }

    @inlinable public static var isakmp: DomainOfInterpretation { DomainOfInterpretation(rawValue: 0) }
    @inlinable public static var ipsec: DomainOfInterpretation { DomainOfInterpretation(rawValue: 1) }
    @inlinable public static var gdoi: DomainOfInterpretation { DomainOfInterpretation(rawValue: 2) }

    public static let names: [DomainOfInterpretation: String] = [.isakmp: "ISAKMP", .ipsec: "IPSEC", .gdoi: "GDOI"]
}

/// The situation bits of the IPsec DOI (RFC 2407 section 4.2).
public struct Situation: OptionSet, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: UInt32
    @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }

    @inlinable public static var identityOnly: Situation { Situation(rawValue: 1) }
    @inlinable public static var secrecy: Situation { Situation(rawValue: 2) }
    @inlinable public static var integrity: Situation { Situation(rawValue: 4) }

    public var description: String {
        var words: [String] = []
        if contains(.identityOnly) { words.append("SIT_IDENTITY_ONLY") }
        if contains(.secrecy) { words.append("SIT_SECRECY") }
        if contains(.integrity) { words.append("SIT_INTEGRITY") }
        if rawValue & ~7 != 0 || rawValue == 0 { words.append("\(rawValue)") }
        return words.joined(separator: " ")
    }
}

/// The labels of a situation (RFC 2407 section 4.6.1): each level is padded to 4 bytes, each category bitmap is
/// counted in bits.
public struct SituationLabels: Hashable, Sendable {
    public var domain: UInt32
    public var secrecyLevel: [UInt8] = []
    public var secrecyCategories: [UInt8] = []
    public var integrityLevel: [UInt8] = []
    public var integrityCategories: [UInt8] = []

    init(reading reader: inout ByteReader, _ bytes: RawSpan, situation: Situation) throws(DecodeError) {
        domain = try reader.u32(bytes, "labeled domain identifier")
        if situation.contains(.secrecy) {
            secrecyLevel = try Self.level(&reader, bytes, "secrecy length", "secrecy level")
            secrecyCategories = try Self.categories(
                &reader, bytes, "secrecy category length", "secrecy category bitmap")
        }
        if situation.contains(.integrity) {
            integrityLevel = try Self.level(&reader, bytes, "integrity length", "integrity level")
            integrityCategories = try Self.categories(
                &reader, bytes, "integrity category length", "integrity category bitmap")
        }
    }

    private static func level(
        _ reader: inout ByteReader, _ bytes: RawSpan, _ length: StaticString, _ field: StaticString
    ) throws(DecodeError) -> [UInt8] {
        let count = Int(try reader.u16(bytes, length))
        _ = try reader.u16(bytes, "reserved")
        return try padded(&reader, bytes, field, count: count)
    }

    private static func categories(
        _ reader: inout ByteReader, _ bytes: RawSpan, _ length: StaticString, _ field: StaticString
    ) throws(DecodeError) -> [UInt8] {
        let bits = Int(try reader.u16(bytes, length))
        _ = try reader.u16(bytes, "reserved")
        return try padded(&reader, bytes, field, count: (bits + 7) / 8)
    }

    private static func padded(
        _ reader: inout ByteReader, _ bytes: RawSpan, _ field: StaticString, count: Int
    ) throws(DecodeError) -> [UInt8] {
        let value = bytes.copy(try reader.bytes(field, count: count))
        _ = try reader.bytes("padding", count: (4 - count % 4) % 4)
        return value
    }
}
