import AnalysisSupport
import ScopeDissect
import ScopeModel
import TestSupport
import Testing

@testable import ScopeCrypto

/// Packets of the children of IKEv2 SAs, from g^xy alone.
@Suite("ESP under keys of IKEv2") struct IKEv2TrafficTests {
    /// The ESP packets of an Ethernet capture that came whole, raw and in UDP.
    private static func packets(_ path: String) throws -> [[UInt8]] {
        try Analysis.frames(path).compactMap { made in
            let bytes = made.bytes
            guard bytes.count > 54, bytes[12] == 0x08 || bytes[12] == 0x86 else { return nil }
            let isV4 = bytes[12] == 0x08
            let header = isV4 ? Int(bytes[14] & 15) * 4 : 40
            let end = isV4 ? 14 + Int(bytes[16]) << 8 + Int(bytes[17]) : 54 + Int(bytes[18]) << 8 + Int(bytes[19])
            let isFragment = isV4 && (bytes[20] & 0x3f != 0 || bytes[21] != 0)
            guard !isFragment, end <= bytes.count else { return nil }
            let start = 14 + header
            switch isV4 ? bytes[23] : bytes[20] {
            case 50: return Array(bytes[start..<end])
            case 17 where end > start + 16 && bytes[(start + 8)..<(start + 12)].contains { $0 != 0 }:
                return Array(bytes[(start + 8)..<end])
            default: return nil
            }
        }
    }

    @Test("every packet verifies: all algorithms, ESN past 2^32, implicit IVs, rekeyed children, PFS")
    func verified() throws {
        var count = (folders: 0, packets: 0, wide: 0)
        let buffer = PlaintextBuffer()
        for folder in IKEv2LabKeys.folders where !IKEv2OpenerTests.apart.contains(folder) {
            guard let lab = IKEv2LabKeys.load(folder), let file = IKEv2OpenerTests.keys(folder, "dh-shared,ppk"),
                lab.ike.allSatisfy({
                    $0.version != 2 || $0.SK_d == nil || $0.dh_shared != nil || $0.resumed_from != nil
                }),
                let path = Shared.path("\(folder)/capture.pcap"),
                let (result, _) = try IKEv2Drive.run(folder, [file]), !result.openers.isEmpty
            else { continue }
            count.folders += 1
            for packet in try Self.packets(path) {
                guard let opener = result.openers[packet.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }] else { continue }
                let opening = opener.open(packet.span.bytes, esp: 0..<packet.count, into: buffer)
                guard case .verified = opening.verdict else {
                    Issue.record("\(folder) \(hex(packet.prefix(8))): \(opening.verdict)")
                    continue
                }
                count.packets += 1
                if opening.finding.sequenceHigh ?? 0 > 0 { count.wide += 1 }
            }
        }
        guard Shared.isThere else { return }
        #expect(count.folders >= 70 && count.packets >= 1000 && count.wide > 0, "\(count)")
    }

    @Test("Camellia in counter mode decrypts the vectors of RFC 5528")
    func camellia() throws {
        // Test vectors 1 to 3 of section 4: 16 bytes, 32 bytes and 36 bytes under keys of 128 bits.
        for (key, nonce, iv, plain, cipher) in [
            (
                "AE6852F8121067CC4BF7A5765577F39E", "00000030", "0000000000000000",
                "53696E676C6520626C6F636B206D7367", "D09DC29A8214619A20877C76DB1F0B3F"
            ),
            (
                "7E24067817FAE0D743D6CE1F32539163", "006CB6DB", "C0543B59DA48D90B",
                "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F",
                "DBF3C78DC08396D4DA7C907765BBCB442B8E8E0F31F0DCA72C7417E35360E048"
            ),
        ] {
            let decryptor = try StreamDecryptor("CAMELLIA", keyMaterial: Secret(hex: key + nonce))
            let input = unhex(cipher)
            var output = [UInt8](repeating: 0, count: input.count)
            #expect(decryptor.decrypt(iv: unhex(iv), input, count: input.count, into: &output))
            #expect(hex(output) == plain.lowercased())
        }
    }
}
