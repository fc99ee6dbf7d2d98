import ScopeDissect
import ScopeModel
import ScopeWire

/// How much of what a peer wrote is kept for the rules: more than any device writes, and less than a message can hold.
enum Trim {
    private static let mostOffers = 256
    private static let longestText = 1024

    static func text(_ text: String) -> String {
        text.utf8.count <= longestText ? text : String(decoding: text.utf8.prefix(longestText), as: UTF8.self)
    }

    /// The first of what an SA payload offers.
    static func offers(_ payload: SAPayload) -> [Offer] {
        var kept: [Offer] = []
        for proposal in payload.proposals {
            for transform in proposal.transforms.prefix(mostOffers - kept.count) {
                kept.append(Offer(transform, of: proposal))
            }
            if kept.count >= mostOffers { break }
        }
        return kept
    }

    static func bytes(_ bytes: [UInt8]) -> [UInt8] {
        bytes.count <= longestText ? bytes : Array(bytes.prefix(longestText))
    }
}

extension IdentificationPayload {
    var trimmed: IdentificationPayload {
        var payload = self
        switch identity {
        case .fqdn(let text): payload.identity = .fqdn(Trim.text(text))
        case .userFQDN(let text): payload.identity = .userFQDN(Trim.text(text))
        case .distinguishedName(let text): payload.identity = .distinguishedName(Trim.text(text))
        case .keyID(let bytes): payload.identity = .keyID(Trim.bytes(bytes))
        case .other(let bytes): payload.identity = .other(Trim.bytes(bytes))
        case .address, .subnet, .range: break
        }
        return payload
    }
}

extension DeletePayload {
    private static let mostKept = 1024

    var trimmed: DeletePayload {
        guard spiBytes.count > Self.mostKept else { return self }
        var payload = self
        payload.spiBytes = Array(spiBytes.prefix(Self.mostKept / max(spiSize, 1) * spiSize))
        return payload
    }
}

extension AttributesPayload {
    private static let mostKept = 64
    /// Of these the values are looked at; the others may be secrets.
    private static let read: Set<UInt16> = [
        1, 2, 8, ModeConfigAttribute.xauthStatus.rawValue, ModeConfigAttribute.xauthUserName.rawValue,
    ]

    var trimmed: AttributesPayload {
        var payload = self
        payload.attributes = attributes.prefix(Self.mostKept).map { attribute in
            Attribute(
                type: attribute.type, isShort: attribute.isShort,
                value: Self.read.contains(attribute.type) ? Trim.bytes(attribute.value) : [])
        }
        return payload
    }
}
