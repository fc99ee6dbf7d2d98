import ScopeModel
import ScopeWire

/// Translates configuration lines of IOS into those of ASA.
public enum ASAText {
    /// A line that ASA writes the same way stays as it is.
    public static func lines(_ ios: [String]) -> [String] {
        var result: [String] = []
        /// The words that ASA writes before each of the indented lines; nil where these stay in a block.
        var lead: String?
        var isList = false
        for line in ios {
            let words = line.split(separator: " ").map(String.init)
            guard let first = words.first else { continue }
            if !line.hasPrefix(" ") { (lead, isList) = (nil, false) }
            func has(_ start: [String]) -> Bool { words.starts(with: start) }
            if has(["crypto", "isakmp", "policy"]) {
                result.append("crypto ikev1 policy " + words.dropFirst(3).joined(separator: " "))
            } else if has(["crypto", "isakmp", "key"]), let at = words.firstIndex(of: "address"), words.count > at + 1 {
                let peer = words[at + 1]
                result += [
                    "tunnel-group \(peer) type ipsec-l2l", "tunnel-group \(peer) ipsec-attributes",
                    " ikev1 pre-shared-key \(words[3])",
                ]
            } else if has(["crypto", "isakmp", "enable"]) {
                result.append("crypto ikev1 enable INTERFACE")
            } else if has(["crypto", "ipsec", "transform-set"]), words.count > 3 {
                lead = "crypto ipsec ikev1 transform-set \(words[3]) "
                result.append("crypto ipsec ikev1 transform-set " + sized(words.dropFirst(3)).joined(separator: " "))
            } else if has(["crypto", "map"]) || has(["crypto", "dynamic-map"]), words.count > 3, line.first != " " {
                lead = words.prefix(4).joined(separator: " ") + " "
                if words.contains("dynamic") { result.append(line) }
            } else if has(["ip", "access-list", "extended"]), words.count > 3 {
                lead = "access-list \(words[3]) extended "
                isList = true
            } else if first == "encryption", words.count > 2 {
                result.append(" encryption aes-\(words[2])")
            } else if has(["set", "transform-set"]) {
                result.append((lead ?? " ") + "set ikev1 " + words.dropFirst().joined(separator: " "))
            } else if has(["mode", "tunnel"]), lead != nil {
                // Tunnel mode is the default of a transform set; only transport mode is written.
                continue
            } else if has(["no", "set"]) {
                result.append("no " + (lead ?? "") + words.dropFirst().joined(separator: " "))
            } else if let lead, line.hasPrefix(" ") {
                result.append(lead + (isList ? masked(words) : words).joined(separator: " "))
            } else {
                result.append(line)
            }
        }
        return result
    }

    /// `esp-aes 256` is one word.
    private static func sized(_ words: some Sequence<String>) -> [String] {
        words.reduce(into: []) { list, word in
            if UInt64(word) != nil, let last = list.last, last.hasPrefix("esp-") {
                list[list.count - 1] = "\(last)-\(word)"
            } else {
                list.append(word)
            }
        }
    }

    /// Replaces the wildcard behind an address by a mask.
    private static func masked(_ words: [String]) -> [String] {
        var result: [String] = []
        var isBehindAddress = false
        for (index, word) in words.enumerated() {
            guard let address = IPAddress(word), !address.isV6, index > 0, words[index - 1] != "host" else {
                isBehindAddress = false
                result.append(word)
                continue
            }
            result.append(
                isBehindAddress ? IPAddress(v4: ~UInt32(truncatingIfNeeded: address.low)).description : word)
            isBehindAddress.toggle()
        }
        return result
    }
}
