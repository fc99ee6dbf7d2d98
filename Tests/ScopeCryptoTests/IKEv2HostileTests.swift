import AnalysisSupport
import ScopeDissect
import ScopeModel
import ScopeWire
import TestSupport
import Testing

@testable import ScopeCrypto

/// Messages that were damaged, cut or made up.
@Suite("The opener of IKEv2 under hostile messages") struct IKEv2HostileTests {
    private static let folders = [
        "captures/lab/30a-v2-psk", "captures/lab/31a-v2-cert-frag", "captures/lab-v2/101a-v2-ccm",
        "captures/lab-v2/102a-v2-chacha", "captures/lab-v2/103a-v2-ctr", "captures/lab-v2/105a-v2-gcm-short-tag",
    ]

    /// Calls `body` with the encrypted messages of a capture, and an opener that opens them.
    private func each(_ body: (String, ISAKMPMessage, Role, any IKEv2SAOpener) -> Void) throws {
        for folder in Self.folders {
            guard let file = IKEv2OpenerTests.keys(folder, "skeyid") else { return }
            try IKEv2Drive.each(folder, [file]) { message, sender, opener in body(folder, message, sender, opener) }
        }
    }

    @Test("a message with any bit changed from the header on does not open")
    func changed() throws {
        // The same changes each time (Knuth's multiplier).
        var state: UInt64 = 7
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        var count = 0
        try each { folder, message, sender, opener in
            for _ in 0..<40 {
                var bytes = message.bytes
                let place = next(bytes.count)
                bytes[place] ^= 1 << UInt8(next(8))
                guard let changed = try? ISAKMPMessage(bytes: bytes) else { continue }
                // The version and the lengths decide whether there is an SK payload at all.
                if case .opened = opener.open(changed, from: sender) {
                    Issue.record("\(folder): opened with byte \(place) changed")
                }
                count += 1
            }
        }
        #expect(count > 500 || !Shared.isThere)
    }

    @Test("a message that was cut anywhere does not open, nor one that says it is shorter")
    func cut() throws {
        try each { folder, message, sender, opener in
            for length in stride(from: 28, to: message.bytes.count, by: 7) {
                var bytes = Array(message.bytes[..<length])
                for claims in [message.bytes.count, length] {
                    for (index, shift) in [24, 16, 8, 0].enumerated() {
                        bytes[24 + index] = UInt8(claims >> shift & 255)
                    }
                    guard let cut = try? ISAKMPMessage(bytes: bytes) else { continue }
                    if case .opened = opener.open(cut, from: sender) {
                        Issue.record("\(folder): opened with \(length) bytes")
                    }
                }
            }
        }
    }

    @Test("a message of one side does not open as one of the other side")
    func reflected() throws {
        try each { folder, message, sender, opener in
            if case .opened = opener.open(message, from: sender.other) { Issue.record("\(folder)") }
            guard case .opened = opener.open(message, from: sender) else {
                Issue.record("\(folder): does not open at all")
                return
            }
        }
    }

    @Test("padding that is longer than what was decrypted is refused, and so is a payload without an ICV")
    func padding() throws {
        let key = Secret(copying: [UInt8](repeating: 7, count: 16))
        let keys = SKKeys.Directional(integrity: Secret(count: 0), encryption: key, proof: nil)
        let opener = try SealedPayloadOpener(ESPSuite(encryption: .cbc(.aes), integrity: .none), keys)
        let header: [UInt8] =
            [UInt8](repeating: 1, count: 16) + [46, 0x20, 37, 8, 0, 0, 0, 0, 0, 0, 0, 64, 0, 0, 0, 36]
        let message = try ISAKMPMessage(bytes: header + [UInt8](repeating: 0, count: 32))
        let payload = try #require(SealedPayload(message))
        #expect(payload.sealed.count == 32 && opener.open(payload) == nil)
        // With an HMAC over it the ICV is right, and the pad length (of the last byte) too large.
        let mac = Secret(copying: [UInt8](repeating: 9, count: 20))
        let null = ESPSuite(encryption: .null, integrity: .hmac(.sha1, length: 12))
        let body: [UInt8] = [1, 2, 3, 200]
        var bytes = header + body
        bytes[27] = UInt8(32 + body.count + 12)
        bytes[31] = UInt8(4 + body.count + 12)
        let tag = try HMAC(.sha1, key: mac).tag([.bytes(bytes)]).withBytes { Array($0.prefix(12)) }
        let sealed = try #require(SealedPayload(try ISAKMPMessage(bytes: bytes + tag)))
        let second = try SealedPayloadOpener(
            null, SKKeys.Directional(integrity: mac, encryption: Secret(count: 0), proof: nil))
        #expect(second.open(sealed) == nil)
        bytes[35] = 2
        let good = try HMAC(.sha1, key: mac).tag([.bytes(bytes)]).withBytes { Array($0.prefix(12)) }
        let fine = try #require(SealedPayload(try ISAKMPMessage(bytes: bytes + good)))
        #expect(second.open(fine) == [1])
    }

    @Test("AUTH payloads of any shape are told of, and fit nothing")
    func auth() throws {
        let folder = "captures/lab/30a-v2-psk"
        guard let file = IKEv2OpenerTests.keys(folder, "skeyid,psk") else { return }
        var chains: [IKEv2Opened] = []
        try IKEv2Drive.each(folder, [file]) { message, sender, opener in
            guard message.header.exchange == .ikeAuth,
                case .opened(let plain, let first, _) = opener.open(message, from: sender)
            else { return }
            let chain = PayloadChain(
                decoding: plain, in: 0..<plain.count, first: first, version: 2, limit: .plaintext)
            guard let auth = chain.first(.authentication) else { return }
            for method in UInt8.min...20 {
                for count in [0, 1, 4, 5, 12, auth.body.count] {
                    var bytes = plain
                    bytes[auth.body.lowerBound] = method
                    if count > 4 { bytes[auth.body.lowerBound + 4] = UInt8(count) }
                    var changed = PayloadChain(
                        decoding: bytes, in: 0..<bytes.count, first: first, version: 2, limit: .plaintext)
                    if let index = changed.payloads.firstIndex(where: { $0.type == .authentication }) {
                        let body = changed.payloads[index].body
                        changed.payloads[index].body = body.lowerBound..<min(body.upperBound, body.lowerBound + count)
                    }
                    let opened = IKEv2Opened(header: message.header, chain: changed, sender: sender)
                    let outcome = opener.read(opened)
                    #expect(outcome != nil)
                    if case .verified? = outcome?.proof { Issue.record("method \(method), \(count) bytes") }
                    chains.append(opened)
                }
            }
        }
        #expect(chains.count > 100 || !Shared.isThere)
    }
}
