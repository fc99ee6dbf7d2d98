import AnalysisSupport
import Foundation
import IKEScope
import ScopeConfig
import ScopeCrypto
import ScopeDissect
import ScopeModel
import ScopeWire
import TestSupport

/// Captures that show one finding each, made by a small change to one that ships.
enum MadeCases {
    private static func capture(_ name: String) throws -> (frames: [Analysis.MadeFrame], keys: KeyFile) {
        try MadePathTests.capture(name)
    }

    private static func isUDP(_ made: Analysis.MadeFrame) -> Bool { made.bytes.count > 50 && made.bytes[23] == 17 }
    private static func isESP(_ made: Analysis.MadeFrame) -> Bool { made.bytes.count > 50 && made.bytes[23] == 50 }

    static func found(_ id: FindingID) throws -> Found? {
        switch id {
        case .capSnaplen:
            return try tunnel { frames in
                if let last = frames.lastIndex(where: isESP) { frames[last].frame.originalLength += 10 }
            }
        case .capOneWay:
            return try tunnel { frames in
                let source = Array(frames.first(where: isUDP)?.bytes[26..<30] ?? [])
                frames.removeAll { !$0.bytes[26...].starts(with: source) }
            }
        case .capDrops:
            let (frames, keys) = try capture("main-mode/raw-esp")
            return Found(playing: frames, keys: [keys], dropped: 5)
        case .icmpUnreachable: return try tunnel { refuse($0.firstIndex(where: isUDP), code: 3, mtu: 0, &$0) }
        case .mtuPTB: return try tunnel { refuse($0.firstIndex(where: isESP), code: 4, mtu: 1400, &$0) }
        case .versionMismatch: return try refused(type: 5)
        case .espUnknownSPI: return try refused(type: 11)
        case .v1ChosenNotOffered: return try attribute([4, 0, 2], 5, of: 1...1)
        case .weakDES: return try attribute([1, 0, 7], 1, of: 0...1)
        case .weakOldCipher: return try attribute([1, 0, 7], 3, of: 0...1)
        case .weakMD5: return try attribute([2, 0, 2], 1, of: 0...1)
        case .weakDH1: return try attribute([4, 0, 2], 1, of: 0...1)
        case .weakDH22To24: return try attribute([4, 0, 2], 23, of: 0...1)
        case .natdIDPrivate:
            let (frames, keys) = try capture("main-mode/raw-esp")
            return Found(playing: MadePathTests.translated(frames), keys: [keys])
        case .ikeFragIncomplete:
            var (frames, keys) = try capture("main-mode/rsa-signatures")
            // The next payload of a fragment is 132, behind the marker.
            let place = frames.lastIndex { isUDP($0) && $0.bytes[62] == 132 }
            if let place { frames.remove(at: place) }
            return Found(playing: frames, keys: [keys])
        case .certFragmentLost:
            var (frames, _) = try capture("main-mode/raw-esp")
            frames = Array(frames.filter(isUDP).prefix(5))
            // The first of two fragments.
            frames[4].bytes = Array(frames[4].bytes.prefix(34 + 64))
            frames[4].bytes[16] = 0
            frames[4].bytes[17] = 84
            frames[4].bytes[20] = 0x20
            frames[4].frame.capturedLength = 98
            frames[4].frame.originalLength = 98
            return Found(playing: frames)
        case .pfsMismatch: return try configured("pfs", [])
        case .noMapForPeer: return try configured("pfs", [(" crypto map OUTSIDE\n", "")])
        case .encapModeMismatch:
            let left = try text("phase2-transform", "left").split(separator: "\n")
                .first { $0.hasPrefix("crypto ipsec transform-set") }.map(String.init)
            let right = try text("phase2-transform", "right").split(separator: "\n")
                .first { $0.hasPrefix("crypto ipsec transform-set") }.map(String.init)
            guard let left, let right else { return nil }
            let words = left.split(separator: " ").dropFirst(4).joined(separator: " ")
            let name = right.split(separator: " ")[3]
            return try configured(
                "phase2-transform",
                [(right, "crypto ipsec transform-set \(name) \(words)\n mode transport require")])
        case .spiReserved:
            return try tunnel { frames in
                for index in frames.indices where isESP(frames[index]) {
                    frames[index].bytes.replaceSubrange(34..<38, with: [0, 0, 0, 200])
                }
            }
        // HMAC-SHA, and numbers of 64 bits.
        case .esnNotChecked: return try ForgedTunnel.quickMode([0x80, 5, 0, 2, 0x80, 11, 0, 1])
        case .weakNoAuthESP: return try ForgedTunnel.quickMode([])
        case .espPadBad: return try ForgedTunnel.packet(padding: [UInt8](repeating: 0, count: 10))
        case .espSelectorViolation: return try ForgedTunnel.packet(padding: Array(1...10))
        default: return nil
        }
    }

    private static func tunnel(_ change: (inout [Analysis.MadeFrame]) -> Void) throws -> Found {
        var (frames, keys) = try capture("main-mode/raw-esp")
        change(&frames)
        return Found(playing: frames, keys: [keys])
    }

    /// An answer in the clear that is a notification of this type.
    private static func refused(type: UInt8) throws -> Found {
        var (frames, _) = try capture("failures/phase1-proposal")
        frames = frames.filter(isUDP)
        frames[1].bytes[81] = type
        return Found(playing: frames)
    }

    /// Another value of an attribute in these messages.
    private static func attribute(_ old: [UInt8], _ value: UInt8, of messages: ClosedRange<Int>) throws -> Found {
        var (frames, _) = try capture("main-mode/raw-esp")
        frames = Array(frames.filter(isUDP).prefix(4))
        for index in messages {
            frames[index].bytes = frames[index].bytes.replacing(
                [0x80] + old, with: [0x80] + old.dropLast() + [value])
        }
        return Found(playing: frames)
    }

    /// An ICMP error about a packet, from the host that it was for, behind it.
    private static func refuse(_ place: Int?, code: UInt8, mtu: Int, _ frames: inout [Analysis.MadeFrame]) {
        guard let place else { return }
        var made = frames[place]
        let quoted = made.bytes[14...].prefix(60)
        let total = 28 + quoted.count
        made.bytes =
            Array(made.bytes[..<14]) + [0x45, 0, UInt8(total >> 8), UInt8(total & 255), 0, 1, 0, 0, 64, 1, 0, 0]
        made.bytes += frames[place].bytes[30..<34] + frames[place].bytes[26..<30]
        made.bytes += [3, code, 0, 0, 0, 0, UInt8(mtu >> 8), UInt8(mtu & 255)] + quoted
        made.frame.capturedLength = made.bytes.count
        made.frame.originalLength = made.bytes.count
        frames.insert(made, at: place + 1)
    }

    private static func text(_ name: String, _ side: String) throws -> String {
        try String(contentsOfFile: ShippedTests.base("failures/" + name) + ".\(side).cfg", encoding: .utf8)
    }

    private static func configured(_ name: String, _ changes: [(String, String)]) throws -> Found {
        var right = try text(name, "right")
        for (old, new) in changes { right = right.replacing(old, with: new) }
        let base = ShippedTests.base("failures/" + name)
        return try Found(
            base + ".pcap", keys: [try KeyFile.load(base + ".keys.json")],
            configs: [IOSConfig(bytes: Array(right.utf8), path: "right.cfg")])
    }
}
