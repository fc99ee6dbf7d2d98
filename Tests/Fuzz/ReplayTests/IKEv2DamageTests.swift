import AnalysisSupport
import Foundation
import FuzzContracts
import ScopeDissect
import ScopeModel
import ScopeWire
import TestSupport
import Testing

/// Messages of the labs, opened first and then damaged inside, so that what was encrypted is reached through the tracker.
///
/// All of it takes hours: IKESCOPE_MUTATIONS is how many mutations there are to be of each message, of every scenario, with
/// every truncation. Without it there is a share that takes seconds.
@Suite("Damaged messages of IKEv2 are followed to their end") struct IKEv2DamageTests {
    /// A message whose insides are in the clear.
    private struct Opened {
        var frame: Frame
        var isFromResponder: Bool
        /// The header as it came.
        var head: [UInt8]
        /// The type of the first payload inside; nil of a message that was in the clear.
        var first: UInt8?
        var inside: [UInt8]
        var pieces: Int

        /// As frames of raw IP; a message that came in pieces is cut into two.
        func frames(_ inside: [UInt8]) -> [(frame: Frame, bytes: [UInt8])] {
            guard let first else { return [sealed(16, nil, inside)] }
            guard pieces > 0 else { return [sealed(46, [first, 0], inside)] }
            let half = inside.count / 2
            return [
                sealed(53, [first, 0], [0, 1, 0, 2] + inside.prefix(half)),
                sealed(53, [0, 0], [0, 2, 0, 2] + inside.dropFirst(half)),
            ]
        }

        private func sealed(_ type: UInt8, _ start: [UInt8]?, _ inside: some Collection<UInt8>) -> (Frame, [UInt8]) {
            var message = head
            if let start {
                message[16] = type
                message += start + Self.number(4 + inside.count)
            }
            message += inside
            message.replaceSubrange(24..<28, with: [0, 0] + Self.number(message.count))
            let ends: [[UInt8]] = [[192, 0, 2, 10], [198, 51, 100, 20]]
            var packet: [UInt8] = [0x45, 0] + Self.number(28 + message.count) + [0, 0, 0, 0, 64, 17, 0, 0]
            packet += isFromResponder ? ends[1] + ends[0] : ends[0] + ends[1]
            packet += [1, 0xf4, 1, 0xf4] + Self.number(8 + message.count) + [0, 0] + message
            return (
                Frame(
                    number: frame.number, time: frame.time, linkType: .raw, capturedLength: packet.count,
                    originalLength: packet.count), packet
            )
        }

        private static func number(_ value: Int) -> [UInt8] { [UInt8(value >> 8 & 0xff), UInt8(value & 0xff)] }
    }

    private struct Numbers {
        var state: UInt64

        mutating func below(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % max(bound, 1)
        }

        /// What a length, a count or a type is wrong with.
        mutating func byte() -> UInt8 { [0, 1, 0x7f, 0x80, 0xff, UInt8(below(256))][below(6)] }

        mutating func changed(_ bytes: [UInt8]) -> [UInt8] {
            var bytes = bytes
            for _ in 0...below(4) {
                let place = below(bytes.count)
                switch below(8) {
                case 0: bytes.removeLast(below(bytes.count))
                case 1: bytes.insert(contentsOf: [byte(), byte()], at: min(place, bytes.count))
                case 2: bytes += bytes.prefix(place)
                default: if place < bytes.count { bytes[place] = byte() }
                }
            }
            return bytes
        }
    }

    private static let mutations = ProcessInfo.processInfo.environment["IKESCOPE_MUTATIONS"].flatMap { Int($0) }

    /// Of each kind of payload inside one: EAP, CP, pieces, a rekeyed child and a rekeyed IKE SA.
    private static let few: Set = [
        "120a-v2-eap-mschapv2", "202a-v2-followup-ke", "217a-v2-refragment", "221a-v2-config-all", "226a-v2-ios-shape",
    ]

    private static let scenarios = IKEv2Scenario.all.filter { mutations != nil || few.contains($0.name) }

    private static func opened(_ scenario: IKEv2Scenario) throws -> [Opened]? {
        guard let path = scenario.path("capture.pcap"), let keys = try scenario.keys("all") else { return nil }
        return try Analysis.of(path, keys: [keys]).events.compactMap { event in
            guard case .ikeMessage(let message) = event.kind, let frame = event.origin,
                message.message.bytes.count >= ISAKMPHeader.length
            else { return nil }
            let head = Array(message.message.bytes.prefix(ISAKMPHeader.length))
            var opened = Opened(
                frame: frame, isFromResponder: message.sender == .responder, head: head, first: nil,
                inside: Array(message.message.bytes.dropFirst(ISAKMPHeader.length)), pieces: message.ikeFragments)
            if case .opened(let chain, _, _) = message.opening {
                (opened.first, opened.inside) = (chain.firstType.rawValue, chain.bytes)
            }
            return opened
        }
    }

    @Test("with the messages around them as they were", arguments: scenarios)
    func damaged(scenario: IKEv2Scenario) throws {
        guard let messages = try Self.opened(scenario) else { return }
        let whole = messages.flatMap { $0.frames($0.inside) }
        let calm = try PlainRun.follow(whole)
        #expect(calm.events >= messages.count)
        var numbers = Numbers(state: UInt64(scenario.name.utf8.reduce(0) { $0 &* 31 &+ UInt64($1) }))
        let before = 6
        for (place, message) in messages.enumerated() where !message.inside.isEmpty {
            var damaged: [[UInt8]] = []
            let step = Self.mutations == nil ? max(1, message.inside.count / 8) : 1
            for length in stride(from: 0, to: message.inside.count, by: step) {
                damaged.append(Array(message.inside.prefix(length)))
            }
            for _ in 0..<(Self.mutations ?? 12) { damaged.append(numbers.changed(message.inside)) }
            // A tracker of its own for each hundred, so that what one leaves behind meets few others.
            let around = messages[..<place].suffix(before).flatMap { $0.frames($0.inside) }
            let behind = messages[(place + 1)...].prefix(2).flatMap { $0.frames($0.inside) }
            let start = Array(messages.prefix(2).flatMap { $0.frames($0.inside) })
            for first in stride(from: 0, to: damaged.count, by: 100) {
                let some = damaged[first..<min(first + 100, damaged.count)].flatMap { message.frames($0) }
                let found = try PlainRun.follow(start + around + some + behind)
                let frames = start.count + around.count + some.count + behind.count
                #expect(found.events <= 64 * (frames + 1), "\(message.frame.number)")
                #expect(found.bytes <= frames << 16, "\(message.frame.number)")
            }
        }
    }
}
