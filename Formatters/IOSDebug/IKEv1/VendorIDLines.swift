import ScopeDissect
import ScopeModel

/// What IOS says of one vendor id payload.
///
/// It compares the first 14 bytes with Unity and DPD and takes the byte behind them for a major version, whatever
/// the id is: hence the "seems Unity/DPD" lines, which mean nothing. Of an id that is too short it reads on into the
/// next payload. (Images from 15.x on say something else of the fragmentation id, which depends on their
/// configuration; the older form is printed.)
struct VendorIDLines {
    enum Guess: Equatable {
        case unity, dpd
        /// Nil where the byte lies behind the end of the message.
        case majorMismatch(UInt8?)
        case hashMismatch
        case anotherIOS
    }

    enum Known: Equatable { case natRFC3947, natV7, natV3, natV2, xauth }

    var guess: Guess
    var known: Known?

    /// All vendor ids of `chain`, in wire order.
    ///
    /// `withSession`: message 3 or 4, where IOS and ASA send an id of 16 bytes that is new each time, directly behind
    /// Unity, DPD or XAUTH.
    static func all(in chain: PayloadChain, withSession: Bool) -> [VendorIDLines] {
        var result: [VendorIDLines] = []
        var isBehindKnown = false
        for payload in chain.payloads where payload.type == .vendorID {
            let body = chain.slice(payload.body)
            var lines = VendorIDLines(body, in: chain, from: payload.body.lowerBound)
            if withSession, isBehindKnown, body.count == 16, lines.known == nil, isUnnamed(payload),
                lines.guess != .unity, lines.guess != .dpd
            {
                lines.guess = .anotherIOS
            }
            isBehindKnown = lines.guess == .unity || lines.guess == .dpd || lines.known == .xauth
            result.append(lines)
        }
        return result
    }

    private static func isUnnamed(_ payload: Payload) -> Bool {
        if case .vendorID(.some) = payload.content { false } else { true }
    }

    private init(_ body: ArraySlice<UInt8>, in chain: PayloadChain, from start: Int) {
        let major = chain.bytes.indices.contains(start + 14) ? chain.bytes[start + 14] : nil
        if body.count == 16, major == 1, body.starts(with: Self.unityHash) {
            guess = .unity
        } else if body.count == 16, major == 1, body.starts(with: Self.dpdHash) {
            guess = .dpd
        } else if major == 1 {
            guess = .hashMismatch
        } else {
            guess = .majorMismatch(major)
        }
        known = Self.knownIDs.first { body.elementsEqual($0.id) }?.known
        if known == nil, body.starts(with: Self.xauthHash) { known = .xauth }
    }

    func write(to out: LineWriter) {
        out.line(.blank, "processing vendor id payload")
        switch guess {
        case .unity: out.line(.blank, "vendor ID is Unity")
        case .dpd: out.line(.blank, "vendor ID is DPD")
        case .majorMismatch(let major):
            out.line(
                .blank, "vendor ID seems Unity/DPD but major ", major.map { .number($0) } ?? .unknown, " mismatch")
        case .hashMismatch: out.line(.tight, "vendor ID seems Unity/DPD but hash mismatch")
        case .anotherIOS: out.line(.blank, "speaking to another IOS box!")
        }
        switch known {
        case .natRFC3947: out.line(.spaced, "vendor ID is NAT-T RFC 3947")
        case .natV7: out.line(.blank, "vendor ID is NAT-T v7")
        case .natV3: out.line(.blank, "vendor ID is NAT-T v3")
        case .natV2: out.line(.blank, "vendor ID is NAT-T v2")
        case .xauth: out.line(.blank, "vendor ID is XAUTH")
        case nil: break
        }
    }

    /// True for the lines that users take for a fault.
    var isNoise: Bool {
        switch guess {
        case .majorMismatch, .hashMismatch: true
        case .unity, .dpd, .anotherIOS: false
        }
    }

    /// The NAT-T ids of `chain` that have a line, in wire order, each with its rank (0 is the best version).
    static func offeredNAT(in chain: PayloadChain) -> [(rank: Int, line: StaticString)] {
        chain.all(.vendorID).compactMap { payload in
            let body = chain.slice(payload.body)
            return sentIDs.enumerated().first { body.elementsEqual($0.element.id) }
                .map { (rank: $0.offset, line: $0.element.line) }
        }
    }

    private static let unityHash: [UInt8] = [
        0x12, 0xf5, 0xf2, 0x8c, 0x45, 0x71, 0x68, 0xa9, 0x70, 0x2d, 0x9f, 0xe2, 0x74, 0xcc,
    ]
    private static let dpdHash: [UInt8] = [
        0xaf, 0xca, 0xd7, 0x13, 0x68, 0xa1, 0xf1, 0xc9, 0x6b, 0x86, 0x96, 0xfc, 0x77, 0x57,
    ]
    private static let xauthHash: [UInt8] = [0x09, 0x00, 0x26, 0x89, 0xdf, 0xd6, 0xb7, 0x12]
    private static let natRFC3947: [UInt8] = [
        0x4a, 0x13, 0x1c, 0x81, 0x07, 0x03, 0x58, 0x45, 0x5c, 0x57, 0x28, 0xf2, 0x0e, 0x95, 0x45, 0x2f,
    ]
    private static let natDraft07: [UInt8] = [
        0x43, 0x9b, 0x59, 0xf8, 0xba, 0x67, 0x6c, 0x4c, 0x77, 0x37, 0xae, 0x22, 0xea, 0xb8, 0xf5, 0x82,
    ]
    private static let natDraft03: [UInt8] = [
        0x7d, 0x94, 0x19, 0xa6, 0x53, 0x10, 0xca, 0x6f, 0x2c, 0x17, 0x9d, 0x92, 0x15, 0x52, 0x9d, 0x56,
    ]
    private static let natDraft02Newline: [UInt8] = [
        0x90, 0xcb, 0x80, 0x91, 0x3e, 0xbb, 0x69, 0x6e, 0x08, 0x63, 0x81, 0xb5, 0xec, 0x42, 0x7b, 0x1f,
    ]
    private static let natDraft02: [UInt8] = [
        0xcd, 0x60, 0x46, 0x43, 0x35, 0xdf, 0x21, 0xf8, 0x7c, 0xfd, 0xb2, 0xfc, 0x68, 0xb6, 0xa4, 0x48,
    ]

    private static let knownIDs: [(id: [UInt8], known: Known)] = [
        (natRFC3947, .natRFC3947), (natDraft07, .natV7), (natDraft03, .natV3), (natDraft02Newline, .natV2),
        (xauthHash, .xauth),
    ]
    private static let sentIDs: [(id: [UInt8], line: StaticString)] = [
        (natRFC3947, "constructed NAT-T vendor-rfc3947 ID"), (natDraft07, "constructed NAT-T vendor-07 ID"),
        (natDraft03, "constructed NAT-T vendor-03 ID"), (natDraft02Newline, "constructed NAT-T vendor-02 ID"),
        (natDraft02, "constructed NAT-T vendor-02 ID"),
    ]
}
