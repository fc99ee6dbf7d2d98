import ScopeDissect
import ScopeWire
import TestSupport
import Testing

/// Compares with `captures/public/oracle/*.ike.tsv`: what a second walk over the octets and tshark agree on.
@Suite("IKE messages of public captures") struct PublicOracleTests {
    static let names = Shared.list("captures/public/oracle").filter { $0.hasSuffix(".ike.tsv") }.map {
        String($0.dropLast(".ike.tsv".count))
    }

    @Test("have the header and the payload chain that the oracle has", arguments: names)
    func chain(name: String) throws {
        let oracle = try #require(Shared.path("captures/public/oracle/\(name).ike.tsv").flatMap(Shared.bytes))
        let expected = String(decoding: oracle, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }
        let path = try #require(SharedCaptures.captures(in: "captures/public").first { $0.contains("/\(name).pcap") })
        let found = try IKEPackets.of(path).map(line)
        #expect(found == expected.map(String.init))
    }

    private func line(_ packet: IKEPacket) throws -> String {
        let message = try ISAKMPMessage(bytes: packet.bytes)
        let header = message.header
        let columns: [String] = [
            "\(packet.frame)", "\(packet.source)", "\(packet.destination)", "\(packet.sourcePort)",
            "\(packet.destinationPort)", hex(header.initiatorSPI, 16), hex(header.responderSPI, 16),
            "\(header.majorVersion).\(header.minorVersion)", "\(header.exchange.rawValue)",
            "0x" + hex(UInt64(header.flags.rawValue), 2), "0x" + hex(UInt64(header.messageID), 8), "\(header.length)",
            payloads(message),
        ]
        return columns.joined(separator: "\t")
    }

    private func payloads(_ message: ISAKMPMessage) -> String {
        guard message.ciphertext.isEmpty else { return "E(\(message.header.nextPayload.rawValue))" }
        return message.chain.payloads.map { payload in
            let number = "\(payload.type.rawValue)"
            if payload.type == .encrypted { return "\(number)(\(payload.next.rawValue))" }
            if payload.type == .encryptedFragment {
                let body = message.bytes[payload.body].map { Int($0) }
                return "\(number)(\(payload.next.rawValue);\(body[0] << 8 | body[1])/\(body[2] << 8 | body[3]))"
            }
            return number
        }.joined(separator: ",")
    }

    private func hex(_ value: UInt64, _ digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: digits - text.count) + text
    }
}
