/// Whether text that has a line of an IOS configuration in it is one, or a page about them.
///
/// Configurations are full of what is no business of keys, so they are known by the first words of their lines at the
/// margin: most are commands. A few lines of prose around a paste do not matter.
struct ConfigurationCensus {
    private var commands = 0
    private var others = 0
    private var fences = 0

    /// Commands at the top of configurations of IOS, IOS XE and ASA.
    private static let commandWords: [StaticString] = [
        "aaa", "access-group", "access-list", "alias", "arp", "asdm", "banner", "boot", "bridge", "call-home",
        "cdp", "checksum", "class-map", "clock", "config-register", "console", "control-plane", "controller", "crypto",
        "default", "dial-peer", "diagnostic", "dns", "domain-name", "dot11", "dynamic-access-policy-record",
        "enable", "encryption", "end", "errdisable", "event", "exception", "exit", "failover", "fragment", "ftp",
        "group-policy", "hostname", "http", "icmp", "interface", "ip", "ipv6", "key", "license", "line", "lldp",
        "logging", "login", "mac", "mac-address-table", "memory", "mls", "mmi", "monitor", "mpls", "mtu", "multilink",
        "names", "name", "nat", "network-clock", "no", "ntp", "object", "object-group", "pager", "parser", "passwd",
        "password", "platform", "policy-map", "port-channel", "privilege", "processor", "prompt", "radius",
        "radius-server", "redundancy", "resource", "route", "route-map", "router", "same-security-traffic", "scheduler",
        "security", "service", "service-policy", "show", "snmp", "snmp-server", "spanning-tree", "ssh", "ssl",
        "standby",
        "switch", "sysopt", "system", "tacacs", "tacacs-server", "tcp", "telnet", "terminal", "tftp-server",
        "threat-detection", "timeout", "track", "tunnel-group", "udld", "upgrade", "user-identity", "username",
        "version", "virtual-template", "vlan", "voice", "voice-card", "vpdn", "vrf", "vtp", "webvpn", "xlate", "zone",
        "zone-pair", "Building", "Current", "Using", "ASA", "Cryptochecksum", "pre-shared-key",
        // Below the top, where blanks were lost on the way.
        "encr", "hash", "authentication", "group", "lifetime", "set", "match", "permit", "deny", "remark", "mode",
        "address", "keyring", "local-address", "description", "duplex", "speed", "shutdown", "nameif", "security-level",
        "network", "peer", "identity", "tunnel", "self-identity", "subnet", "host", "network-object", "port-object",
    ]

    mutating func take(_ line: Line) {
        let text = line.trimmed
        guard let first = text[0], let margin = line[0] else { return }
        if text.hasPrefix("```") || text.hasPrefix("~~~") { fences += 1 }
        guard !Line.isBlank(margin) else { return }
        // Comments, and what a device answers.
        guard first != UInt8(ascii: "!"), first != UInt8(ascii: ":"), first != UInt8(ascii: "%") else { return }
        // Compared in place: what is no configuration may hold a secret anywhere.
        guard let word = text.words(limit: 2).first else { return }
        // What is typed at a prompt is a device's, too.
        let isPrompt =
            first != UInt8(ascii: "#") && first != UInt8(ascii: ">") && (word.contains("#") || word.contains(">"))
        if isPrompt || Self.commandWords.contains(where: word.equals) { commands += 1 } else { others += 1 }
    }

    /// More prose than commands, and more than a mail has; or the marks of a page that quotes code.
    var isPage: Bool { others > 8 + commands || fences >= 2 && others > commands }
}
