import FuzzContracts
import TestSupport
import Testing

/// A little of what the fuzzer does, the same each time.
@Suite("Changed conversations of the shipped captures") struct MutationTests {
    private struct Step {
        var mode: UInt8
        var bytes: [UInt8]
    }

    /// A corpus file, taken apart.
    private struct Conversation {
        var variation: UInt8
        var steps: [Step] = []

        init(_ file: [UInt8]) {
            variation = file.first ?? 0
            var at = 1
            while at + 3 <= file.count {
                let count = Int(file[at + 1]) << 8 | Int(file[at + 2])
                let end = min(at + 3 + count, file.count)
                steps.append(Step(mode: file[at], bytes: Array(file[(at + 3)..<end])))
                at = end
            }
        }

        var file: [UInt8] {
            [variation]
                + steps.flatMap {
                    [$0.mode, UInt8($0.bytes.count >> 8 & 0xff), UInt8($0.bytes.count & 0xff)] + $0.bytes
                }
        }
    }

    private struct Numbers {
        var state: UInt64

        mutating func below(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % max(bound, 1)
        }

        mutating func byte() -> UInt8 { [0, 1, 0x7f, 0x80, 0xff, UInt8(below(256))][below(6)] }
    }

    private static let conversations: [Conversation] = {
        let folder = Shared.root + "/Tests/Fuzz/corpus/FuzzProgram"
        return Shared.names(inFolder: folder).filter { $0.hasSuffix("-plain") || $0.hasSuffix("-none") }
            .compactMap { Shared.bytes(folder + "/" + $0) }.map(Conversation.init)
    }()

    private static func changed(_ numbers: inout Numbers) -> [UInt8] {
        var made = conversations[numbers.below(conversations.count)]
        // The first messages are those of IKE.
        made.steps = Array(made.steps.prefix(12))
        made.variation = UInt8(numbers.below(256))
        for _ in 0...numbers.below(6) where !made.steps.isEmpty {
            let index = numbers.below(made.steps.count)
            let count = made.steps[index].bytes.count
            // Mostly behind the headers of Ethernet, IP and UDP.
            let place = min(
                numbers.below(4) == 0 ? numbers.below(42) : 42 + numbers.below(count - 42), max(count - 1, 0))
            switch numbers.below(8) {
            case 0: made.steps[index].bytes.removeLast(numbers.below(count))
            case 1: made.steps.insert(made.steps[index], at: numbers.below(made.steps.count))
            case 2: made.steps.swapAt(index, numbers.below(made.steps.count))
            case 3: made.steps[index].mode = numbers.byte()
            case 4: made.steps[index].bytes.insert(contentsOf: [numbers.byte(), numbers.byte()], at: min(place, count))
            default: if place < count { made.steps[index].bytes[place] = numbers.byte() }
            }
        }
        return made.file
    }

    @Test("keep every promise", arguments: 1...8)
    func changes(seed: UInt64) throws {
        var numbers = Numbers(state: seed)
        #expect(Self.conversations.count > 60)
        for _ in 0..<120 {
            let file = Self.changed(&numbers)
            do { try Contract.program.check(file) } catch { Issue.record("seed \(seed): \(error)\n\(file.hex)") }
        }
    }

    @Test("cut at every byte of a message, keep every promise")
    func truncations() throws {
        // Its second message decides what the fourth to the sixth one are; each of them is cut, the others are whole.
        for conversation in Self.conversations.prefix(3) {
            for index in conversation.steps.indices.prefix(6) {
                for length in stride(from: 0, to: conversation.steps[index].bytes.count, by: 9) {
                    var cut = conversation
                    cut.steps = Array(cut.steps.prefix(6))
                    cut.steps[index].bytes = Array(cut.steps[index].bytes[..<length])
                    do { try Contract.program.check(cut.file) } catch { Issue.record("\(index), \(length): \(error)") }
                }
            }
        }
    }

    @Test("cut at every byte, each message by itself, keep the promises of a message and of a frame")
    func messages() throws {
        for conversation in Self.conversations {
            for step in conversation.steps.prefix(4) {
                for length in step.bytes.indices {
                    let frame = [step.mode & 3] + step.bytes[..<length]
                    do { try Contract.frame.check(Array(frame)) } catch { Issue.record("frame, \(length): \(error)") }
                    guard length > 42 else { continue }
                    let message = [0] + step.bytes[42..<length]
                    do { try Contract.message.check(Array(message)) } catch {
                        Issue.record("message, \(length): \(error)")
                    }
                }
            }
        }
    }
}
