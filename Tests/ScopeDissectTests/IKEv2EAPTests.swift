import ScopeDissect
import ScopeWire
import TestSupport
import Testing

@Suite("EAP in IKEv2") struct IKEv2EAPTests {
    /// An EAP packet (RFC 3748 section 4).
    private static func packet(_ code: UInt8, _ type: UInt8?, _ data: [UInt8] = []) -> [UInt8] {
        let body = (type.map { [$0] } ?? []) + data
        return [code, 7] + Packets.u16(4 + body.count) + body
    }

    private static func read(_ bytes: [UInt8]) throws -> (IKEv2.EAP, DecodeError?) {
        let (content, problem) = try IKEv2Messages.content(.eap, bytes)
        guard case .eap(let eap) = content else { throw Messages.Flaw(what: "\(content)") }
        return (eap, problem)
    }

    /// The fields of the EAP payload that are marked as secret.
    private static func secrets(_ bytes: [UInt8]) throws -> [[UInt8]] {
        let message = Messages.chain([(.eap, bytes)], version: 0x20, exchange: 35)
        let recorder = FieldRecorder()
        _ = try ISAKMPMessage(bytes: message, recorder: recorder)
        return secret(in: recorder.nodes).map { Array(message[$0]) }
    }

    private static func secret(in nodes: [FieldNode]) -> [Range<Int>] {
        nodes.flatMap { ($0.name == "secret" ? [$0.range] : []) + secret(in: $0.children) }
    }

    @Test("says success and failure, which have no type")
    func ends() throws {
        for code: UInt8 in [3, 4] {
            let (eap, problem) = try Self.read(Self.packet(code, nil))
            #expect(eap.code.rawValue == code && eap.type == nil && eap.identifier == 7 && problem == nil)
            #expect(eap.code.name == (code == 3 ? "Success" : "Failure"))
        }
    }

    private static let peap: [UInt8] = [0x81, 0, 0, 0, 9, 22, 3, 1, 0, 4, 1, 0, 0, 0]

    /// Type data of each method, and what they say.
    static let contents: [(code: UInt8, type: UInt8, data: [UInt8], content: IKEv2.EAPContent)] = [
        (1, 1, [], .identity("")), (2, 1, Array("carol".utf8), .identity("carol")),
        (1, 2, Array("hello".utf8), .notification("hello")),
        (2, 3, [26, 13, 99], .nak([.mschapv2, .tls, IKEv2.EAPType(rawValue: 99)])),
        (1, 4, [2, 8, 9, 97], .md5(name: "a")), (2, 4, [2, 8, 9], .md5(name: "")),
        (1, 6, Array("Password:".utf8), .prompt("Password:")), (2, 6, Array("wonderland".utf8), .answer),
        (2, 5, Array("123456".utf8), .answer),
        (
            1, 26, [1, 5, 0, 26, 16] + Array(repeating: 1, count: 16) + Array("hq".utf8),
            .mschapv2(IKEv2.MSCHAPv2(operation: .challenge, text: "hq"))
        ),
        (
            2, 26, [2, 5, 0, 59, 49] + Array(repeating: 2, count: 49) + Array("carol".utf8),
            .mschapv2(IKEv2.MSCHAPv2(operation: .response, text: "carol"))
        ),
        (2, 26, [3], .mschapv2(IKEv2.MSCHAPv2(operation: .success, text: ""))),
        (
            1, 26, [4, 5, 0, 13] + Array("E=691 R=1".utf8),
            .mschapv2(IKEv2.MSCHAPv2(operation: .failure, text: "E=691 R=1"))
        ),
        (1, 13, [0x20], .tls(IKEv2.TLS(flags: 0x20, length: nil, records: []))),
        (2, 25, peap, .tls(IKEv2.TLS(flags: 0x81, length: 9, records: ["ClientHello"]))),
        (
            1, 21, [0, 20, 3, 3, 0, 1, 1, 22, 3, 3, 0, 2, 0xfe, 9, 23, 3, 3, 0, 9, 1],
            .tls(
                IKEv2.TLS(flags: 0, length: nil, records: ["ChangeCipherSpec", "Handshake", "ApplicationData"]))
        ),
        // A piece that goes on with a record.
        (1, 21, [0, 0xaa, 0xbb, 0xcc], .tls(IKEv2.TLS(flags: 0, length: nil, records: []))),
        (
            1, 23, [1, 0, 0, 1, 5, 0, 0] + Array(repeating: 7, count: 16),
            .aka(IKEv2.AKA(subtype: .challenge, attributes: [IKEv2.AKAAttribute(rawValue: 1)], identity: nil))
        ),
        (
            2, 50, [5, 0, 0] + [14, 4, 0, 12] + Array("0222@example".utf8),
            .aka(
                IKEv2.AKA(subtype: IKEv2.AKASubtype(rawValue: 5), attributes: [.identity], identity: "0222@example"))
        ),
        (
            2, 23, [1, 0, 0, 3, 3, 0, 64] + Array(repeating: 5, count: 8),
            .aka(IKEv2.AKA(subtype: .challenge, attributes: [.res], identity: nil))
        ),
        (1, 254, [0, 0x28, 0xaf, 0, 0, 0, 3, 1], .expanded(vendor: 10415, type: 3)),
        (1, 200, [1, 2], .bytes),
    ]

    @Test("says what is in the clear of each method", arguments: contents.indices)
    func methods(index: Int) throws {
        let (code, type, data, content) = Self.contents[index]
        let (eap, problem) = try Self.read(Self.packet(code, type, data))
        #expect(eap.content == content && eap.type?.rawValue == type && problem == nil)
        #expect(eap.data.count == data.count)
    }

    @Test("marks passwords and the answers of cards as secret, and nothing that is asked")
    func secrecy() throws {
        #expect(try Self.secrets(Self.packet(2, 6, Array("wonderland".utf8))) == [Array("wonderland".utf8)])
        #expect(try Self.secrets(Self.packet(2, 4, [2, 8, 9, 97])) == [[8, 9]])
        let response = [UInt8](repeating: 2, count: 49)
        #expect(try Self.secrets(Self.packet(2, 26, [2, 5, 0, 59, 49] + response + [97])) == [response])
        #expect(try Self.secrets(Self.packet(2, 26, [7, 5, 2, 74, 1, 2, 3])) == [[1, 2, 3]])
        let card = [1, 0, 0, 3, 3, 0, 64] + [UInt8](repeating: 5, count: 8)
        #expect(try Self.secrets(Self.packet(2, 23, card)) == [[0, 64] + [UInt8](repeating: 5, count: 8)])
        // What is not understood may be the answer.
        #expect(try Self.secrets(Self.packet(2, 200, [1, 2])) == [[1, 2]])
        for (code, type, data, _) in Self.contents where code == 1 {
            #expect(try Self.secrets(Self.packet(code, type, data)).isEmpty, "type \(type)")
        }
    }

    @Test("says lengths that contradict the payload, and keeps what is there")
    func lengths() throws {
        for wrong in [0, 4, 9, 11, 0xffff] {
            var bytes = Self.packet(2, 1, Array("carol".utf8))
            bytes.replaceSubrange(2..<4, with: Packets.u16(wrong))
            let (eap, problem) = try Self.read(bytes)
            #expect(problem?.path == ["EAP", "length"] && eap.code == .response, "\(wrong)")
        }
        for (code, type, data, _) in Self.contents {
            for count in data.indices { _ = try Self.read(Self.packet(code, type, Array(data.prefix(count)))) }
        }
        let (aka, problem) = try Self.read(Self.packet(1, 23, [1, 0, 0, 1, 0, 0, 0]))
        #expect(problem?.path == ["EAP", "length"] && aka.content == .bytes)
    }
}
