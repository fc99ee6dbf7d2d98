/// Lines that concern IPsec and were not understood.
extension ConfigReader {
    mutating func refuse(_ line: ConfigLine, _ why: String) {
        config.unreadCount += 1
        guard config.unread.count < IOSConfig.mostUnreadLines else { return }
        config.unread.append(UnreadLine(number: line.number, text: Self.harmless(line), why: why))
    }

    /// Refuses a line of an access list, which is reported if a crypto map turns out to name the list.
    mutating func refuse(_ line: ConfigLine, _ why: String, inList place: Int) {
        config.accessLists[place].hasUnreadEntries = true
        var known = unreadEntries[place] ?? ([], 0)
        known.count += 1
        if known.lines.count < IOSConfig.mostUnreadLines, unreadEntries.count < 1024 {
            known.lines.append(UnreadLine(number: line.number, text: Self.harmless(line), why: why))
        }
        unreadEntries[place] = known
    }

    /// Reports the lines that were not understood of those access lists that a crypto map names.
    mutating func tellUnreadEntries() {
        let named = Set((config.maps + config.dynamicMaps).flatMap { $0.entries.compactMap(\.accessList) })
        for (place, unread) in unreadEntries.sorted(by: { $0.key < $1.key })
        where named.contains(config.accessLists[place].name) {
            config.unreadCount += unread.count
            config.unread += unread.lines
        }
        config.unread.sort { $0.number < $1.number }
        config.unread.removeLast(max(config.unread.count - IOSConfig.mostUnreadLines, 0))
    }

    /// The beginning of a line: it ends at the first word that is no keyword, or that a secret may follow.
    private static func harmless(_ line: ConfigLine) -> String {
        var words: [String] = []
        for word in line.words.prefix(12) {
            let text = word.lowercased
            guard keywords.contains(text) || word.number != nil && !words.isEmpty && !words.contains("isakmp") else {
                return (words + ["…"]).joined(separator: " ")
            }
            words.append(text)
            if ["key", "pre-shared-key", "session-key", "password"].contains(text) {
                return (words + ["…"]).joined(separator: " ")
            }
        }
        return words.joined(separator: " ") + (line.count > 12 ? " …" : "")
    }

    /// Words that a message may quote.
    private static let keywords: Set<String> = [
        "no", "crypto", "isakmp", "ipsec", "ikev1", "map", "dynamic-map", "keyring", "policy", "key", "profile",
        "transform-set", "set", "match", "peer", "pfs", "address", "identity", "security-association", "lifetime",
        "seconds", "kilobytes", "ip", "access-list", "extended", "standard", "permit", "deny", "tcp", "udp", "icmp",
        "esp", "ahp", "gre", "any", "host", "eq", "range", "encryption", "encr", "hash", "group", "authentication",
        "mode", "pre-shared-key", "session-key", "password", "hostname", "local-address", "self-identity", "client",
        "tunnel", "protection", "source", "destination", "interface", "ipv6", "object-group", "level", "inbound",
        "outbound", "ah", "ipsec-isakmp", "object", "network", "service", "tunnel-group", "ipsec-attributes", "any4",
        "ikev2", "proposal", "integrity", "prf", "local", "remote", "fqdn", "email", "domain", "fvrf", "ipsec-proposal",
        "local-authentication", "remote-authentication", "any6", "ipsec-manual", "dynamic", "certificate",
        "configuration", "vrf",
    ]

    /// Refuses an entry that names an object or a group that is absent, or that holds what was not understood.
    mutating func refuseEntry(_ entry: AccessEntry, inList place: Int) {
        var known = unreadEntries[place] ?? ([], 0)
        known.count += 1
        if known.lines.count < IOSConfig.mostUnreadLines, unreadEntries.count < 1024 {
            let text =
                (config.accessLists[place].isExtended ? "access-list extended " : "access-list ")
                + (entry.permits ? "permit …" : "deny …")
            known.lines.append(
                UnreadLine(
                    number: entry.line, text: text, why: "names an object or a group whose contents cannot be told"))
        }
        unreadEntries[place] = known
    }
}
