import AnalysisSupport
import Foundation
import ScopeCrypto
import ScopeFormatters
import ScopeModel
import TestSupport
import Testing

@Suite("Passwords stay hidden unless they are asked for") struct SecretTests {
    /// What of a password a listing gives away: five characters in a row, or four bytes in hex.
    ///
    /// A dump breaks a password at most once in sixteen bytes: one of these is whole all the same.
    static func traces(of password: String, in listing: Listing) -> [String] {
        let bytes = Array(password.utf8)
        // "responder" has five letters of the lab's password in it.
        let text = listing.text.replacing("responder", with: "")
        let dense = listing.text.filter { $0 != " " }
        let words = (0...(bytes.count - 5)).map { String(decoding: bytes[$0..<($0 + 5)], as: UTF8.self) }
        let digits = (0...(bytes.count - 4)).map { start in
            bytes[start..<(start + 4)].map { String(format: "%02x", $0) }.joined()
        }
        return words.filter(text.contains) + digits.filter(dense.contains)
    }

    @Test("of XAUTH as two implementations send it", arguments: ["06a-xauth-psk-modecfg", "70-vpnc-xauth"])
    func lab(scenario: String) throws {
        let lab = LabScenario(scenario)
        guard let keys = try lab.keys("ike-key"), let path = lab.path("capture.pcap"),
            let configuration = lab.path("config").flatMap(FileManager.default.enumerator(atPath:))?
                .compactMap({ $0 as? String }).compactMap({ lab.path("config/\($0)").flatMap(Shared.bytes) })
                .map({ String(decoding: $0, as: UTF8.self) }).joined(separator: "\n")
        else { return }
        let password = "wonderland"
        #expect(configuration.contains(password))
        for shown in [false, true] {
            let options = PacketOptions(fields: true, bytes: true, showSecrets: shown)
            let text = try Listing.of(path, keys: [keys], with: PacketLineFormatter(options)).listing
            let json = try Listing.of(path, keys: [keys], with: PacketJSONFormatter(options)).listing
            #expect(Self.traces(of: password, in: text).isEmpty == !shown)
            #expect(Self.traces(of: password, in: json).isEmpty == !shown)
            #expect(text.text.contains("XAUTH-USER-PASSWORD") && text.text.contains("\"alice\""))
            #expect(text.text.contains("(hidden)") == !shown)
            #expect(json.text.contains(#""name":"XAUTH-USER-PASSWORD","value":null,"hidden":true"#) == !shown)
        }
    }

    /// A transaction in the clear, whose last attribute claims `length` bytes and has those of `password`.
    static func transaction(_ password: String, length: Int, payloadLength: Int? = nil) -> [UInt8] {
        func u16(_ value: Int) -> [UInt8] { [UInt8(value >> 8 & 255), UInt8(value & 255)] }
        let attribute = u16(16522) + u16(length) + Array(password.utf8)
        let payload = [0, 0] + u16(payloadLength ?? 8 + attribute.count) + [2, 0, 0, 0] + attribute
        let message =
            [UInt8](repeating: 1, count: 16) + [14, 0x10, 6, 0, 0, 0, 0, 9, 0, 0] + u16(28 + payload.count) + payload
        let udp = u16(500) + u16(500) + u16(8 + message.count) + [0, 0] + message
        return [0x45, 0] + u16(20 + udp.count) + [0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2] + udp
    }

    @Test("also where the attribute does not decode, or the message was never encrypted")
    func broken() throws {
        let password = "hunter2trustno1"
        let packets = [
            Self.transaction(password, length: password.utf8.count),
            Self.transaction(password, length: 200),
            Self.transaction(password, length: 2),
            Self.transaction(password, length: password.utf8.count, payloadLength: 3),
            Self.transaction(password, length: password.utf8.count, payloadLength: 8),
            Self.transaction(password, length: password.utf8.count, payloadLength: 900),
        ]
        for (index, packet) in packets.enumerated() {
            let options = PacketOptions(fields: true, bytes: true)
            let text = try Listing.ofPacket(packet, with: PacketLineFormatter(options))
            let json = try Listing.ofPacket(packet, with: PacketJSONFormatter(options))
            #expect(text.text.contains("IKEv1") && json.lines.count == 1)
            #expect(Self.traces(of: password, in: text) == [], "packet \(index)")
            #expect(Self.traces(of: password, in: json) == [], "packet \(index)")
            _ = try json.objects()
            var open = options
            open.showSecrets = true
            let shown = try Listing.ofPacket(packet, with: PacketLineFormatter(open))
            #expect(Self.traces(of: password, in: shown) != [], "packet \(index)")
        }
    }

    @Test("a transcript names the user, and shows the password only when it is asked to", arguments: [false, true])
    func transcript(isShown: Bool) throws {
        let base = Shared.root + "/captures/remote-access/hybrid-xauth"
        let keys = [try KeyFile.load(base + ".keys.json")]
        var options = IOSDebugFormatter.Options()
        options.showSecrets = isShown
        let text = try Analysis.of(base + ".pcap", keys: keys, debug: options).text
        let json = try Analysis.of(base + ".pcap", keys: keys, formatter: EventJSONFormatter(showSecrets: isShown)).text
        for output in [text, json] {
            #expect(output.contains("alice"))
            #expect(output.contains("wonderland") == isShown)
        }
    }
}
