import ScopeDissect
import ScopeWire
import Testing

@Suite("An ISAKMP header") struct HeaderTests {
    private func header(version: UInt8, flags: UInt8, messageID: UInt32) throws -> ISAKMPHeader {
        var bytes = Messages.chain([], version: version)
        bytes[19] = flags
        for index in 0..<4 { bytes[20 + index] = UInt8(truncatingIfNeeded: messageID >> UInt32(24 - 8 * index)) }
        return try ISAKMPMessage(bytes: bytes).header
    }

    @Test("of IKEv1 has a message ID where it names an exchange, and does not say what answers what")
    func version1() throws {
        let main = try header(version: 0x10, flags: 0x43, messageID: 0)
        #expect(main.versionText == "1.0" && main.shortVersion == "v1")
        #expect(main.exchangeID == nil && main.isResponse == nil)
        #expect(main.flagNames.defined == ["encryption", "commit"] && main.flagNames.others == 0x40)
        #expect(try header(version: 0x10, flags: 0, messageID: 7).exchangeID == 7)
    }

    @Test("of IKEv2 says whether it is a response, and counts its message IDs")
    func version2() throws {
        let answer = try header(version: 0x20, flags: 0x29, messageID: 7)
        #expect(answer.versionText == "2.0" && answer.shortVersion == "v2")
        #expect(answer.isResponse == true && answer.exchangeID == nil)
        #expect(answer.flagNames.defined == ["initiator", "response"] && answer.flagNames.others == 1)
        #expect(try header(version: 0x20, flags: 0x08, messageID: 0).isResponse == false)
    }

    @Test("of a version that nobody knows names neither")
    func otherVersion() throws {
        let header = try self.header(version: 0x51, flags: 0x20, messageID: 7)
        #expect(header.versionText == "5.1" && header.isResponse == nil && header.exchangeID == nil)
    }
}
