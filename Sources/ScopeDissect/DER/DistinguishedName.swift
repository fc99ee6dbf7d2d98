import ScopeWire

/// X.501 names as text: `attribute=value` in the order of the encoding, joined by commas (RFC 4514's escapes).
package enum DistinguishedName {
    /// A name with more parts than this is not decoded.
    private static let maximumParts = 64

    /// The name that `der` encodes, and nothing else; nil when it does not decode.
    package static func text(_ der: [UInt8]) -> String? {
        var reader = DERReader(der[...])
        guard let name = reader.next(DERReader.sequence), reader.isAtEnd else { return nil }
        return text(ofName: name)
    }

    /// The subject of an X.509 certificate (RFC 5280 section 4.1).
    static func subject(ofCertificate der: [UInt8]) -> String? {
        var outer = DERReader(der[...])
        guard let certificate = outer.next(DERReader.sequence) else { return nil }
        var inner = DERReader(certificate)
        guard let toBeSigned = inner.next(DERReader.sequence) else { return nil }
        var fields = DERReader(toBeSigned)
        // [0] version is left out in version 1; then serial number, algorithm, issuer, validity, subject.
        guard let first = fields.next() else { return nil }
        for _ in 0..<(first.tag == 0xA0 ? 4 : 3) where fields.next() == nil { return nil }
        return fields.next(DERReader.sequence).flatMap(text(ofName:))
    }

    private static func text(ofName content: ArraySlice<UInt8>) -> String? {
        var parts: [String] = []
        var sets = DERReader(content)
        while !sets.isAtEnd {
            guard parts.count < maximumParts, let set = sets.next(DERReader.set) else { return nil }
            var values: [String] = []
            var pairs = DERReader(set)
            while !pairs.isAtEnd {
                guard values.count < maximumParts, let pair = pairs.next(DERReader.sequence) else { return nil }
                var fields = DERReader(pair)
                guard let identifier = fields.next(DERReader.objectIdentifier).flatMap(DERReader.dotted),
                    let value = fields.next()
                else { return nil }
                values.append("\(names[identifier] ?? identifier)=\(text(of: value))")
            }
            parts.append(values.joined(separator: "+"))
        }
        return parts.joined(separator: ",")
    }

    private static func text(of value: DERReader.Element) -> String {
        let text: String
        switch value.tag {
        case 0x0C, 0x12, 0x13, 0x16, 0x1A: text = String(decoding: value.content, as: UTF8.self)
        // TeletexString is Latin-1 in practice.
        case 0x14: text = String(String.UnicodeScalarView(value.content.map { Unicode.Scalar($0) }))
        case 0x1E: text = String(decoding: units(value.content), as: UTF16.self)
        default: return "#" + String(hex: value.content)
        }
        return escaped(text)
    }

    private static func units(_ bytes: ArraySlice<UInt8>) -> [UInt16] {
        var units: [UInt16] = []
        var high: UInt8?
        for byte in bytes {
            if let first = high {
                units.append(UInt16(first) << 8 | UInt16(byte))
                high = nil
            } else {
                high = byte
            }
        }
        return units
    }

    /// A comma inside a value must not look like the end of it.
    private static func escaped(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if ",+\"\\<>;".unicodeScalars.contains(scalar) { result.append("\\") }
            result.append(scalar)
        }
        return String(result)
    }

    private static let names: [String: String] = [
        "2.5.4.3": "CN", "2.5.4.4": "SN", "2.5.4.5": "serialNumber", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST",
        "2.5.4.9": "street", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.12": "title", "2.5.4.42": "GN",
        "0.9.2342.19200300.100.1.1": "UID", "0.9.2342.19200300.100.1.25": "DC",
        "1.2.840.113549.1.9.1": "E", "1.2.840.113549.1.9.2": "unstructuredName",
        "1.2.840.113549.1.9.8": "unstructuredAddress",
    ]
}
