import ScopeCrypto
import ScopeDissect
import ScopeModel
import ScopeWire

extension Contract {
    /// Any bytes are a message, or a decrypted chain of payloads, of either version: a value, or an error inside the
    /// bytes; every byte has its node in the field tree.
    ///
    ///     | 0 | message |      or      | 1, with 2 for IKEv2 | first payload | plaintext |
    public static let message = Contract(name: "FuzzMessage") { bytes in
        var input = Input(bytes)
        let mode = input.byte()
        let recorder = FieldRecorder()
        if mode & 1 == 0 { return try readMessage(input.remainder(), recorder) }
        let first = PayloadType(rawValue: input.byte())
        let plaintext = input.remainder()
        let chain = PayloadChain(
            decoding: plaintext, in: 0..<plaintext.count, first: first, version: mode & 2 == 0 ? 1 : 2,
            limit: .plaintext, recorder: recorder)
        try check(chain, recorder, plaintext.count)
    }

    private static func readMessage(_ bytes: [UInt8], _ recorder: FieldRecorder) throws(Violation) {
        let message: ISAKMPMessage
        do throws(DecodeError) { message = try ISAKMPMessage(bytes: bytes, recorder: recorder) } catch {
            try require(bytes.count < ISAKMPHeader.length, "a header that is there is refused: \(error)")
            try require((0...bytes.count).contains(error.offset), "an error outside the message: \(error)")
            return
        }
        try require(message.bytes.count <= bytes.count, "a message longer than its bytes")
        try check(message.chain, recorder, message.bytes.count)
        let plain = try? ISAKMPMessage(bytes: bytes)
        try require(
            plain?.chain.payloads.map(\.range) == message.chain.payloads.map(\.range), "a recorder changes the chain")
    }

    private static func check(_ chain: PayloadChain, _ recorder: FieldRecorder, _ count: Int) throws(Violation) {
        try require(chain.payloads.count <= PayloadChain.maximumPayloads, "\(chain.payloads.count) payloads")
        try require(chain.end <= count, "the chain ends behind its bytes")
        try require(FieldTree.covers(recorder.nodes, 0..<count), "the field tree has a gap or an overlap")
        for error in ([chain.error] + chain.payloads.map(\.problem)).compactMap({ $0 }) {
            try require((0...count).contains(error.offset), "an error outside the bytes: \(error)")
        }
        var end = chain.payloads.first?.range.lowerBound ?? 0
        for payload in chain.payloads {
            try require(payload.range.lowerBound == end, "\(payload.name) does not follow the payload before it")
            try require(payload.range.upperBound <= count, "\(payload.name) ends behind the bytes")
            try require(
                payload.body.clamped(to: payload.range) == payload.body, "\(payload.name)'s body lies outside it")
            end = payload.range.upperBound
            describe(payload)
        }
        guard chain.first(.certificate) != nil else { return }
        let report = KeyRing([]).certificates(in: chain, CertificateContext(time: Instant(nanoseconds: 0)))
        try require(
            report?.payloads.count ?? 0 == chain.carriedCertificates.count,
            "a CERT payload without a report of its contents"
        )
    }

    /// Asks what a formatter asks of attributes.
    private static func describe(_ payload: Payload) {
        switch payload.content {
        case .sa(let sa):
            for transform in sa.proposals.flatMap(\.transforms) {
                for attribute in transform.attributes {
                    for context in AttributeContext.allCases { _ = attribute.describe(in: context) }
                }
            }
        case .attributes(let configuration):
            for attribute in configuration.attributes { _ = attribute.describe(in: .modeConfig) }
        case .notification(let note):
            for attribute in note.attributes { _ = attribute.describe(in: .phase2) }
        case .ikev2(let content): describe(content)
        default: break
        }
    }

    private static func describe(_ content: IKEv2.Content) {
        switch content {
        case .sa(let sa):
            for transform in sa.proposals.flatMap(\.transforms) { _ = (transform.name, transform.keyLength) }
        case .configuration(let configuration):
            for attribute in configuration.attributes { _ = attribute.describe(in: .ikev2Configuration) }
        case .delete(let delete): _ = (delete.spis, delete.spiNumbers)
        case .authentication(let authentication): _ = authentication.algorithm?.description
        case .notify(let notify):
            if case .attributes(let attributes) = notify.content {
                for attribute in attributes { _ = attribute.describe(in: .rohc) }
            }
        default: break
        }
    }
}
