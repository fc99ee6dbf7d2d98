import AnalysisSupport
import ScopeCrypto
import ScopeDissect
import ScopeModel
import ScopeWire

/// The frames of a lab capture, to be played back with changes.
struct Dialogue {
    var frames: [Analysis.MadeFrame]
    let keys: KeyFile

    /// Nil, with a visible line, where the lab is absent.
    init?(_ scenario: String, _ parts: String = "psk,dh-private-initiator") throws {
        let lab = LabScenario(scenario)
        guard let path = lab.path("capture.pcap"), let keys = try lab.keys(parts) else { return nil }
        frames = try Analysis.frames(path)
        self.keys = keys
    }

    /// Places in `frames` of the IKE messages, in order.
    var ike: [Int] { frames.indices.filter { Self.isIKE(frames[$0].bytes) } }

    func play(_ limits: Limits = Limits()) -> Analysis { Analysis.playing(frames, keys: [keys], limits: limits) }

    /// The frame at `place` once more, `nanoseconds` behind it.
    func copy(of place: Int, after nanoseconds: Int64) -> Analysis.MadeFrame {
        var made = frames[place]
        made.frame.time = Instant(nanoseconds: made.frame.time.nanoseconds + nanoseconds)
        return made
    }

    mutating func changeBytes(_ change: (inout [UInt8]) -> Void) {
        for index in frames.indices { change(&frames[index].bytes) }
    }

    /// Ethernet, IPv4 without options, UDP on 500, or on 4500 behind the marker.
    static func isIKE(_ bytes: [UInt8]) -> Bool {
        guard isUDP(bytes) else { return false }
        let ports = [port(bytes, at: 34), port(bytes, at: 36)]
        return ports.contains(500) || (ports.contains(4500) && bytes[42..<46].allSatisfy { $0 == 0 })
    }

    static func isUDP(_ bytes: [UInt8]) -> Bool {
        bytes.count > 46 && bytes[12] == 8 && bytes[13] == 0 && bytes[14] == 0x45 && bytes[23] == 17
    }

    static func port(_ bytes: [UInt8], at index: Int) -> UInt16 { UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1]) }
}

extension IKEMessage {
    var isOpened: Bool { if case .opened = opening { true } else { false } }
    var isProved: Bool { if case .opened(_, _, .verified) = opening { true } else { false } }
}

extension ESPPacket {
    var isVerified: Bool { if case .verified = verdict { true } else { false } }
}
