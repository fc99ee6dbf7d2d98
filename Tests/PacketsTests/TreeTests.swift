import AnalysisSupport
import Foundation
import ScopeCrypto
import ScopeFormatters
import TestSupport
import Testing

@Suite("Under each line, the packet to its last byte") struct TreeTests {
    @Test("hostile and honest captures alike print lines that a terminal can bear", arguments: CapturesAtHand.all)
    func everyCapture(path: String) throws {
        let options = PacketOptions(fields: true, bytes: true)
        let text = try Listing.of(path, with: PacketLineFormatter(options)).listing
        for scalar in text.text.unicodeScalars {
            #expect(scalar == "\n" || !(0..<0x20).contains(scalar.value) && !(0x7f..<0xa0).contains(scalar.value))
        }
        _ = try Listing.of(path, with: PacketJSONFormatter(options)).listing.objects()
        // Each line of the list stands at the margin, with a date before it; what belongs to it is indented.
        let list = try Listing.of(path, with: PacketLineFormatter(PacketOptions())).listing.lines
        #expect(text.lines.filter { $0.first != " " } == list)
    }

    /// The bytes of the dumps in a listing, and the lines of the fields, by the section that they stand in.
    static func sections(_ listing: Listing) -> [(title: Substring, dump: [UInt8], fields: [Substring])] {
        var sections: [(title: Substring, dump: [UInt8], fields: [Substring])] = []
        for line in listing.lines where line.hasPrefix("  ") {
            if !line.hasPrefix("   ") {
                sections.append((line.dropFirst(2), [], []))
            } else if line.hasPrefix("        0x") {
                let digits = line.dropFirst(16).prefix(40).filter { $0 != " " }
                let bytes = stride(from: 0, to: digits.count, by: 2).compactMap { start in
                    UInt8(digits.dropFirst(start).prefix(2), radix: 16)
                }
                sections[sections.count - 1].dump += bytes
            } else {
                sections[sections.count - 1].fields.append(line)
            }
        }
        return sections
    }

    @Test("the fields of a certificate stand at their offsets, in the clear and decrypted")
    func certificates() throws {
        let base = Shared.root + "/captures/certificates/aggressive-ecdsa"
        let options = PacketOptions(fields: true, bytes: true)
        let keys = [try KeyFile.load(base + ".keys.json")]
        let listing = try Listing.of(base + ".pcap", keys: keys, with: PacketLineFormatter(options)).listing
        let shown = Self.sections(listing).compactMap { section -> (dump: [UInt8], lines: [Substring])? in
            let lines = section.fields.drop { !$0.hasSuffix("  certificate") }
            return lines.isEmpty ? nil : (section.dump, Array(lines))
        }
        #expect(shown.count == 2)
        for section in shown {
            // A time is text in DER: 15 bytes with tag and length, `YYMMDDhhmmssZ` (X.690 section 11.8).
            for name in ["not before", "not after"] {
                let line = try #require(section.lines.first { $0.contains(" \(name): ") })
                let offset = try #require(line.split(separator: " ").first.flatMap { Int($0) })
                let text = String(decoding: section.dump[(offset + 2)..<(offset + 15)], as: UTF8.self)
                let digits = line.split(separator: "\"")[1].filter(\.isNumber)
                #expect("20" + text == digits + "Z")
            }
            #expect(section.lines.contains { $0.hasSuffix("public key: \"EC P-384\"") })
            #expect(section.lines.contains { $0.contains("alternative name: \"email ops@lab.example\"") })
        }
    }

    @Test("a dump gives the frame back, and offsets count in it")
    func offsets() throws {
        let talk = try Talk(of: "main-mode/psk-3des")
        let formatter = PacketLineFormatter(PacketOptions(fields: true, bytes: true))
        let sections = Self.sections(try Listing.ofFrames(talk.frames, with: formatter))
        // ARP has no line.
        let frames = talk.frames.filter { $0.packet.map { $0.isIKE || $0.isESP } ?? false }.map(\.bytes)
        #expect(sections.map(\.dump) == frames)
        var count = 0
        for section in sections {
            for line in section.fields {
                let words = line.split(separator: " ", maxSplits: 2)
                let parts = words[2].components(separatedBy: "SPI: 0x")
                guard let offset = Int(words[0]), let length = Int(words[1]), parts.count == 2 else { continue }
                #expect(
                    section.dump[offset..<(offset + length)].map { String(format: "%02x", $0) }.joined() == parts[1])
                count += 1
            }
        }
        // Both SPIs of each message, and that of each ESP packet.
        #expect(count > frames.count)
    }

    @Test("a malformed payload keeps its good half, and says what is wrong at which byte")
    func malformed() throws {
        // A vendor ID behind the SA payload, whose length is below that of its own header.
        let listing = try Self.listing(ofVendorIDLength: 3)
        let section = try #require(Self.sections(listing).first)
        let line = try #require(section.fields.first { $0.contains("! ") })
        let offset = try #require(Int(line.split(separator: " ")[0]))
        #expect(line.contains("length: bad length 3"))
        #expect(section.dump[offset..<(offset + 2)].elementsEqual([0, 3]))
        #expect(section.fields.contains { $0.hasSuffix("value: AES-CBC (7)") })
        #expect(section.fields.contains { $0.contains("not decoded: ") })
        #expect(listing.lines[0].contains("SA,VID malformed: VID, length: bad length 3"))
        // The length that it has is no flaw.
        let well = try Self.listing(ofVendorIDLength: 12)
        #expect(well.lines[0].contains("SA,VID") && !well.lines[0].contains("malformed"))
        let fields = try #require(Self.sections(well).first).fields
        #expect(!fields.contains { $0.contains("! ") || $0.contains("not decoded") })
    }

    private static func listing(ofVendorIDLength length: UInt8) throws -> Listing {
        let talk = try Talk(of: "main-mode/raw-esp").changing(.mainMode(1)) { message in
            message.removeAll(.vendorID)
            message.payloads.append(MadeMessage.Payload(.vendorID, [1, 2, 3, 4, 5, 6, 7, 8]))
        }.changingPacket(.mainMode(1)) { packet in
            // The length stands before the eight bytes of the vendor ID, which are the last ones.
            if let count = packet.ike?.count { packet.ike?[count - 8 - 1] = length }
        }
        return try Listing.ofFrames(
            [talk.frame(.mainMode(1))], with: PacketLineFormatter(PacketOptions(fields: true, bytes: true)))
    }

    @Test("what was decrypted has a section of its own, with its own offsets")
    func decrypted() throws {
        let lab = LabScenario("51a-raw-esp-main")
        guard let path = lab.path("capture.pcap"), let keys = try lab.keys("psk,dh-shared"),
            let plain = lab.path("plain-left.pcap")
        else { return }
        let options = PacketOptions(fields: true, bytes: true)
        let sections = Self.sections(try Listing.of(path, keys: [keys], with: PacketLineFormatter(options)).listing)
        let packets = sections.filter { $0.title.hasPrefix("decrypted packet,") }
        #expect(
            Set(packets.map { Plaintext.lasting($0.dump) }) == Set(try Plaintext.packets(plain).map(Plaintext.lasting)))
        for packet in packets { #expect(packet.fields.first?.hasSuffix("  IPv4") == true) }
        let payloads = sections.filter { $0.title.hasPrefix("decrypted payloads (psk[0]") }
        #expect(payloads.contains { $0.fields.contains { $0.contains("notify type: INITIAL-CONTACT (24578)") } })
    }

    @Test("why a message stays closed is told in full once")
    func reasons() throws {
        let lab = LabScenario("51a-raw-esp-main")
        guard let path = lab.path("capture.pcap"), let keys = try lab.keys("psk") else { return }
        let lines = try Listing.of(path, keys: [keys], with: PacketLineFormatter(PacketOptions())).listing.lines
        let closed = lines.filter { $0.contains("encrypted: ") }
        #expect(closed.count > 2)
        #expect(closed.filter { $0.contains("DH private exponent") }.count == 1)
    }
}
