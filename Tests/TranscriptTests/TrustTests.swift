import AnalysisSupport
import Foundation
import IKEScope
import ScopeCrypto
import ScopeModel
import ScopeWire
import TestSupport
import Testing

@testable import ScopeFormatters

/// What a message in the clear says may be anybody's word, and what no key opened is not proved.
@Suite("Show says of an SA whether anything proves it")
struct TrustTests {
    private static let base = Shared.root + "/captures/main-mode/raw-esp"
    /// Without the ARP packets of that capture: phase 1 is 1 to 6; then a Quick Mode, and ESP.
    private static func frames() throws -> [Analysis.MadeFrame] {
        try Analysis.frames(base + ".pcap").filter { $0.bytes.count > 60 }
    }

    private func text(
        _ content: ShowFormatter.Content, _ frames: [Analysis.MadeFrame], hasKeys: Bool = false, isJSON: Bool = false
    ) throws -> String {
        let keys = hasKeys ? [try KeyFile.load(Self.base + ".keys.json")] : []
        let formatter = Supplied(ShowFormatter(content, ShowFormatter.Options(), isJSON: isJSON))
        return Analysis.playing(frames, keys: keys, formatter: formatter).text
    }

    private func lines(
        _ content: ShowFormatter.Content, _ frames: [Analysis.MadeFrame], hasKeys: Bool = false
    ) throws -> [[String: Any]] {
        try text(content, frames, hasKeys: hasKeys, isJSON: true).split(separator: "\n").compactMap {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }
    }

    /// A whole Quick Mode in the clear under the cookies of `frames`, behind them: RFC 2409 section 5.5 has it encrypted.
    private static func clearQuickMode(
        behind frames: [Analysis.MadeFrame], _ like: [Analysis.MadeFrame], inbound: [UInt8], outbound: [UInt8]
    ) -> [Analysis.MadeFrame] {
        func payload(_ next: UInt8, _ body: [UInt8]) -> [UInt8] { [next, 0, 0, UInt8(4 + body.count)] + body }
        func message(_ spi: [UInt8]) -> [UInt8] {
            let attributes: [UInt8] = [
                0x80, 1, 0, 1, 0x80, 2, 0x0e, 0x10, 0x80, 4, 0, 1, 0x80, 5, 0, 2, 0x80, 6, 0, 128,
            ]
            let transform = [0, 0, 0, UInt8(8 + attributes.count), 1, 12, 0, 0] + attributes
            let proposal = [0, 0, 0, UInt8(12 + transform.count), 1, 3, 4, 1] + spi + transform
            let sa = [0, 0, 0, 1, 0, 0, 0, 1] + proposal
            // The proxies of the capture's own Quick Mode.
            let proxies = [[4, 0, 0, 0, 10, 1, 0, 0, 255, 255, 0, 0], [4, 0, 0, 0, 10, 2, 0, 0, 255, 255, 0, 0]]
                .map { $0.map(UInt8.init) }
            return payload(1, [UInt8](repeating: 7, count: 20)) + payload(10, sa)
                + payload(5, [UInt8](repeating: 9, count: 16)) + payload(5, proxies[0]) + payload(0, proxies[1])
        }
        let cookies = Array(like[1].bytes[42..<58])
        var time = (frames.last ?? like[1]).frame.time.nanoseconds
        return zip([0, 1], [inbound, outbound]).map { index, spi in
            let body = message(spi)
            let header: [UInt8] = cookies + [8, 0x10, 32, 0, 1, 2, 3, 4, 0, 0, 0, UInt8(28 + body.count)]
            var made = like[index]
            made.bytes = Array(made.bytes[..<42]) + header + body
            made.bytes.setLengths()
            time += 1_000_000
            made.frame.time = Instant(nanoseconds: time)
            made.frame.capturedLength = made.bytes.count
            made.frame.originalLength = made.bytes.count
            return made
        }
    }

    private static func isESP(_ made: Analysis.MadeFrame) -> Bool { made.bytes.count > 42 && made.bytes[23] == 50 }

    @Test("with keys, all is proved")
    func proved() throws {
        let frames = try Self.frames()
        for content in ShowFormatter.Content.allCases {
            #expect(try !text(content, frames, hasKeys: true).contains("unproved"))
            let all = try lines(content, frames, hasKeys: true)
            #expect(!all.isEmpty && (content == .session || all.allSatisfy { $0["proved"] as? Bool == true }))
        }
    }

    @Test("without keys, a tunnel is what it probably is, and said to be unproved")
    func probable() throws {
        let frames = try Self.frames()
        let ike = try text(.isakmpSA, frames)
        #expect(ike.contains(" QM_IDLE ") && ike.contains(" ACTIVE (unproved)\n"))
        #expect(!ike.contains("ACTIVE\n"))
        let ipsec = try text(.ipsecSA, frames)
        #expect(ipsec.contains("Status: ACTIVE(ACTIVE), unproved: only its packets show it\n"))
        #expect(!ipsec.contains("ACTIVE(ACTIVE)\n"))
        #expect(try text(.session, frames).contains("Session status: UP-ACTIVE (unproved) "))
        for content in ShowFormatter.Content.allCases {
            #expect(try lines(content, frames).allSatisfy { $0["proved"] as? Bool == false })
        }
    }

    @Test("a Quick Mode in the clear makes no SA")
    func claimed() throws {
        let frames = try Self.frames()
        let begun = Array(frames.prefix(2))
        let made = begun + Self.clearQuickMode(behind: begun, frames, inbound: [1, 2, 3, 4], outbound: [5, 6, 7, 8])
        let ike = try text(.isakmpSA, made)
        #expect(!ike.contains("QM_IDLE") && ike.contains("MM_SA_SETUP"))
        let ipsec = try text(.ipsecSA, made)
        #expect(!ipsec.contains("Status: ACTIVE"))
        #expect(ipsec.contains("Status: ?, unproved: only a Quick Mode in the clear mentions it\n"))
        let rows = try lines(.ipsecSA, made)
        #expect(rows.map { $0["status"] as? String } == ["claimed"])
        #expect(rows.first?["proved"] as? Bool == false)
        #expect(!(try text(.session, made).contains("UP-")))
        // Packets under its SPI make it likelier, and prove nothing.
        guard var esp = frames.first(where: Self.isESP) else { return }
        esp.bytes.replaceSubrange(34..<38, with: [5, 6, 7, 8])
        esp.frame.time = Instant(nanoseconds: (made.last ?? esp).frame.time.nanoseconds + 1_000_000)
        let carried = try lines(.ipsecSA, made + [esp])
        #expect(carried.map { $0["status"] as? String } == ["alive"])
        #expect(carried.first?["proved"] as? Bool == false)
        #expect(try text(.session, made + [esp]).contains("Session status: UP-NO-IKE (unproved) "))
    }

    @Test("with keys, a Quick Mode in the clear takes nobody's place")
    func intruder() throws {
        let frames = try Self.frames()
        // As it stands before the peers delete their SAs.
        guard let last = frames.lastIndex(where: Self.isESP) else { return }
        let whole = Array(frames[...last])
        let made = whole + Self.clearQuickMode(behind: whole, frames, inbound: [1, 2, 3, 4], outbound: [5, 6, 7, 8])
        func outbound(_ text: String) -> [Substring] {
            text.split(separator: "\n").filter { $0.contains("current outbound spi") && !$0.contains("0x0(") }
        }
        #expect(try outbound(text(.ipsecSA, made, hasKeys: true)) == outbound(text(.ipsecSA, whole, hasKeys: true)))
        let rows = try lines(.ipsecSA, made, hasKeys: true)
        #expect(rows.map { $0["status"] as? String } == ["alive", "claimed"])
        #expect(rows.allSatisfy { $0["replaced_by"] == nil && $0["replaces"] == nil })
    }
}
