import ScopeDissect
import ScopeModel
import ScopeWire

/// A piece of a line.
///
/// A number or a value of the wire becomes text only when the piece is written.
enum Part: ExpressibleByStringLiteral {
    case literal(StaticString)
    case decimal(Int64)
    /// Signed in the classic family, unsigned in IOS XE.
    case messageID(UInt32)
    /// Upper case, not padded, without `0x`.
    case hex(UInt64)
    /// Lower case, padded to `digits`, without `0x`.
    case paddedHex(UInt64, digits: Int)
    /// Upper case, padded to `digits`, without `0x`.
    case paddedUpperHex(UInt64, digits: Int)
    /// Of an IPsec SA: `0x` and eight digits.
    case spi(UInt32)
    case address(IPAddress)
    case endpoint(Endpoint)
    /// As lines of IKEv2 have it: IPv6 in upper case.
    case upperAddress(IPAddress)
    /// `0x` and two digits a byte.
    case hexBytes([UInt8])
    /// `0x0 0x1 0x51 0x80 `, the value of an attribute byte for byte.
    case octets(Attribute)
    /// `frame 3`, `frames 3, 4`.
    case frames([Int])
    /// `1 packet`, `2 packets`.
    case count(Int, StaticString)
    /// `AES-CBC-256, SHA, group 2, pre-share, 28800 s`.
    indirect case ike(IKESuite)
    /// `ESP AES-CBC-128, HMAC-SHA, tunnel, 3600 s`.
    indirect case child(ChildSuite)
    /// `esp-aes 256 esp-sha-hmac `, as in a transform set, with the blank that IOS has behind it.
    indirect case transformSet(ChildSuite)
    /// Words of our own that were put together at run time.
    case text(String)
    /// Text that a peer wrote.
    case foreign(String)
    /// A word, or `?` where the capture does not tell it.
    case word(StaticString?)

    init(stringLiteral value: StaticString) { self = .literal(value) }

    static func number(_ value: some BinaryInteger) -> Part { .decimal(Int64(truncatingIfNeeded: value)) }
    static func frame(_ frame: Int) -> Part { .frames([frame]) }
    static var unknown: Part { .word(nil) }

    func write(to sink: ByteSink, in family: LineFamily = .classic) {
        switch self {
        case .literal(let text): sink.literal(text)
        case .decimal(let value): sink.decimal(value)
        case .messageID(let value):
            sink.decimal(family == .classic ? Int64(Int32(bitPattern: value)) : Int64(value))
        case .hex(let value): Self.upperHex(value, to: sink)
        case .paddedHex(let value, let digits): sink.hex(value, digits: digits)
        case .paddedUpperHex(let value, let digits): Self.upperHex(value, digits: digits, to: sink)
        case .spi(let value): sink.spi(value)
        case .address(let address): sink.address(address)
        case .endpoint(let endpoint): sink.endpoint(endpoint)
        case .upperAddress(let address):
            if address.isV6 { sink.text(address.description.uppercased()) } else { sink.address(address) }
        case .hexBytes(let bytes):
            sink.literal("0x")
            sink.hex(bytes)
        case .octets(let attribute):
            for byte in attribute.value { sink.write("0x", .hex(UInt64(byte)), " ") }
        case .frames(let frames): Wording.frames(frames, to: sink)
        case .count(let number, let noun): Wording.count(number, noun, to: sink)
        case .ike(let suite): SuiteText.write(suite, to: sink)
        case .child(let suite): SuiteText.write(suite, to: sink)
        case .transformSet(let suite): TransformSet.write(suite, to: sink)
        case .text(let text): sink.text(text)
        case .foreign(let text): sink.untrusted(text)
        case .word(let text): sink.literal(text ?? "?")
        }
    }

    private static func upperHex(_ value: UInt64, digits: Int = 1, to sink: ByteSink) {
        var shift = UInt64(min(60, max(0, 60 - value.leadingZeroBitCount / 4 * 4, digits * 4 - 4)))
        while true {
            let nibble = UInt8(truncatingIfNeeded: value >> shift) & 15
            sink.byte(nibble < 10 ? 48 + nibble : 55 + nibble)
            if shift == 0 { return }
            shift -= 4
        }
    }
}

extension ByteSink {
    /// Writes the parts one behind the other; inlined, so that their list lives on the stack.
    @inline(__always) func write(_ parts: Part...) { for part in parts { part.write(to: self) } }
}
