import ScopeDissect
import ScopeModel
import ScopeWire

extension ConfigReader {
    /// `crypto isakmp …`, from the third word.
    mutating func isakmp(_ line: ConfigLine, isNo: Bool) -> Outcome {
        let first = line[0]
        if first.abbreviates("policy", least: 3) { return beginPolicy(line, isNo: isNo) }
        if first.equals("key") { return isNo ? .taken : isakmpKey(line) }
        if first.abbreviates("profile", least: 3) { return beginProfile(line, isNo: isNo) }
        if first.equals("client"), line.has(1, "configuration"), line.has(2, "group") {
            guard line.count > 3, !isNo, config.groups.count < Self.most else { return .taken }
            config.groups.append(ClientGroup(name: line[3].text, line: line.number))
            block = .group(config.groups.count - 1)
            return .taken
        }
        if first.equals("enable"), line.count == 1 {
            config.isISAKMPEnabled = !isNo
        } else if first.equals("default"), line.has(1, "policy") {
            config.allowsDefaultPolicies = !isNo
        } else if first.equals("am-disable") {
            config.refusesAggressiveMode = !isNo
        } else if first.equals("aggressive-mode"), line.has(1, "disable") {
            config.refusesAggressiveMode = !isNo
        } else if first.equals("identity") {
            config.identity = isNo ? nil : Self.selfIdentity(line.dropFirst(1))
        } else if first.equals("peer") {
            // The password of this block is the initiator's in Aggressive Mode, and no key of an address.
            block = .other
        }
        // Keepalives, NAT, fragmentation and XAUTH timeouts do not decide whether peers agree.
        return .taken
    }

    // MARK: Policies

    private mutating func beginPolicy(_ line: ConfigLine, isNo: Bool) -> Outcome {
        guard let number = line[1].count else { return .refused("has no number of a policy") }
        if isNo {
            config.policies.removeAll { $0.number == number }
            return .taken
        }
        if let index = config.policies.firstIndex(where: { $0.number == number }) {
            return openPolicy(line, index)
        }
        // IOS allows numbers up to 10000; the bound is there because the search above is linear.
        guard config.policies.count < 1024 else { return .refused("is one policy too many") }
        var policy = ISAKMPPolicy(number: number, line: line.number)
        if config.isASA {
            (policy.encryption, policy.group, policy.authentication) = (.tripleDES, .modp1024, .preSharedKey)
        }
        config.policies.append(policy)
        return openPolicy(line, config.policies.count - 1)
    }

    /// Old releases of ASA write each setting of a policy behind its number.
    private mutating func openPolicy(_ line: ConfigLine, _ index: Int) -> Outcome {
        if line.count > 2 { return policyLine(line.dropFirst(2), index) }
        block = .policy(index)
        return .taken
    }

    mutating func policyLine(_ line: ConfigLine, _ index: Int) -> Outcome {
        let isNo = line.has(0, "no")
        let line = isNo ? line.dropFirst(1) : line
        let (first, value) = (line[0], line[1])
        if first.equals("prf"), config.isASA { return .taken }
        let standard = ISAKMPPolicy(number: 0, line: 0)
        if first.abbreviates("encryption", least: 2) {
            if isNo { return setCipher(index, standard.encryption, nil) }
            switch value.lowercased {
            case "des": return setCipher(index, .des, nil)
            case "3des": return setCipher(index, .tripleDES, nil)
            case "aes-192": return setCipher(index, .aesCBC, 192)
            case "aes-256": return setCipher(index, .aesCBC, 256)
            case "aes":
                guard let bits = line.count > 2 ? line[2].count : 128, [128, 192, 256].contains(bits) else {
                    return .refused("names a key length that AES has not")
                }
                return setCipher(index, .aesCBC, UInt16(bits))
            default: return .refused("names no encryption that is known")
            }
        }
        if first.abbreviates("hash", least: 2) {
            let word = value.lowercased == "sha1" ? "sha" : value.lowercased
            guard let hash = isNo ? standard.hash : IOSWords.policyHashes.first(where: { $0.text == word })?.hash else {
                return .refused("names no hash that is known")
            }
            config.policies[index].hash = hash
            return .taken
        }
        if first.abbreviates("authentication", least: 2) {
            let methods: [(StaticString, AuthenticationMethod)] = [
                ("pre-share", .preSharedKey), ("rsa-sig", .rsaSignature),
                ("rsa-encr", AuthenticationMethod(.rsaEncryption)), ("ecdsa-sig", AuthenticationMethod(.ecdsa256)),
            ]
            guard
                let method = isNo
                    ? standard.authentication : methods.first(where: { value.abbreviates($0.0, least: 3) })?.1
            else { return .refused("names no authentication that is known") }
            config.policies[index].authentication = method
            return .taken
        }
        if first.abbreviates("group", least: 2) {
            guard let group = isNo ? Int(standard.group.rawValue) : value.count, let code = UInt16(exactly: group)
            else {
                return .refused("names no group")
            }
            config.policies[index].group = DHGroup(rawValue: code)
            return .taken
        }
        if first.abbreviates("lifetime", least: 1) {
            // ASA writes `none` for an unlimited lifetime.
            if value.equals("none") { return .taken }
            guard let seconds = isNo ? standard.lifetime : (line.count > 2 ? line[2] : value).number else {
                return .refused("names no lifetime")
            }
            config.policies[index].lifetime = seconds
            return .taken
        }
        return .unknown
    }

    private mutating func setCipher(_ index: Int, _ cipher: Cipher, _ bits: UInt16?) -> Outcome {
        config.policies[index].encryption = cipher
        config.policies[index].keyLength = bits
        return .taken
    }

    // MARK: Keys

    /// `key [0|6] KEY {address A [MASK] | address ipv6 PREFIX | hostname NAME} [no-xauth]`.
    private mutating func isakmpKey(_ line: ConfigLine) -> Outcome {
        let line = line.dropFirst(1)
        guard let at = line.words.dropFirst().firstIndex(where: { $0.equals("address") || $0.equals("hostname") }),
            let peer = Self.selector(line.dropFirst(at))
        else { return .refused("is not a pre-shared key with an address or a host name") }
        guard config.keys.count < Self.most else { return .refused("is one key too many") }
        config.keys.append(
            ConfiguredKey(
                peer: peer, isEncrypted: at > 1 && line.has(0, "6"), isWithoutXAUTH: line.first("no-xauth") != nil,
                line: line.number))
        return .taken
    }

    mutating func beginKeyring(_ line: ConfigLine, isNo: Bool) -> Outcome {
        guard line.count > 2 else { return .refused("has no name") }
        if isNo {
            for index in keyringPlaces.removeValue(forKey: line[2].text) ?? [] {
                config.keyrings[index].line = Self.removed
            }
            return .taken
        }
        guard config.keyrings.count < 4096 else { return .refused("is one keyring too many") }
        config.keyrings.append(
            Keyring(
                name: line[2].text, vrf: line.has(3, "vrf") && line.count > 4 ? line[4].text : nil, localAddress: nil,
                line: line.number))
        keyringPlaces[line[2].text, default: []].append(config.keyrings.count - 1)
        block = .keyring(config.keyrings.count - 1)
        return .taken
    }

    mutating func keyringLine(_ line: ConfigLine, _ index: Int) -> Outcome {
        if line.has(0, "local-address") {
            guard let address = Self.localAddress(line.dropFirst(1)) else { return .refused("names no address") }
            config.keyrings[index].localAddress = address
            return .taken
        }
        if line.has(0, "pre-shared-key") {
            guard let at = line.words.dropLast().lastIndex(where: { $0.equals("key") }), at > 1,
                let peer = Self.selector(line.dropFirst(1))
            else { return .refused("is not a pre-shared key with an address or a host name") }
            guard config.keyrings[index].keys.count < Self.most else { return .refused("is one key too many") }
            config.keyrings[index].keys.append(
                ConfiguredKey(peer: peer, isEncrypted: line.has(at + 1, "6") && line.count > at + 2, line: line.number))
            return .taken
        }
        return line.has(0, "rsa-pubkey") || line.has(0, "description") || line.has(0, "no") ? .taken : .unknown
    }

    mutating func groupLine(_ line: ConfigLine, _ index: Int) -> Outcome {
        guard line.has(0, "key"), line.count > 1 else { return .unknown }
        config.groups[index].hasKey = true
        return .taken
    }

    /// `address A [MASK] …`, `address ipv6 PREFIX`, `hostname NAME`; nil for anything else.
    private static func selector(_ line: ConfigLine) -> PeerSelector? {
        guard line.count > 1 else { return nil }
        if line.has(0, "hostname") { return .hostname(line[1].lowercased) }
        if line.has(1, "ipv6") { return line[2].prefix.map { .address(.prefix($0)) } }
        guard line.has(0, "address") else { return nil }
        // `address 0.0.0.0` without a mask also stands for everybody.
        if line[1].v4 == 0, line[2].v4 == nil, !line.has(2, "netmask") { return .address(.any) }
        return addressMatch(line.dropFirst(1)).map { .address($0) }
    }

    /// `A [MASK]`, with a subnet mask.
    static func addressMatch(_ line: ConfigLine) -> AddressMatch? {
        if let prefix = line[0].prefix, prefix.address.isV6 { return .prefix(prefix) }
        guard let address = line[0].v4 else { return nil }
        // PIX writes `netmask` before the mask.
        let mask = line.has(1, "netmask") ? line[2].v4 : line[1].v4
        return AddressMatch(address, wildcard: mask.map { ~$0 } ?? 0)
    }

    static func localAddress(_ line: ConfigLine) -> LocalAddress? {
        guard line.count > 0 else { return nil }
        if let address = line[0].address { return .address(address) }
        return .interface(interfaceName(line))
    }
}
