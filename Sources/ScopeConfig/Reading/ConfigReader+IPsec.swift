import ScopeDissect
import ScopeModel
import ScopeWire

extension ConfigReader {
    /// `crypto ipsec …`, from the third word.
    mutating func ipsec(_ line: ConfigLine, isNo: Bool) -> Outcome {
        if line.has(0, "ikev1") {
            config.isASA = true
            return ipsec(line.dropFirst(1), isNo: isNo)
        }
        if line.has(0, "ikev2") {
            guard line.has(1, "ipsec-proposal") else { return .taken }
            return beginIPsecProposal(line.dropFirst(2), isNo: isNo)
        }
        let first = line[0]
        if first.abbreviates("transform-set", least: 5) { return beginTransformSet(line, isNo: isNo) }
        if first.equals("profile") {
            guard line.count > 1, !isNo else { return .taken }
            guard config.ipsecProfiles.count < Self.most else { return .refused("is one profile too many") }
            config.ipsecProfiles.append(IPsecProfile(name: line[1].text, line: line.number))
            block = .ipsecProfile(config.ipsecProfiles.count - 1)
            return .taken
        }
        if first.equals("security-association") {
            guard line.has(1, "lifetime"), !isNo else { return .taken }
            return Self.lifetime(line.dropFirst(2), &config.lifetime)
        }
        if first.equals("default"), line.has(1, "transform-set") {
            config.allowsDefaultTransformSets = !isNo
            return .taken
        }
        if first.equals("client") {
            if ezvpnClients.count < Self.most { ezvpnClients.insert(line[2].text) }
            block = .other
            return .taken
        }
        return .taken
    }

    /// `{seconds N | kilobytes {N | disable}}`, `days N`.
    static func lifetime(_ line: ConfigLine, _ lifetime: inout SALifetime) -> Outcome {
        guard line.count > 1 else { return .refused("names no lifetime") }
        if line[0].abbreviates("seconds", least: 1) {
            guard let seconds = line[1].number else { return .refused("names no lifetime") }
            lifetime.seconds = seconds
        } else if line.has(0, "days") {
            guard let days = line[1].count else { return .refused("names no lifetime") }
            lifetime.seconds = UInt64(days) * 86_400
        } else if line[0].abbreviates("kilobytes", least: 1) {
            if line.has(1, "disable") {
                lifetime.isWithoutKilobytes = true
            } else {
                guard let kilobytes = line[1].number else { return .refused("names no lifetime") }
                lifetime.kilobytes = kilobytes
            }
        } else {
            return .refused("names no lifetime")
        }
        return .taken
    }

    // MARK: Transform sets

    private mutating func beginTransformSet(_ line: ConfigLine, isNo: Bool) -> Outcome {
        guard line.count > 1 else { return .refused("has no name") }
        let name = line[1].text
        if isNo {
            // The set keeps its place, because the places of the others must not move.
            if let index = setPlaces.removeValue(forKey: name) { config.transformSets[index].transforms = [] }
            return .taken
        }
        if line.has(2, "mode"), let index = setPlaces[name] {
            // ASA writes the mode on a line of its own.
            return transformSetLine(line.dropFirst(2), index)
        }
        var set = TransformSet(name: name, line: line.number)
        var at = 2
        var unknown: String?
        while at < line.count {
            var word = line[at].lowercased
            at += 1
            // ASA joins the key length to the word, and has a word for no integrity.
            if word == "esp-none" { continue }
            for bits in ["192", "256"] where word == "esp-aes-\(bits)" { word = "esp-aes \(bits)" }
            if ["esp-aes", "esp-gcm", "esp-gmac", "esp-seal"].contains(word), let bits = line[at].number {
                at += 1
                if bits != 128 || word == "esp-seal" { word += " \(bits)" }
            }
            guard let transform = ConfiguredTransform.words[word] else {
                unknown = unknown ?? word
                continue
            }
            if set.transforms.count < 8 { set.transforms.append(transform) }
        }
        guard unknown == nil, !set.transforms.isEmpty else {
            return .refused(
                unknown.map { "names a transform that is not known: \($0)" } ?? "names no transform")
        }
        if let index = setPlaces[name] {
            config.transformSets[index] = set
            block = .transformSet(index)
        } else {
            guard config.transformSets.count < Self.most else { return .refused("is one transform set too many") }
            config.transformSets.append(set)
            setPlaces[name] = config.transformSets.count - 1
            block = .transformSet(config.transformSets.count - 1)
        }
        return .taken
    }

    mutating func transformSetLine(_ line: ConfigLine, _ index: Int) -> Outcome {
        if line.has(0, "mode") {
            switch line[1].lowercased {
            case "tunnel": config.transformSets[index].mode = .tunnel
            case "transport":
                config.transformSets[index].mode = line.has(2, "require") ? .transportOnly : .transport
            default: return .refused("names no mode")
            }
            return .taken
        }
        if line.has(0, "no"), line.has(1, "mode") {
            config.transformSets[index].mode = .tunnel
            return .taken
        }
        return .unknown
    }
}
