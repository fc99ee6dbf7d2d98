import ScopeWire

/// Decodes one row of `sa`: the keys of one ESP or AH SA.
enum KeyFileSARow {
    static func decode(_ reader: inout JSONReader, _ place: String) throws(KeyFileError) -> KeyFile.SA {
        var isAH = false
        var spi: UInt32?
        var destination: IPAddress?
        var encryption: (encryption: ESPEncryption, usesImplicitIV: Bool)?
        var integrity: ESPIntegrity = .none
        var encryptionKey = Secret(count: 0)
        var integrityKey = Secret(count: 0)
        var usesESN = false
        try reader.object(place) { reader, name, start throws(KeyFileError) in
            let here = "\(place).\(name)"
            switch name {
            case "protocol":
                let word = try reader.word(here)
                guard word == "esp" || word == "ah" else {
                    throw KeyFileError("is not \"esp\" or \"ah\"", place: here, at: start)
                }
                isAH = word == "ah"
            case "spi": spi = UInt32(truncatingIfNeeded: try KeyFileDecoder.number(&reader, here, bytes: 4))
            case "destination":
                guard let address = IPAddress(try reader.word(here)) else {
                    throw KeyFileError("is no address", place: here, at: start)
                }
                destination = address
            case "encryption":
                guard let known = ESPSuite.encryption(keyFile: try reader.word(here)) else {
                    throw KeyFileError(
                        "is none of \(ESPSuite.encryptionNames.joined(separator: ", "))", place: here, at: start)
                }
                encryption = known
            case "integrity":
                guard let known = ESPIntegrity(keyFile: try reader.word(here)) else {
                    throw KeyFileError(
                        "is none of \(ESPIntegrity.keyFileNames.joined(separator: ", "))", place: here, at: start)
                }
                integrity = known
            case "encryption_key": encryptionKey = try KeyFileDecoder.hex(&reader, here, emptyAllowed: true)
            case "integrity_key": integrityKey = try KeyFileDecoder.hex(&reader, here, emptyAllowed: true)
            case "esn": usesESN = try reader.boolean(here)
            default: throw KeyFileDecoder.unknown(here, start)
            }
        }
        guard let spi else { throw KeyFileError("\"spi\" is missing", place: place, at: reader.at) }
        if isAH {
            guard encryption == nil, encryptionKey.count == 0 else {
                throw KeyFileError("AH does not encrypt", place: place, at: reader.at)
            }
        } else if encryption == nil {
            throw KeyFileError("\"encryption\" is missing", place: place, at: reader.at)
        }
        var suite = ESPSuite(encryption: encryption?.encryption ?? .null, integrity: integrity, usesESN: usesESN)
        suite.usesImplicitIV = encryption?.usesImplicitIV ?? false
        let row = KeyFile.SA(
            isAH: isAH, spi: spi, destination: destination, suite: suite, encryptionKey: encryptionKey,
            integrityKey: integrityKey)
        if let problem = row.problem {
            throw KeyFileError(problem.why, place: "\(place).\(problem.member)", at: reader.at)
        }
        return row
    }
}
