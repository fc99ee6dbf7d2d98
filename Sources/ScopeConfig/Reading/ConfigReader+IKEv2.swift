import ScopeDissect
import ScopeModel
import ScopeWire

/// `crypto ikev2 …` of IOS and of ASA.
extension ConfigReader {
    /// A block of IKEv2, by the places of what it sets.
    enum IKEv2Block {
        case proposal(Int)
        case policy(Int)
        /// A policy of ASA, which is its own proposal.
        case wholePolicy(Int)
        case keyring(Int)
        case peer(Int, Int)
        case profile(Int)
        case ipsecProposal(Int)
    }

    /// Blocks of each kind that are kept: IOS has a few of them.
    static let mostOfIKEv2 = 1024

    /// From the third word.
    mutating func ikev2(_ line: ConfigLine, isNo: Bool) -> Outcome {
        let first = line[0]
        if first.equals("proposal") { return beginIKEv2Proposal(line, isNo: isNo) }
        if first.equals("policy") { return beginIKEv2Policy(line, isNo: isNo) }
        if first.equals("keyring") { return beginIKEv2Keyring(line, isNo: isNo) }
        if first.equals("profile") { return beginIKEv2Profile(line, isNo: isNo) }
        if first.equals("enable") || first.equals("remote-access") { config.isASA = true }
        if ["dpd", "nat", "fragmentation", "cookie-challenge", "limit", "window"].contains(first.lowercased), !isNo {
            if config.ikev2.globals.count < Self.mostOfIKEv2 { config.ikev2.globals.append(line.number) }
            return .taken
        }
        // `authorization policy`, `name-mangler`, `cluster`: their lines decide nothing between peers.
        block = .other
        return .taken
    }

    mutating func ikev2Line(_ line: ConfigLine, _ block: IKEv2Block) -> Outcome {
        switch block {
        case .proposal(let index): proposalLine(line, index)
        case .policy(let index): ikev2PolicyLine(line, index)
        case .wholePolicy(let index): proposalLine(line, index)
        case .keyring(let index): ikev2KeyringLine(line, index)
        case .peer(let keyring, let peer): peerLine(line, keyring, peer)
        case .profile(let index): ikev2ProfileLine(line, index)
        case .ipsecProposal(let index): ipsecProposalLine(line, index)
        }
    }

    // MARK: Proposals

    private mutating func beginIKEv2Proposal(_ line: ConfigLine, isNo: Bool) -> Outcome {
        guard line.count > 1 else { return .refused("has no name") }
        let name = line[1].text
        if isNo {
            if name == IKEv2Proposal.defaultName {
                config.ikev2.allowsDefaultProposal = false
            } else {
                config.ikev2.proposals.removeAll { $0.name == name }
            }
            return .taken
        }
        guard let index = proposal(name, line) else { return .refused("is one proposal too many") }
        block = .ikev2(.proposal(index))
        return .taken
    }

    /// The place of a proposal, which is added where it is absent; nil when there are too many.
    private mutating func proposal(_ name: String, _ line: ConfigLine) -> Int? {
        if let index = config.ikev2.proposals.firstIndex(where: { $0.name == name }) { return index }
        guard config.ikev2.proposals.count < Self.mostOfIKEv2 else { return nil }
        config.ikev2.proposals.append(IKEv2Proposal(name: name, line: line.number))
        return config.ikev2.proposals.count - 1
    }

    /// `encryption …`, `integrity …`, `prf …`, `group …`: a line replaces what an earlier one said.
    private mutating func proposalLine(_ line: ConfigLine, _ index: Int) -> Outcome {
        if line.has(0, "no") || line.has(0, "default") { return .taken }
        // A block whose policy was taken back since has no place.
        guard config.ikev2.proposals.indices.contains(index) else { return .taken }
        let words = line.words(from: 1).prefix(32)
        switch line[0].lowercased {
        case "encryption", "encr":
            let ciphers = words.compactMap { IKEv2Words.cipher($0.lowercased) }
            guard ciphers.count == words.count, !ciphers.isEmpty else {
                return .refused("names no encryption that is known")
            }
            config.ikev2.proposals[index].algorithms.ciphers = ciphers
        case "integrity":
            let list = words.compactMap { IKEv2Words.integrity($0.lowercased) }
            guard list.count == words.count, !list.isEmpty else { return .refused("names no integrity that is known") }
            config.ikev2.proposals[index].algorithms.integrities = list.filter { $0 != .none }
        case "prf":
            let list = words.compactMap { IKEv2Words.hash($0.lowercased) }
            guard list.count == words.count, !list.isEmpty else { return .refused("names no PRF that is known") }
            config.ikev2.proposals[index].algorithms.prfs = list.map { .hmac($0) }
        case "group", "dh-group":
            let list = words.compactMap { $0.count.flatMap(UInt16.init(exactly:)) }
            guard list.count == words.count, !list.isEmpty else { return .refused("names no group") }
            config.ikev2.proposals[index].algorithms.groups = list.map { DHGroup(rawValue: $0) }
        case "lifetime", "description", "pqc", "additional-key-exchange", "qkd", "ppk": break
        default: return .unknown
        }
        return .taken
    }

    // MARK: Policies

    private mutating func beginIKEv2Policy(_ line: ConfigLine, isNo: Bool) -> Outcome {
        guard line.count > 1 else { return .refused("has no name") }
        let name = line[1].text
        if isNo {
            if name == IKEv2Proposal.defaultName {
                config.ikev2.allowsDefaultPolicy = false
            } else {
                config.ikev2.policies.removeAll { $0.name == name }
            }
            return .taken
        }
        var index = config.ikev2.policies.firstIndex { $0.name == name }
        if index == nil {
            guard config.ikev2.policies.count < Self.mostOfIKEv2 else { return .refused("is one policy too many") }
            config.ikev2.policies.append(IKEv2Policy(name: name, line: line.number))
            index = config.ikev2.policies.count - 1
        }
        guard let index else { return .taken }
        block = .ikev2(.policy(index))
        guard let number = line[1].count else { return .taken }
        // ASA has numbers and IOS names, which may be a number; the first line of the block tells which it is.
        config.ikev2.policies[index].number = number
        return .taken
    }

    private mutating func ikev2PolicyLine(_ line: ConfigLine, _ index: Int) -> Outcome {
        if line.has(0, "no") || line.has(0, "default") { return .taken }
        guard config.ikev2.policies.indices.contains(index) else { return .taken }
        switch line[0].lowercased {
        case "proposal":
            guard line.count > 1 else { return .refused("names no proposal") }
            if config.ikev2.policies[index].proposals.count < 64 {
                config.ikev2.policies[index].proposals.append(line[1].text)
            }
        case "match" where line.has(1, "fvrf"):
            config.ikev2.policies[index].matchesAnyVRF = line.has(2, "any")
            config.ikev2.policies[index].vrf = line.has(2, "any") || line.count < 3 ? nil : line[2].text
        case "match" where line.has(1, "address") && line.has(2, "local"):
            guard let address = line[3].address else { return .refused("names no address") }
            if config.ikev2.policies[index].localAddresses.count < 64 {
                config.ikev2.policies[index].localAddresses.append(address)
            }
        case "description": break
        default:
            // A policy of ASA has the algorithms itself.
            let name = config.ikev2.policies[index].name
            guard config.ikev2.policies[index].number > 0, let place = proposal(name, line) else { return .unknown }
            let outcome = proposalLine(line, place)
            guard case .taken = outcome else { return outcome }
            config.isASA = true
            config.ikev2.policies[index].proposals = [name]
            block = .ikev2(.wholePolicy(place))
        }
        return .taken
    }

    // MARK: Proposals of IPsec

    /// `crypto ipsec ikev2 ipsec-proposal NAME` of ASA, from the name.
    mutating func beginIPsecProposal(_ line: ConfigLine, isNo: Bool) -> Outcome {
        config.isASA = true
        guard line.count > 0 else { return .refused("has no name") }
        let name = line[0].text
        if isNo {
            config.ipsecProposals.removeAll { $0.name == name }
            return .taken
        }
        var index = config.ipsecProposals.firstIndex { $0.name == name }
        if index == nil {
            guard config.ipsecProposals.count < Self.mostOfIKEv2 else { return .refused("is one proposal too many") }
            config.ipsecProposals.append(IPsecProposal(name: name, line: line.number))
            index = config.ipsecProposals.count - 1
        }
        if let index { block = .ikev2(.ipsecProposal(index)) }
        return .taken
    }

    /// `protocol esp {encryption|integrity} …`.
    private mutating func ipsecProposalLine(_ line: ConfigLine, _ index: Int) -> Outcome {
        if line.has(0, "no") { return .taken }
        guard config.ipsecProposals.indices.contains(index) else { return .taken }
        guard line.has(0, "protocol"), line.count > 3 else { return .unknown }
        let words = line.words(from: 3).prefix(16).map(\.lowercased)
        switch line[2].lowercased {
        case "encryption":
            let ciphers = words.compactMap { IKEv2Words.cipher($0) }
            guard ciphers.count == words.count else { return .refused("names an encryption that is not known") }
            config.ipsecProposals[index].ciphers = ciphers
        case "integrity":
            let list = words.compactMap { IKEv2Words.integrity($0.replacing("sha-", with: "sha")) }
            guard list.count == words.count else { return .refused("names an integrity that is not known") }
            config.ipsecProposals[index].integrities = list.filter { $0 != .none }
        default: return .unknown
        }
        return .taken
    }
}

/// The words of IKEv2 proposals, of IOS and of ASA.
enum IKEv2Words {
    static func cipher(_ word: String) -> AlgorithmSet.SizedCipher? {
        switch word {
        case "des": .init(.des)
        case "3des": .init(.tripleDES)
        case "null": .init(.null)
        case "aes", "aes-cbc-128": .init(.aesCBC, keyLength: 128)
        case "aes-192", "aes-cbc-192": .init(.aesCBC, keyLength: 192)
        case "aes-256", "aes-cbc-256": .init(.aesCBC, keyLength: 256)
        case "aes-gcm-128", "aes-gcm": .init(.aesGCM16, keyLength: 128)
        case "aes-gcm-192": .init(.aesGCM16, keyLength: 192)
        case "aes-gcm-256": .init(.aesGCM16, keyLength: 256)
        case "aes-gmac-128", "aes-gmac": .init(.nullWithGMAC, keyLength: 128)
        case "aes-gmac-192": .init(.nullWithGMAC, keyLength: 192)
        case "aes-gmac-256": .init(.nullWithGMAC, keyLength: 256)
        default: nil
        }
    }

    static func hash(_ word: String) -> Hash? {
        switch word {
        case "md5": .md5
        case "sha", "sha1": .sha1
        case "sha256": .sha256
        case "sha384": .sha384
        case "sha512": .sha512
        default: nil
        }
    }

    /// The PRF of the hash that an integrity algorithm has.
    static func prf(_ integrity: Integrity) -> PRF? {
        switch integrity {
        case .hmacMD5: .hmac(.md5)
        case .hmacSHA1: .hmac(.sha1)
        case .hmacSHA256: .hmac(.sha256)
        case .hmacSHA384: .hmac(.sha384)
        case .hmacSHA512: .hmac(.sha512)
        default: nil
        }
    }

    static func integrity(_ word: String) -> Integrity? {
        switch word {
        case "md5": .hmacMD5
        case "sha", "sha1": .hmacSHA1
        case "sha256": .hmacSHA256
        case "sha384": .hmacSHA384
        case "sha512": .hmacSHA512
        case "null": Integrity.none
        default: nil
        }
    }
}

extension ConfigReader {
    /// A proposal without a PRF has those of its integrity.
    mutating func settleIKEv2() {
        for index in config.ikev2.proposals.indices where config.ikev2.proposals[index].algorithms.prfs.isEmpty {
            config.ikev2.proposals[index].algorithms.prfs = config.ikev2.proposals[index].algorithms.integrities
                .compactMap(IKEv2Words.prf)
        }
    }
}
