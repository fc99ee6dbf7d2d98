import ScopeDissect
import ScopeModel
import ScopeWire

/// How much of what a peer wrote is kept for the rules: more than any device writes, and less than a message can hold.
enum Trim {
    private static let mostTransforms = 256
    private static let mostAttributes = 32
    private static let longestText = 1024

    static func text(_ text: String) -> String {
        text.utf8.count <= longestText ? text : String(decoding: text.utf8.prefix(longestText), as: UTF8.self)
    }

    static func transform(_ transform: Transform) -> Transform {
        guard transform.attributes.count > mostAttributes || transform.attributes.contains(where: isLarge) else {
            return transform
        }
        var transform = transform
        transform.attributes = Array(transform.attributes.lazy.filter { !isLarge($0) }.prefix(mostAttributes))
        return transform
    }

    static func proposals(_ proposals: [Proposal]) -> [Proposal] {
        var room = mostTransforms
        var kept: [Proposal] = []
        for var proposal in proposals where room > 0 {
            proposal.spi = Array(proposal.spi.prefix(16))
            proposal.transforms = proposal.transforms.prefix(room).map(transform)
            room -= max(proposal.transforms.count, 1)
            kept.append(proposal)
        }
        return kept
    }

    private static func isLarge(_ attribute: Attribute) -> Bool { attribute.largeByteCount > 64 }

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
        1, 8, ModeConfigAttribute.xauthStatus.rawValue, ModeConfigAttribute.xauthUserName.rawValue,
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
