import ScopeDissect
import ScopeModel
import ScopeWire

/// What parts of an attempt hold in memory beside themselves: estimates, in bytes, that `Diagnoser` counts.
extension Attempt.Rare {
    var heldBytes: Int {
        var sum = 320
        for notification in notifications { sum += 112 + notification.spi.count + notification.data.count }
        for delete in deletes { sum += 64 + delete.spiBytes.count }
        for request in requests { sum += 48 + request.utf8.count }
        for attribute in configuration?.attributes ?? [] { sum += 32 + attribute.largeByteCount }
        if let identification { sum += identification.footprint }
        if let wanted { sum += wanted.footprint }
        for text in [eap?.user, eap?.failure] { sum += text?.utf8.count ?? 0 }
        if let certificates { sum += certificates.heldBytes }
        return sum
    }
}

extension CertificateReport {
    fileprivate var heldBytes: Int {
        // The names and numbers of one, without what only its keys would need.
        let ofOne = 2048
        return 256 + (certificates.count + payloads.count + revocationLists.count) * ofOne
    }
}

extension Attempt.Mode {
    var heldBytes: Int {
        var sum = MemoryLayout<Self>.stride + (initiatorProxy?.footprint ?? 0) + (responderProxy?.footprint ?? 0)
        for proposal in (proposals ?? []) + (chosen ?? []) { sum += proposal.heldBytes }
        for traffic in [asked, granted] { sum += traffic?.heldBytes ?? 0 }
        return sum
    }
}

extension Attempt.Proposed {
    var heldBytes: Int {
        let sets = algorithms
        let count =
            sets.ciphers.count + sets.prfs.count + sets.integrities.count + sets.groups.count
            + sets.extendedSequenceNumbers.count + sets.additionalGroups.values.reduce(0) { $0 + $1.count + 16 }
        return MemoryLayout<Self>.stride + 32 * 5 + 8 * count
    }
}

extension ChildTraffic {
    fileprivate var heldBytes: Int { 64 + (initiator.count + responder.count) * 96 }
}

extension Attempt.MadeSAs {
    var heldBytes: Int {
        MemoryLayout<Self>.stride + (quickMode.initiatorProxy?.footprint ?? 0)
            + (quickMode.responderProxy?.footprint ?? 0) + (quickMode.traffic?.heldBytes ?? 0)
    }
}

extension KeyStatus {
    var heldBytes: Int {
        switch self {
        case .none: 0
        case .opened(let names): 48 + names.description.utf8.count
        case .missing(let text, _), .wrong(let text): 48 + text.utf8.count
        }
    }
}

extension Finding {
    var heldBytes: Int {
        var sum = MemoryLayout<Finding>.stride + 32 + summary.utf8.count + 8 * frames.count + 24 * peers.count
        for text in evidence + lookAlikes { sum += 48 + text.utf8.count }
        for advice in advice { sum += 96 + advice.text.utf8.count + advice.ios.reduce(0) { $0 + 48 + $1.utf8.count } }
        if let proposals { sum += 256 + (proposals.offered.count + proposals.known.count) * 512 }
        return sum
    }
}
