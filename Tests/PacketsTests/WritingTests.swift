import Foundation
@testable import ScopeFormatters
import ScopeModel
import ScopeWire
import Testing

@Suite("JSON is what a reader expects") struct JSONWriterTests {
    /// What `body` writes, in one object.
    static func written(_ body: (inout JSONWriter) -> Void) -> String {
        let sink = ByteSink()
        var json = JSONWriter(sink)
        json.writeObject(body)
        return String(decoding: sink.bytes, as: UTF8.self)
    }

    static func read(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test("every scalar value of Unicode comes back as it was")
    func everyScalar() throws {
        for start in stride(from: UInt32(0), to: 0x110000, by: 0x1000) {
            var text = String.UnicodeScalarView()
            for value in start..<(start + 0x1000) { if let scalar = Unicode.Scalar(value) { text.append(scalar) } }
            let json = Self.written { $0.writeString("text", String(text)) }
            let back = try #require(try Self.read(json)["text"] as? String)
            #expect(Array(back.unicodeScalars) == Array(text), "from U+\(String(start, radix: 16))")
        }
    }

    @Test("nothing that a terminal obeys or does not show is left bare")
    func controls() {
        let hostile =
            "\u{0}\u{1b}[2J\r\n\u{7f}\u{85}\u{9b}\u{200b}\u{202e}\u{2028}\u{2029}\u{2066}\u{feff}\u{e0001}\u{61c}\u{ad}\u{e000}\"\\"
        let json = Self.written { $0.writeString("text", hostile) }
        for scalar in json.unicodeScalars { #expect((0x20..<0x7f).contains(scalar.value), "\(scalar.value)") }
    }

    @Test("broken UTF-8 becomes a replacement character, and the line stays JSON")
    func brokenUTF8() throws {
        let bytes: [UInt8] = [0x61, 0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0x62]
        let json = Self.written { $0.writeString("text", String(decoding: bytes, as: UTF8.self)) }
        let text = try #require(try Self.read(json)["text"] as? String)
        #expect(text.hasPrefix("a\u{fffd}") && text.hasSuffix("b"))
    }

    @Test("commas stand between fields and elements, and nowhere else")
    func commas() throws {
        let json = Self.written { json in
            json.writeList("empty") { _ in }
            json.writeList("numbers") { list in
                list.writeElement(1)
                list.writeElement(UInt64.max)
                list.writeObject { $0.writeNull("none") }
                list.writeElement("x")
            }
            json.writeObject("object") { json in
                json.writeBool("yes", true)
                json.writeHex("bytes", [0, 255] as [UInt8])
            }
            json.writeNumber("last", -1)
        }
        #expect(
            json == #"{"empty":[],"numbers":[1,18446744073709551615,{"none":null},"x"],"#
                + #""object":{"yes":true,"bytes":"00ff"},"last":-1}"#)
        let fields = try Self.read(json)
        #expect(fields.count == 4)
    }
}

@Suite("Text is written without detours") struct SinkTests {
    static func written(_ body: (ByteSink) -> Void) -> String {
        let sink = ByteSink()
        body(sink)
        return String(decoding: sink.bytes, as: UTF8.self)
    }

    @Test(
        "an address reads as inet_ntop writes it",
        arguments: [
            "0.0.0.0", "10.0.0.1", "255.255.255.255", "::", "::1", "1::", "2001:db8::1", "2001:db8:0:1:1:1:1:1",
            "2001:0:0:1:0:0:0:1", "2001:db8:0:0:1:0:0:1", "1:2:3:4:5:6:7:8", "0:0:3:4:5:6:7:8", "1:2:3:4:5:6:0:0",
            "fe80::a:0:1",
        ])
    func addresses(text: String) throws {
        let address = try #require(IPAddress(text))
        var buffer = [CChar](repeating: 0, count: 64)
        var bytes = address.bytes
        inet_ntop(address.isV6 ? AF_INET6 : AF_INET, &bytes, &buffer, socklen_t(buffer.count))
        let expected = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        #expect(Self.written { $0.address(address) } == expected)
    }

    @Test("numbers are those of the standard library, with every count of digits and of bits")
    func decimals() {
        var edges: [UInt64] = [0, .max, 123_456_789_012_345_678]
        for place in 0..<64 { edges.append(1 << UInt64(place)) }
        var power: UInt64 = 1
        for _ in 0..<19 {
            power *= 10
            edges.append(power)
        }
        for edge in edges {
            for value in [edge &- 1, edge, edge &+ 1, edge / 3] {
                #expect(Self.written { $0.decimal(value) } == "\(value)")
                #expect(Self.written { $0.decimal(Int64(bitPattern: value)) } == "\(Int64(bitPattern: value))")
            }
        }
    }

    @Test("times are those of Foundation, also before 1970 and to the nanosecond")
    func times() {
        let style = ISO8601DateFormatter()
        var clock = WorldClock()
        for second in [-1, 0, 951_782_400, 1_700_000_000, 4_102_444_799, -9_000_000_000] as [Int64] {
            let expected = style.string(from: Date(timeIntervalSince1970: Double(second))).dropLast()
            for fraction in [0, 1, 999_999_999] as [Int64] {
                let instant = Instant(nanoseconds: second * 1_000_000_000 + fraction)
                let digits = String(repeating: "0", count: 9 - "\(fraction)".count) + "\(fraction)"
                #expect(Self.written { clock.write(instant, to: $0) } == "\(expected).\(digits)Z")
            }
        }
    }

    @Test("a clock writes the stamp that it gives")
    func stamps() {
        var (clock, other) = (Clock(.utc), Clock(.utc))
        for nanoseconds in [0, -1, 1_700_000_000_007_000_000, 1_700_000_000_999_999_999] as [Int64] {
            let instant = Instant(nanoseconds: nanoseconds)
            #expect(
                Self.written { clock.write(instant, to: $0) } == String(decoding: other.stamp(instant), as: UTF8.self))
        }
    }

    @Test("a hex dump is that of xxd, with the hidden bytes starred")
    func hexDump() throws {
        let bytes = (0..<100).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        let file = URL(filePath: NSTemporaryDirectory()).appending(path: "dump-\(UUID()).bin")
        try Data(bytes).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let lines = Self.written { HexDump.write(bytes, to: $0) }.split(separator: "\n")
        // `00000010: 5089 c2fb … 55  P…`: the same columns behind another offset.
        if let expected = try output(of: "xxd", [file.path])?.split(separator: "\n"), !expected.isEmpty {
            #expect(lines.count == expected.count)
            for (ours, theirs) in zip(lines, expected) {
                #expect(ours.drop { $0 != ":" }.dropFirst(3) == theirs.drop { $0 != ":" }.dropFirst(2))
            }
        }
        let masked = Self.written { HexDump.write(bytes, hidden: [14..<18, 99..<100], to: $0) }.split(separator: "\n")
        #expect(masked[0].contains(" ****  ") && masked[0].hasSuffix("**"))
        #expect(masked[1].contains(":  **** ") && masked[1].contains("  **"))
        #expect(masked[6].contains("**") && masked[6].hasSuffix("*"))
        #expect(masked[2] == lines[2])
    }
}
