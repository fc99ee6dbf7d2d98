import IKEScope
import ScopeDissect
import ScopeModel
import ScopeTrack
import ScopeWire

extension Contract {
    /// Whatever stands inside the encrypted messages of an IKEv2 SA makes outputs that are in order, as `program` has it:
    /// SK and SKF, and in them SA, KE, TS, CP, EAP, AUTH, CERT, N, D and what nobody knows.
    ///
    /// The contract makes the headers, so that the fuzzer has to find no length and no SPI.
    ///
    ///     | `Variation` 1 | the messages of a `SealedConversation` |
    public static let opener = Contract(name: "FuzzOpener") { bytes in
        var input = Input(bytes)
        let outputs = Outputs(Variation(input.byte()))
        let tracker = Tracker(unsealer: PlainUnsealer(), limits: .small, jobs: 1, watchesClear: true) {
            outputs.write($0, $1, $2)
        }
        var conversation = SealedConversation(input)
        while let (frame, bytes) = conversation.next() {
            outputs.start(at: frame.time)
            tracker.follow(.frame(frame), bytes.span.bytes)
        }
        tracker.finish()
        _ = try outputs.finish()
        let (frames, length) = (conversation.frames, conversation.length)
        try outputs.checkLength(frames: frames, bytes: length)
        // A frame says a handful of things; the end says something of each SA and account, of which a frame makes few.
        let most = 64 * (frames + 1) + 256
        try require(outputs.events <= most, "\(outputs.events) events from \(frames) frames")
    }
}

/// IKE_SA_INIT, and then encrypted messages whose insides are those of the input.
///
///     | how 1 | exchange and message ID 1 | type of the first payload 1 | [number 1, total 1] | length 2 | inside |
///
/// `how`: bit 0 a response, bit 1 from the responder, bit 2 a piece (SKF), bit 3 again from the SA that a rekeying made,
/// bit 4 in the clear.
private struct SealedConversation {
    private(set) var frames = 0
    private(set) var length = 0
    private var input: Input

    init(_ input: Input) { self.input = input }

    mutating func next() -> (Frame, [UInt8])? {
        if frames < 2 { return frame(Self.first(isResponse: frames == 1), fromResponder: frames == 1) }
        guard !input.isEmpty, frames < 64 else { return nil }
        let (how, place, first) = (input.byte(), input.byte(), input.byte())
        let isPiece = how & 4 != 0
        let piece = isPiece ? [0, input.byte(), 0, input.byte()] : []
        let inside = piece + input.piece()
        let fromResponder = how & 2 != 0
        let sealed = how & 16 == 0
        let flags: UInt8 = (how & 1 == 0 ? 0 : 0x20) | (fromResponder ? 0 : 0x08)
        let body = sealed ? [first, 0] + Self.number(UInt16(truncatingIfNeeded: 4 + inside.count)) + inside : inside
        let type = !sealed ? first : isPiece ? 53 : 46
        let message = Self.header(
            type, exchange: Self.exchanges[Int(place >> 5)], flags: flags, id: place & 31, body.count,
            isSuccessor: how & 8 != 0)
        return frame(message + body, fromResponder: fromResponder)
    }

    /// IKE_AUTH, CREATE_CHILD_SA, INFORMATIONAL, IKE_INTERMEDIATE, IKE_FOLLOWUP_KE, IKE_SESSION_RESUME, IKE_SA_INIT, none.
    private static let exchanges: [UInt8] = [35, 36, 37, 43, 44, 38, 34, 250]

    private mutating func frame(_ message: [UInt8], fromResponder: Bool) -> (Frame, [UInt8]) {
        let ends: [[UInt8]] = fromResponder ? [Self.right, Self.left] : [Self.left, Self.right]
        let total = UInt16(truncatingIfNeeded: 28 + message.count)
        var packet: [UInt8] = [0x45, 0] + Self.number(total) + [0, 0, 0, 0, 64, 17, 0, 0] + ends[0] + ends[1]
        packet += [1, 0xf4, 1, 0xf4] + Self.number(total - 20) + [0, 0] + message
        frames += 1
        length += packet.count
        let frame = Frame(
            number: frames, time: Instant(nanoseconds: 1_700_000_000_000_000_000 + Int64(frames) * 1_000_000_000),
            linkType: .raw, capturedLength: packet.count, originalLength: packet.count)
        return (frame, packet)
    }

    private static let left: [UInt8] = [192, 0, 2, 10]
    private static let right: [UInt8] = [198, 51, 100, 20]

    private static func number(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(truncatingIfNeeded: value)] }

    private static func header(
        _ type: UInt8, exchange: UInt8, flags: UInt8, id: UInt8, _ count: Int, isSuccessor: Bool
    ) -> [UInt8] {
        let spi: UInt8 = isSuccessor ? 0x33 : 0x11
        let spis = [UInt8](repeating: spi, count: 8) + [UInt8](repeating: spi + 0x11, count: 8)
        return spis + [type, 0x20, exchange, flags, 0, 0, 0, id, 0, 0] + number(UInt16(truncatingIfNeeded: 28 + count))
    }

    /// SA (AES-256, SHA2-256, Curve25519), KE, Nonce; both sides support fragments and more key exchanges.
    private static func first(isResponse: Bool) -> [UInt8] {
        let association: [UInt8] = [
            34, 0, 0, 48, 0, 0, 0, 44, 1, 1, 0, 4, 3, 0, 0, 12, 1, 0, 0, 12, 0x80, 14, 1, 0, 3, 0, 0, 8, 2, 0, 0, 5, 3,
            0,
            0, 8, 3, 0, 0, 12, 0, 0, 0, 8, 4, 0, 0, 31,
        ]
        let exchange = [40, 0, 0, 40, 0, 31, 0, 0] + [UInt8](repeating: isResponse ? 9 : 8, count: 32)
        let nonce = [41, 0, 0, 36] + [UInt8](repeating: isResponse ? 7 : 6, count: 32)
        let notices: [UInt8] = [41, 0, 0, 8, 0, 0, 0x40, 0x2e, 0, 0, 0, 8, 0, 0, 0x40, 0x36]
        let body = association + exchange + nonce + notices
        var header = header(
            33, exchange: 34, flags: isResponse ? 0x20 : 0x08, id: 0, body.count, isSuccessor: false)
        if !isResponse { for place in 8..<16 { header[place] = 0 } }
        return header + body
    }
}
