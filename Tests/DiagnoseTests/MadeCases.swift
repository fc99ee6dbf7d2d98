import AnalysisSupport
import Foundation
import ScopeConfig
import ScopeCrypto
import ScopeModel
import ScopeWire
import TestSupport

/// Captures that show one finding each, made by a small change to one that ships.
enum MadeCases {
    /// Main Mode, Quick Mode, ESP as IP protocol 50, and deletes.
    private static func tunnel() throws -> Talk { try Talk(of: "main-mode/raw-esp") }

    static func found(_ id: FindingID) throws -> Found? {
        switch id {
        case .capSnaplen:
            var talk = try tunnel()
            if let last = talk.esp.last { talk.frames[last].frame.originalLength += 10 }
            return Found(talk)
        case .capOneWay:
            let talk = try tunnel()
            return Found(talk.keeping { $0.source == talk.initiator })
        case .capDrops: return Found(try tunnel(), dropped: 5)
        case .icmpUnreachable: return try refused(.mainMode(1), code: 3)
        case .mtuPTB: return try refused(.esp(1), code: 4, mtu: 1400)
        case .versionMismatch: return try MadeIKETests().refused(type: 5)
        case .espUnknownSPI: return try NotificationTests.unknownSPI(behindTraffic: true)
        case .v1ChosenNotOffered:
            return Found(try tunnel().changing(.mainMode(2)) { try $0.set(.group, to: 5) }, hasKeys: false)
        case .weakDES: return try MadeIKETests().agreed(.encryption, 1)
        case .weakOldCipher: return try MadeIKETests().agreed(.encryption, 3)
        case .weakMD5: return try MadeIKETests().agreed(.hash, 1)
        case .weakDH1: return try MadeIKETests().agreed(.group, 1)
        case .weakDH22To24: return try MadeIKETests().agreed(.group, 23)
        case .natdIDPrivate: return Found(try tunnel().translated())
        case .ikeFragIncomplete:
            var talk = try Talk(of: "main-mode/rsa-signatures")
            let last = talk.ike.last { talk.frames[$0].packet?.message?[.fragment] != nil }
            if let last { talk.frames.remove(at: last) }
            return Found(talk)
        case .certFragmentLost:
            // The first of two fragments of IP.
            let talk = try tunnel().ending(with: .mainMode(5)).changingPacket(.mainMode(5)) { packet in
                packet.body = .other(Array(packet.payload.prefix(64)))
                packet.fragment = 0x2000
            }
            return Found(talk, hasKeys: false)
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
            return Found(try tunnel().changingPackets { if $0.isESP { $0.spi = 200 } })
        case .esnNotChecked: return try SealedTunnel.quickMode([(.integrity, 2), (.extendedSequence, 1)])
        case .weakNoAuthESP: return try SealedTunnel.quickMode([])
        case .espPadBad: return try SealedTunnel.packet(padding: [UInt8](repeating: 0, count: 10))
        case .espSelectorViolation: return try SealedTunnel.packet(padding: Array(1...10))
        default: return nil
        }
    }

    /// An ICMP error of type 3 about a packet, from the host that it was for, behind it.
    private static func refused(_ place: Place, code: UInt8, mtu: Int = 0) throws -> Found {
        let talk = try tunnel()
        let packet = try talk.packet(place)
        let error = packet.refused(by: packet.destination, code: code, mtu: mtu, quoting: 60)
        return Found(talk.inserting([error.made(at: try talk.frame(place).frame)], behind: try talk.index(of: place)))
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
