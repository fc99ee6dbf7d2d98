import AnalysisSupport
import ScopeDissect
import ScopeModel
import TestSupport
import Testing

@testable import ScopeTrack

@Suite("Compressed packets inside ESP (RFC 3173)") struct IPCompTests {
    /// What zlib makes of bytes that Python gives, without a header (RFC 2394).
    private static func deflated(_ expression: String) throws -> [UInt8] {
        let program = """
            import sys, zlib
            c = zlib.compressobj(9, zlib.DEFLATED, -15)
            sys.stdout.buffer.write(c.compress(\(expression)) + c.flush())
            """
        return try ChildProcess.run(["python3", "-c", program]).output
    }

    private static func inflate(_ inflater: IPCompInflater, _ bytes: [UInt8]) -> (next: UInt8, bytes: [UInt8])? {
        let buffer = PlaintextBuffer()
        let start = PlaintextBuffer.headroom
        buffer.withUnsafeMutableBytes { for (index, byte) in bytes.enumerated() { $0[start + index] = byte } }
        guard let found = inflater.inflate(buffer, start..<(start + bytes.count)) else { return nil }
        // What was decrypted stands where it stood.
        #expect(found.buffer.withUnsafeBytes { Array($0[start..<(start + bytes.count)]) } == bytes)
        #expect(found.payload.lowerBound >= start + bytes.count)
        return (found.nextHeader, found.buffer.withUnsafeBytes { Array($0[found.payload]) })
    }

    @Test("a whole stream comes out, up to the largest packet, again and again")
    func whole() throws {
        let inflater = IPCompInflater()
        for count in [1, 1400, 65_535] {
            let compressed = try Self.deflated("bytes(i * i >> 3 & 255 for i in range(\(count)))")
            let found = try #require(Self.inflate(inflater, [4, 0, 0x2d, 0x1e] + compressed))
            #expect(found.next == 4)
            #expect(found.bytes == (0..<count).map { UInt8(truncatingIfNeeded: ($0 * $0) >> 3) })
        }
    }

    @Test("what claims more than an IP packet holds, what is cut, goes on or is no stream gives nothing")
    func hostile() throws {
        let inflater = IPCompInflater()
        let header: [UInt8] = [4, 0, 0, 2]
        let good = try Self.deflated("b'0123456789' * 100")
        #expect(Self.inflate(inflater, header + (try Self.deflated("bytes(65536)"))) == nil)
        #expect(Self.inflate(inflater, header + (try Self.deflated("bytes(50 << 20)"))) == nil)
        for count in 0..<good.count { #expect(Self.inflate(inflater, header + good.prefix(count)) == nil) }
        #expect(Self.inflate(inflater, header + good + [0]) == nil)
        for count in 0...4 { #expect(Self.inflate(inflater, [UInt8](repeating: 0xff, count: count)) == nil) }
        var state: UInt64 = 1
        for _ in 0..<2000 {
            var bytes = header + good
            for _ in 0..<3 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let index = 4 + Int(state >> 33) % (bytes.count - 4)
                bytes[index] ^= UInt8(truncatingIfNeeded: state >> 20) | 1
            }
            if let found = Self.inflate(inflater, bytes) { #expect(found.bytes.count <= 65_535) }
        }
        // None of them harms the next one.
        #expect(Self.inflate(inflater, header + good)?.bytes.count == 1000)
    }
}
