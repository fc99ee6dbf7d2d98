import AnalysisSupport
import Foundation
import ScopeModel
import TestSupport
import Testing

@testable import ScopeTrack

@Suite("The accounts of SAs say what a receiver would") struct SequenceTests {
    private func notes(_ lab: LabScenario) throws -> [[String: Any]]? {
        guard let path = lab.path("notes.json"), let bytes = Shared.bytes(path) else { return nil }
        let object = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
        return object?["esp"] as? [[String: Any]]
    }

    private func account(_ row: [String: Any], _ run: Analysis) throws -> IPsecAccount {
        let text = try #require(row["spi"] as? String)
        let spi = try #require(UInt32(text.dropFirst(2), radix: 16))
        return try #require(run.accounts.first { $0.spi == spi })
    }

    @Test("loss, reordering, repeats and the drops of each window are those of the lab's notes")
    func health() throws {
        let lab = LabScenario("73-esp-health")
        guard let path = lab.path("capture.pcap"), let rows = try notes(lab) else { return }
        for keys in [[], [try #require(try lab.keys("sa"))]] {
            let run = try Analysis.of(path, keys: keys)
            #expect(rows.count == 4)
            for row in rows {
                let account = try account(row, run)
                let sequence = account.sequence
                #expect(account.packets == row["frames"] as? Int)
                #expect(Int(sequence.lowest) == row["first_sequence"] as? Int)
                #expect(Int(sequence.highest) == row["highest_sequence"] as? Int)
                #expect(sequence.distinct == row["distinct"] as? Int)
                #expect(Int(sequence.lost) == row["lost"] as? Int)
                #expect(account.lossRuns == (row["loss_runs"] as? [String])?.count)
                #expect(Int(account.longestLossRun) == row["longest_loss_run"] as? Int)
                #expect(sequence.duplicates == row["duplicates"] as? Int)
                #expect(sequence.late == row["late_first_copies"] as? Int)
                #expect(Int(sequence.reorderingDistance) == row["max_reorder_distance"] as? Int)
                let windows = try #require(row["replay_window_drops"] as? [String: [String: Int]])
                #expect(windows.count == SequenceCounts.windowSizes.count)
                for (size, drops) in zip(SequenceCounts.windowSizes, sequence.windows) {
                    let expected = try #require(windows["\(size)"])
                    #expect(drops.tooOld == expected["too_old"] && drops.duplicates == expected["duplicate"], "\(size)")
                    #expect(drops.all == expected["dropped"])
                }
            }
            // The second SA of the initiator begins again at 1; none else does.
            #expect(run.accounts.map(\.sequence.restarts) == run.accounts.map { $0.spi == 0xcfe2_5ea3 ? 1 : 0 })
        }
    }

    @Test("each of two taps tells what was lost before it")
    func taps() throws {
        let lab = LabScenario("72-two-taps")
        guard let rows = try notes(lab), let left = lab.path("tap-left.pcap"), let right = lab.path("tap-right.pcap")
        else { return }
        let runs = (left: try Analysis.of(left), right: try Analysis.of(right))
        for row in rows {
            let isLeftNear = row["direction"] as? String == "left-to-right"
            let near = try account(row, isLeftNear ? runs.left : runs.right)
            let far = try account(row, isLeftNear ? runs.right : runs.left)
            #expect(near.packets == row["sent_at_near_tap"] as? Int && near.sequence.lost == 0)
            #expect(far.packets == row["seen_at_far_tap"] as? Int)
            #expect(Int(far.sequence.lost) == row["dropped_between"] as? Int)
            #expect(far.lossRuns == (row["dropped_sequences"] as? [String])?.count)
            let longest = try #require((row["longest_run"] as? [String: Any])?["packets"] as? Int)
            #expect(Int(far.longestLossRun) == longest)
            #expect(near.sequence.duplicates == row["duplicates_near"] as? Int)
            #expect(far.sequence.duplicates == row["duplicates_far"] as? Int)
        }
    }

    /// The rules as the lab's notes put them, with a set in place of a bit field.
    private struct Model {
        var seen: Set<UInt64> = []
        var highest: UInt64?

        mutating func see(_ number: UInt64) -> SequenceStep {
            guard let top = highest else {
                highest = number
                seen = [number]
                return .first(number)
            }
            if number > top {
                highest = number
                seen.insert(number)
                return .ahead(number)
            }
            let behind = top - number
            if behind >= 4096 { return .forgotten(behind: behind) }
            return seen.insert(number).inserted ? .late(behind: behind) : .duplicate(behind: behind)
        }
    }

    @Test("any order of numbers gives what a set of them gives", arguments: [1, 2, 3, 4])
    func anyOrder(seed: UInt64) {
        var state = seed &* 0x9e37_79b9_7f4a_7c15
        func random(_ bound: UInt64) -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state % bound
        }
        var memory = SequenceMemory()
        var model = Model()
        var next: UInt64 = seed == 4 ? UInt64.max - 40_000 : random(10_000)
        for _ in 0..<20_000 {
            switch random(12) {
            case 0: next = next.addingReportingOverflow(random(9000)).overflow ? .max : next + random(9)
            case 1: next -= min(next, random(6000))
            case 2: next -= min(next, random(80))
            default: next = next == .max ? next : next + 1
            }
            #expect(memory.see(next) == model.see(next))
        }
        let numbers = model.seen.sorted()
        let gaps = zip(numbers, numbers.dropFirst()).map { $1 - $0 - 1 }.filter { $0 > 0 }
        #expect(memory.losses.runs == gaps.count && memory.losses.longest == gaps.max() ?? 0)
    }

    @Test("a jump over more than the memory is one run of loss, and the end of 64 bits is no trap")
    func jumps() {
        var memory = SequenceMemory()
        for number in [UInt64(1), 2, 100_000, 100_001, .max - 1, .max] { _ = memory.see(number) }
        #expect(memory.losses.runs == 2)
        #expect(memory.losses.longest == UInt64.max - 1 - 100_002)
        #expect(memory.see(.max) == .duplicate(behind: 0))
        #expect(memory.see(0) == .forgotten(behind: .max))
    }

    @Test("numbers go on beyond 32 bits where the header's half begins again")
    func wrap() {
        var memory = SequenceMemory()
        _ = memory.see(memory.extended(0xffff_fffe))
        #expect(memory.extended(1) == 1 << 32 | 1)
        _ = memory.see(memory.extended(1))
        #expect(memory.extended(0xffff_ffff) == 0xffff_ffff)
        #expect(memory.see(memory.extended(0xffff_ffff)) == .late(behind: 2))
        var plain = SequenceMemory()
        _ = plain.see(plain.extended(300))
        #expect(plain.see(plain.extended(1)) == .late(behind: 299))
    }
}
