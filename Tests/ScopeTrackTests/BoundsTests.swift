import AnalysisSupport
import ScopeCrypto
import ScopeModel
import TestSupport
import Testing

@Suite("What is remembered is bounded, and what goes is said")
struct BoundsTests {
    private let talk: Talk
    private let plain: Analysis

    init() throws {
        talk = try Talk(of: "main-mode/raw-esp")
        plain = talk.analysed()
    }

    @Test("half-open attempts push each other out, not the negotiation in their midst")
    func halfOpen() throws {
        let ike = talk.ike.prefix(7)
        var strangers = Strangers(try talk.frame(.mainMode(1)))
        let crowd = talk.crowding { place, _ in ike.contains(place) ? strangers.next(400) : [] }
        var limits = Limits()
        limits.ikeSAs = 1000
        let run = crowd.analysed(limits: limits)
        #expect(run.inner == plain.inner && !run.inner.isEmpty)
        #expect(run.evicted(from: "IKE SAs") >= strangers.count - 1000 && strangers.count == 2800)
        // With room for all of them none goes.
        limits.ikeSAs = strangers.count + 1
        #expect(crowd.analysed(limits: limits).evicted(from: "IKE SAs") == 0)
    }

    @Test("so do those of IKEv2, by their number and by what they hold")
    func halfOpenOfIKEv2() throws {
        let path = Shared.root + "/captures/ikev2/psk"
        let keys = try KeyFile(bytes: try #require(Shared.bytes(path + ".keys.json")), path: "psk.keys.json")
        let frames = try Analysis.frames(path + ".pcap")
        let plain = Analysis.playing(frames, keys: [keys])
        let ike = frames.indices.filter { frames[$0].packet?.isIKE ?? false }.prefix(4)
        var strangers = Strangers(frames[try #require(ike.first)])
        let crowd = frames.indices.flatMap { [frames[$0]] + (ike.contains($0) ? strangers.next(600) : []) }
        #expect(strangers.count == 2400)
        var limits = Limits()
        limits.ikeSAs = 1000
        let run = Analysis.playing(crowd, keys: [keys], limits: limits)
        #expect(run.inner == plain.inner && !run.inner.isEmpty)
        #expect(run.messages.count { $0.isOpened } == plain.messages.count { $0.isOpened })
        #expect(run.evicted(from: "IKE SAs") >= strangers.count - 1000)
        // With room for all of them none goes, but where they hold too much.
        limits.ikeSAs = strangers.count + 2
        #expect(Analysis.playing(crowd, keys: [keys], limits: limits).evicted(from: "IKE SAs") == 0)
        limits.ikeBytes = 2 << 20
        let narrow = Analysis.playing(crowd, keys: [keys], limits: limits)
        #expect(narrow.inner == plain.inner && narrow.evicted(from: "IKE SAs") > 0)
    }

    @Test("SPIs without end leave the accounts bounded, and the busy one in place")
    func accounts() throws {
        // Fewer than the limit come between two packets of one real SA, and more than it in all.
        var count = 0
        let esp = try talk.frame(.esp(1))
        let crowd = talk.crowding { _, made in
            guard made.packet?.isESP == true else { return [] }
            return (0..<200).map { _ in
                count += 1
                return esp.changing { $0.spi = 0x7700_0000 + UInt32(count) }
            }
        }
        var limits = Limits()
        limits.ipsecAccounts = 1500
        let run = crowd.analysed(limits: limits)
        #expect(run.inner == plain.inner && !run.inner.isEmpty)
        #expect(run.accounts.count <= 1500)
        #expect(run.evicted(from: "IPsec accounts") >= count - 1500 && count > 1500)
        let kept = run.accounts.filter { $0.verified > 0 }
        #expect(kept.map(\.packets).reduce(0, +) == plain.inner.count)
        limits.ipsecAccounts = count + 2
        #expect(crowd.analysed(limits: limits).evicted(from: "IPsec accounts") == 0)
    }
}

/// First messages from addresses and with SPIs that nobody else has.
struct Strangers {
    private let first: Analysis.MadeFrame
    private(set) var count = 0

    init(_ first: Analysis.MadeFrame) { self.first = first }

    mutating func next(_ many: Int, _ change: (inout MadePacket) -> Void = { _ in }) -> [Analysis.MadeFrame] {
        (0..<many).map { _ in
            count += 1
            return first.changing { packet in
                packet.source = Address.numbered(count)
                packet.message?.initiatorSPI = 0x7265_0000_0000_0000 + UInt64(count)
                change(&packet)
            }
        }
    }
}

enum Address {
    /// 10.0.0.0 and upwards.
    static func numbered(_ number: Int, network: UInt8 = 10) -> [UInt8] {
        [network] + [16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }
}
