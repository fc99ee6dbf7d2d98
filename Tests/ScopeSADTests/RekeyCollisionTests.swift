import AnalysisSupport
import ScopeDissect
import ScopeModel
import TestSupport
import Testing

@testable import ScopeSAD

/// Which of two SAs goes again where both sides replace one at once is told by the four nonces (RFC 7296 section 2.8).
///
/// The captures are of strongSwan, which logs which side lost; in both, the path delays what is sent by 0.3 s.
@Suite("Both sides of IKEv2 replace an SA at once") struct RekeyCollisionTests {
    private static func changes(_ name: String) throws -> [SAChange]? {
        guard let scenario = IKEv2Scenario.named(name), let path = scenario.path("capture.pcap"),
            let keys = try scenario.keys("dh-shared")
        else { return nil }
        return Shipped.changes(try Analysis.of(path, keys: [keys]).events)
    }

    private static func replacements(_ changes: [SAChange]) -> [(old: SAIdentity, new: SAIdentity)] {
        changes.compactMap { change in
            if case .replaced(let new) = change.what { (change.sa, new) } else { nil }
        }
    }

    /// `CHILD_SA rekey collision lost, deleting redundant child`, `sending DELETE for ESP CHILD_SA with SPI f19c02d0`
    /// (left.log).
    @Test("of two pairs the one whose exchange has the lowest nonce gives way, though it came first")
    func children() throws {
        guard let changes = try Self.changes("143a-v2-collide-child") else { return }
        func spis(_ sa: SAIdentity) -> Set<UInt32> {
            guard case .child(let child) = sa else { return [] }
            return Set([child.spiToInitiator, child.spiToResponder].compactMap { $0 })
        }
        let old: Set<UInt32> = [0x0e3b_f9e5, 0x1277_e020]
        let lost: Set<UInt32> = [0xf19c_02d0, 0xfcee_1234]
        let won: Set<UInt32> = [0x83e2_2b7b, 0x0e39_93c0]
        let established = changes.filter { $0.what == .established }.map { spis($0.sa) }
        #expect(established.filter { !$0.isEmpty } == [old, lost, won])
        let replaced = Self.replacements(changes).filter { !spis($0.old).isEmpty }
        #expect(replaced.map { spis($0.old) } == [old, lost])
        #expect(spis(try #require(replaced.last).new) == won)
        let deleted = changes.compactMap { change -> Set<UInt32>? in
            if case .deleted = change.what { spis(change.sa) } else { nil }
        }
        #expect(deleted.prefix(2).contains(old) && deleted.prefix(2).contains(lost))
    }

    /// `IKE_SA rekey collision won, waiting for delete for redundant IKE_SA gw[3]` (left.log): that of the other side.
    @Test("of two IKE SAs the one whose exchange has the lowest nonce gives way, and the children go to the other")
    func ike() throws {
        guard let changes = try Self.changes("144a-v2-collide-ike") else { return }
        let ike = changes.filter { if case .ike = $0.sa { true } else { false } }
        let established = ike.filter { $0.what == .established }.map(\.sa)
        try #require(established.count == 3)
        // The exchange that left began is answered first (frames 14 and 15), the other one second (13 and 16).
        let (first, won, lost) = (established[0], established[1], established[2])
        let replaced = Self.replacements(ike)
        #expect(replaced.map(\.old) == [first, lost])
        #expect(replaced.map(\.new) == [won, won])
        // Its Delete takes no child with it: they go with the last SA, whose Delete comes 4 s later.
        let children = changes.filter { change in
            guard case .child = change.sa, case .deleted = change.what else { return false }
            return true
        }
        let last = ike.last { if case .deleted = $0.what { true } else { false } }
        #expect(children.count == 1 && last?.sa == won && children.first?.time == last?.time)
    }

    @Test("nonces are compared byte by byte, and one that ends is the lower one")
    func nonces() {
        func nonce(_ a: [UInt8], _ b: [UInt8] = [0xff]) -> RekeyNonce? { RekeyNonce(a, b) }
        // Not as numbers: 02 is above 01 ff.
        #expect(nonce([1, 0xff]).flatMap { a in nonce([2]).map { a < $0 } } == true)
        #expect(nonce([1]).flatMap { a in nonce([1, 0]).map { a < $0 } } == true)
        #expect(nonce([1, 0]).flatMap { a in nonce([1]).map { a < $0 } } == false)
        #expect(RekeyNonce([9], [3]) == RekeyNonce([3], [7]))
        #expect(RekeyNonce(nil, [3]) == nil)
    }
}
