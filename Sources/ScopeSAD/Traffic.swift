import ScopeDissect
import ScopeModel
import ScopeWire

/// What went one way under one SPI.
package struct Traffic: Sendable {
    package internal(set) var packets = 0
    /// From the SPI to the ICV.
    package internal(set) var octets = 0
    /// Inside, where the packets could be opened.
    package internal(set) var payloadOctets = 0
    package internal(set) var verified = 0
    package internal(set) var unverified = 0
    package internal(set) var refused = 0
    /// AH packets around ESP, which are told as ESP packets too, and their octets.
    package internal(set) var bundled = 0
    package internal(set) var bundledOctets = 0
    /// Of one SA in one direction; not of sums.
    package internal(set) var sequence = SequenceCounts()
    package internal(set) var icvLength: UInt8 = 0
    package internal(set) var isICVLengthUnusual = false
    package internal(set) var sequenceHigh: UInt32?
    package internal(set) var paddingFaults = 0
    package internal(set) var outsideSelectors = 0
    package internal(set) var nullEncryption: NullEncryption?
    /// The account of the SA around it; 0 on the wire.
    package internal(set) var within = 0

    package init() {}

    /// True when every packet was opened, so that the octets inside are known.
    package var isOpened: Bool { packets > 0 && verified + unverified == packets }

    mutating func add(_ packet: borrowing Told<ESPPacket>) {
        packets += 1
        octets += packet.length
        sequence.add(packet.step)
        note(packet.finding.icvLength, packet.finding.isICVLengthUnusual, packet.finding.sequenceHigh, packet.enclosure)
        if packet.finding.hasPaddingFault { paddingFaults += 1 }
        if packet.isOutsideSelectors { outsideSelectors += 1 }
        if let null = packet.nullEncryption { nullEncryption = null }
        switch packet.verdict {
        case .verified(let payload, _):
            verified += 1
            payloadOctets += payload.count
        case .unverified(let payload, _):
            unverified += 1
            payloadOctets += payload.count
        case .badICV, .malformed: refused += 1
        case .noKey, .cut: break
        }
    }

    mutating func add(_ packet: borrowing Told<AHPacket>) {
        packets += 1
        octets += packet.length
        sequence.add(packet.step)
        if packet.isOutsideSelectors { outsideSelectors += 1 }
        switch packet.verdict {
        case .verified(let finding):
            verified += 1
            note(finding.icvLength, finding.isICVLengthUnusual, finding.sequenceHigh, packet.enclosure)
        case .badICV: refused += 1
        case .noKey, .cut: within = packet.enclosure.account
        }
        guard IPProtocol(rawValue: packet.nextHeader) == .esp else { return }
        bundled += 1
        bundledOctets += packet.length
    }

    private mutating func note(_ length: UInt8, _ isUnusual: Bool, _ high: UInt32?, _ enclosure: Enclosure) {
        if length > 0 {
            icvLength = length
            isICVLengthUnusual = isUnusual
        }
        if let high { sequenceHigh = max(sequenceHigh ?? 0, high) }
        within = enclosure.account
    }

    /// Both together, what went through ESP and AH counted once.
    package static func + (a: Traffic, b: Traffic) -> Traffic {
        var sum = a
        sum.packets += b.packets - b.bundled
        sum.octets += b.octets - b.bundledOctets
        sum.payloadOctets += b.payloadOctets
        sum.verified += b.verified
        sum.unverified += b.unverified
        sum.refused += b.refused
        sum.sequence = SequenceCounts()
        return sum
    }
}
