import IKEScope
import ScopeCrypto
import ScopeFormatters
import ScopeModel
import ScopeWire
import TestSupport

/// A capture that ships, to be played with one thing changed.
///
/// `Talk(of: "main-mode/raw-esp").dropping(.quickMode(2))` and the like give another talk; `analysed()` plays it. Packets
/// are named by what they say (`Place`), their fields by what they mean (`MadePacket`, `MadeMessage`, `MadeAssociation`).
///
/// `changing` alters what is in the clear and nothing beside it. `resealing` opens the talk with the scenario's secrets,
/// changes one message, and encrypts what follows from that anew: HASHes, IVs and, where nonces or SPIs change, the keys.
public struct Talk {
    public let name: String
    public var frames: [Analysis.MadeFrame]
    public var keys: [KeyFile]
    let secrets: TalkSecrets

    /// Of `captures/<name>.pcap` and its keys.
    public init(of name: String) throws {
        let base = Shared.root + "/captures/" + name
        self.name = name
        frames = try Analysis.frames(base + ".pcap")
        keys = [try KeyFile.load(base + ".keys.json")]
        secrets = try TalkSecrets(Shared.bytes(base + ".keys.json") ?? [])
    }

    func with(_ frames: [Analysis.MadeFrame]) -> Talk {
        var talk = self
        talk.frames = frames
        return talk
    }

    // MARK: Places

    /// What each frame says; nil for what is neither IKE of version 1 nor ESP.
    ///
    /// A repeat has the place of the first.
    public var places: [Place?] {
        var exchanges: [Place.Kind: [[UInt8]]] = [:]
        var messages: [[UInt8]: [[UInt8]]] = [:]
        var esp = 0
        return frames.map { frame in
            guard let packet = frame.packet else { return nil }
            guard let bytes = packet.ike else {
                guard packet.isESP else { return nil }
                esp += 1
                return .esp(esp)
            }
            guard let message = MadeMessage(bytes), message.version >> 4 == 1,
                let kind = Place.Kind(exchange: message.exchange)
            else { return nil }
            let key =
                Packets.u64(message.initiatorSPI) + Packets.u32(Int(message.messageID)) + [message.exchange]
            let exchange = exchanges[kind, default: []].firstIndex(of: key) ?? exchanges[kind, default: []].count
            if exchange == exchanges[kind, default: []].count { exchanges[kind, default: []].append(key) }
            let number = messages[key, default: []].firstIndex(of: bytes) ?? messages[key, default: []].count
            if number == messages[key, default: []].count { messages[key, default: []].append(bytes) }
            return Place(kind: kind, number: number + 1, exchange: exchange + 1)
        }
    }

    /// Where in `frames` the first packet that says this is.
    public func index(of place: Place) throws -> Int {
        guard let index = places.firstIndex(of: place) else { throw TalkError("\(name) has no \(place)") }
        return index
    }

    public func frame(_ place: Place) throws -> Analysis.MadeFrame { frames[try index(of: place)] }

    public func packet(_ place: Place) throws -> MadePacket {
        guard let packet = try frame(place).packet else { throw TalkError("\(name): \(place) is no packet") }
        return packet
    }

    /// As it is on the wire.
    public func message(_ place: Place) throws -> MadeMessage {
        guard let message = try packet(place).ike.flatMap({ MadeMessage($0) }) else {
            throw TalkError("\(name): \(place) is no message")
        }
        return message
    }

    /// Where in `frames` IKE is, in order.
    public var ike: [Int] { frames.indices.filter { frames[$0].packet?.isIKE ?? false } }
    public var esp: [Int] { frames.indices.filter { frames[$0].packet?.isESP ?? false } }

    /// The address that the first message comes from.
    public var initiator: [UInt8] { ike.first.flatMap { frames[$0].packet }?.source ?? [] }

    // MARK: Which packets there are, and when

    public func dropping(_ places: Place...) throws -> Talk {
        let gone = try places.map { try index(of: $0) }
        return with(frames.indices.filter { !gone.contains($0) }.map { frames[$0] })
    }

    public func dropping(where isGone: (MadePacket) -> Bool) -> Talk {
        with(frames.filter { !($0.packet.map(isGone) ?? false) })
    }

    /// These packets alone.
    public func keeping(_ places: Place...) throws -> Talk {
        let kept = try places.map { try index(of: $0) }
        return with(kept.sorted().map { frames[$0] })
    }

    /// Packets of IPv4 alone, and of those the ones that are asked for.
    public func keeping(where isKept: (MadePacket) -> Bool) -> Talk {
        with(frames.filter { $0.packet.map(isKept) ?? false })
    }

    /// What comes from this packet on.
    public func beginning(with place: Place) throws -> Talk { with(Array(frames[try index(of: place)...])) }

    /// What comes up to this packet, which is the last one.
    public func ending(with place: Place) throws -> Talk { with(Array(frames[...(try index(of: place))])) }

    /// What comes before this packet.
    public func ending(before place: Place) throws -> Talk { with(Array(frames[..<(try index(of: place))])) }

    /// One talk, and then another; each packet keeps its time.
    public func followed(by other: Talk) -> Talk { with(frames + other.frames) }

    /// The packet once more, `seconds` later, behind it or behind another packet.
    public func repeating(
        _ place: Place, after seconds: Double, behind other: Place? = nil,
        _ change: (inout MadePacket) throws -> Void = { _ in }
    ) throws -> Talk {
        let copy = try frame(place).changing(change).later(seconds: seconds)
        return inserting([copy], behind: try index(of: other ?? place))
    }

    public func inserting(_ made: [Analysis.MadeFrame], behind index: Int) -> Talk {
        with(Array(frames[...index]) + made + frames[(index + 1)...])
    }

    /// Behind each frame for which it gives any, `more`.
    public func crowding(_ more: (Int, Analysis.MadeFrame) -> [Analysis.MadeFrame]) -> Talk {
        with(frames.indices.flatMap { [frames[$0]] + more($0, frames[$0]) })
    }

    /// The two change places; each keeps its time.
    public func swapping(_ first: Place, _ second: Place) throws -> Talk {
        var talk = self
        talk.frames.swapAt(try index(of: first), try index(of: second))
        return talk
    }

    /// The packet and all that follow it come later.
    public func delaying(_ place: Place, by seconds: Double) throws -> Talk {
        let first = try index(of: place)
        return with(frames.indices.map { $0 < first ? frames[$0] : frames[$0].later(seconds: seconds) })
    }

    public func later(seconds: Double) -> Talk { with(frames.map { $0.later(seconds: seconds) }) }

    // MARK: What is in the clear

    /// Every packet of IPv4.
    public func changingPackets(_ change: (inout MadePacket) throws -> Void) rethrows -> Talk {
        with(try frames.map { try $0.changing(change) })
    }

    public func changingPacket(_ place: Place, _ change: (inout MadePacket) throws -> Void) throws -> Talk {
        var talk = self
        let index = try index(of: place)
        talk.frames[index] = try frames[index].changing(change)
        return talk
    }

    /// A message as it is on the wire, and none beside it: an encrypted one stays closed.
    public func changing(_ place: Place, _ change: (inout MadeMessage) throws -> Void) throws -> Talk {
        var message = try message(place)
        try change(&message)
        return try changingPacket(place) { $0.ike = message.bytes }
    }

    // MARK: Playing

    public func analysed(
        keys: [KeyFile]? = nil, conditions: Conditions = Conditions(), limits: Limits = Limits(),
        debug: IOSDebugFormatter.Options? = nil, formatter: (any EventFormatter)? = nil, jobs: Int = 1
    ) -> Analysis {
        Analysis.playing(
            frames, keys: keys ?? self.keys, conditions: conditions, limits: limits, debug: debug, formatter: formatter,
            jobs: jobs)
    }

    /// As a pcap file, for other programs.
    public var capture: [UInt8] {
        func little(_ value: Int) -> [UInt8] { Packets.u32(value).reversed() }
        let header: [UInt8] = little(0xa1b2_3c4d) + [2, 0, 4, 0] + little(0) + little(0) + little(0x40000) + little(1)
        return frames.reduce(into: header) { file, made in
            let time = Int(made.frame.time.nanoseconds)
            file += little(time / 1_000_000_000) + little(time % 1_000_000_000)
            file += little(made.bytes.count) + little(made.frame.originalLength) + made.bytes
        }
    }
}
