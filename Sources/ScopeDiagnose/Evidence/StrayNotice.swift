import ScopeDissect
import ScopeModel
import ScopeWire

/// An error in the clear under cookies of no IKE SA that the capture shows: an answer to ESP, or to an SA that one side has
/// lost.
struct StrayNotice {
    let type: NotificationType
    /// The SPI that an INVALID-SPI is about.
    let spi: UInt32?
    let from: IPAddress
    let to: IPAddress
    let time: Instant
    private(set) var frames: [Int]
    private(set) var count = 1

    /// Those in a message that belongs to no IKE SA.
    static func all(_ message: IKEMessage, _ event: Event, from: IPAddress, to: IPAddress) -> [StrayNotice] {
        guard let chain = message.readable else { return [] }
        return chain.payloads.prefix(8).compactMap { payload in
            guard case .notification(let content) = payload.content, content.type.isError else { return nil }
            let notification = Attempt.Notification(content, chain)
            return StrayNotice(
                type: notification.type, spi: notification.meaning == .unknownSPI ? notification.unknownSPI : nil,
                from: from, to: to, time: event.time, frames: [event.frame])
        }
    }

    /// Whether it says the same as another one.
    func isLike(_ other: StrayNotice) -> Bool { type == other.type && spi == other.spi && from == other.from }

    /// Takes in one that says the same.
    mutating func add(_ other: StrayNotice) {
        count += 1
        if frames.count < 16 { frames += other.frames }
    }
}

extension PairCase {
    private static let mostStrayNotices = 16

    func take(stray notices: [StrayNotice]) {
        for notice in notices {
            if let index = strayNotices.firstIndex(where: { $0.isLike(notice) }) {
                strayNotices[index].add(notice)
            } else if strayNotices.count < Self.mostStrayNotices {
                strayNotices.append(notice)
            }
        }
    }
}
