import AnalysisSupport
import Foundation
import ScopeCrypto
import ScopeDissect
import ScopeModel
import ScopeWire
import TestSupport
import Testing

@Suite("IKE and ESP are found inside what other SAs protect") struct InsideTests {
    /// An SA without encryption and without ICV: what it carries is whatever is put there.
    private static func openTunnel() throws -> KeyFile {
        let row = #"{"protocol":"esp","spi":"0x00007777","encryption":"null","integrity":"none"}"#
        return try KeyFile(bytes: Array(#"{"schema":"ikescope.keys/1","sa":[\#(row)]}"#.utf8), path: "tunnel")
    }

    private static func expectSame(_ run: Analysis, _ plain: Analysis) {
        #expect(run.messages.map(\.message.bytes) == plain.messages.map(\.message.bytes) && !plain.messages.isEmpty)
        #expect(run.messages.map(\.isOpened) == plain.messages.map(\.isOpened))
        // ESP in the tunnel is opened as well; the tunnel's own packets are the others.
        #expect(run.espPackets.filter(\.isVerified).count == plain.espPackets.filter(\.isVerified).count)
        #expect(!plain.espPackets.filter(\.isVerified).isEmpty)
    }

    private let talk: Talk
    private let plain: Analysis

    init() throws {
        talk = try Talk(of: "main-mode/psk-aes256")
        plain = talk.analysed()
    }

    @Test("in IP fragments inside a tunnel")
    func fragments() throws {
        let tunnelled = talk.fragmented().inOpenTunnel(spi: 0x7777)
        Self.expectSame(tunnelled.analysed(keys: talk.keys + [try Self.openTunnel()]), plain)
    }

    @Test("in TCP inside a tunnel")
    func tcp() throws {
        let inTCP = talk.inTCP(client: try talk.packet(.mainMode(1)).source)
        let run = inTCP.inOpenTunnel(spi: 0x7777).analysed(keys: talk.keys + [try Self.openTunnel()])
        Self.expectSame(run, plain)
        #expect(run.messages.allSatisfy { $0.carrier == .tcp })
    }

    @Test("in UDP that AH protects in transport mode")
    func ah() throws {
        // There is no key: nobody checks the ICV.
        let run = talk.behindAH(spi: 0x1234).analysed()
        Self.expectSame(run, plain)
        let protected = run.events.filter { if case .ah = $0.kind { true } else { false } }
        #expect(protected.count >= plain.messages.count)
    }
}

@Suite("AH with AES-GMAC (RFC 4543 section 4), which the openssl program computes") struct AHGMACTests {
    private static let iv: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]

    private static func keys(_ bits: Int, esn: Bool, first: UInt8 = 0) throws -> KeyFile {
        let key = Self.key(bits, first).map { String(UInt16($0) + 256, radix: 16).suffix(2) }.joined()
        let row =
            #"{"protocol":"ah","spi":"0x00001234","integrity":"aes-\#(bits)-gmac","integrity_key":"\#(key)","esn":\#(esn)}"#
        return try KeyFile(bytes: Array(#"{"schema":"ikescope.keys/1","sa":[\#(row)]}"#.utf8), path: "gmac")
    }

    /// The key and its salt.
    private static func key(_ bits: Int, _ first: UInt8 = 0) -> [UInt8] {
        [first] + (1..<UInt8(bits / 8 + 4)).map { $0 }
    }

    /// AH in transport mode around an ICMP message; IPv6 fills the header up to a multiple of eight bytes.
    private static func packet(isV6: Bool, bits: Int, high: [UInt8]) throws -> [UInt8] {
        let body: [UInt8] = [8, 0, 0, 0, 0, 0, 0, 1, 0xaa, 0xbb]
        let filling = isV6 ? 4 : 0
        let ahLength = 12 + 24 + filling
        var ah: [UInt8] = [isV6 ? 58 : 1, UInt8(ahLength / 4 - 2), 0, 0, 0, 0, 0x12, 0x34, 0, 0, 0, 5]
        let field = ah.count
        ah += [UInt8](repeating: 0, count: 24 + filling)
        let length = ah.count + body.count
        var header: [UInt8]
        if isV6 {
            header = [0x60, 0, 0, 0, 0, UInt8(length), 51, 0] + [0x20, 1, 13, 0xb8] + [UInt8](repeating: 0, count: 11)
            header += [1, 0x20, 1, 13, 0xb8] + [UInt8](repeating: 0, count: 11) + [2]
        } else {
            header = [0x45, 0, 0, UInt8(20 + length), 0, 7, 0, 0, 0, 51, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]
        }
        // Hop limit and checksum change on the way, and are zero in what is covered.
        let covered = header + ah + body + high
        let tag = try gmac(covered, key(bits))
        for (index, byte) in (Self.iv + tag).enumerated() { ah[field + index] = byte }
        header[isV6 ? 7 : 8] = 63
        return header + ah + body
    }

    private static func gmac(_ bytes: [UInt8], _ keyAndSalt: [UInt8]) throws -> [UInt8] {
        func hex(_ bytes: some Sequence<UInt8>) -> String {
            bytes.map { String(UInt16($0) + 256, radix: 16).suffix(2) }.joined()
        }
        let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try Data(bytes).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let (key, salt) = (keyAndSalt.dropLast(4), keyAndSalt.suffix(4))
        let output = try ChildProcess.run(
            [
                "openssl", "mac", "-binary", "-cipher", "AES-\(key.count * 8)-GCM", "-macopt", "hexkey:\(hex(key))",
                "-macopt", "hexiv:\(hex(Array(salt) + Self.iv))", "-in", file.path, "GMAC",
            ]
        ).output
        try #require(output.count == 16)
        return output
    }

    private static func verdict(_ packet: [UInt8], _ keys: KeyFile) throws -> AHVerdict {
        let frame = Frame(
            number: 1, time: Instant(nanoseconds: 0), linkType: .raw, capturedLength: packet.count,
            originalLength: packet.count)
        let run = Analysis.playing([Analysis.MadeFrame(frame, packet)], keys: [keys])
        return try #require(
            run.events.compactMap { if case .ah(let packet) = $0.kind { packet.verdict } else { nil } }.first)
    }

    @Test("in IPv4 and IPv6, with each length of key, and with extended sequence numbers", arguments: [128, 192, 256])
    func verified(bits: Int) throws {
        for isV6 in [false, true] {
            for high: [UInt8] in [[], [0, 0, 0, 3]] {
                let packet = try Self.packet(isV6: isV6, bits: bits, high: high)
                let keys = try Self.keys(bits, esn: !high.isEmpty)
                guard case .verified(let finding) = try Self.verdict(packet, keys) else {
                    Issue.record("\(bits) bits, IPv6 \(isV6), high half \(high)")
                    continue
                }
                #expect(finding.icvLength == 16 && finding.sequenceHigh == (high.isEmpty ? nil : 3))
                // The IV, the tag and the body are all covered, and so is the key.
                let field = (isV6 ? 40 : 20) + 12
                for index in [field, field + 8, field + 23, packet.count - 1] {
                    var bent = packet
                    bent[index] ^= 1
                    let verdict = try Self.verdict(bent, keys)
                    #expect(verdict == .badICV, "byte \(index)")
                }
                let other = try Self.verdict(packet, Self.keys(bits, esn: !high.isEmpty, first: 9))
                #expect(other == .badICV)
            }
        }
    }

    @Test("a row for ESP is refused: ESP has an encryption of that name")
    func notForESP() throws {
        let key = String(repeating: "00", count: 20)
        let row = #"{"spi":"0x00001234","encryption":"null","integrity":"aes-128-gmac","integrity_key":"\#(key)"}"#
        let error = #expect(throws: KeyFileError.self) {
            _ = try KeyFile(bytes: Array(#"{"schema":"ikescope.keys/1","sa":[\#(row)]}"#.utf8), path: "gmac")
        }
        #expect(error.map { "\($0)" }?.contains("is AH's") ?? false)
    }
}
