/// The forms that key files come in.
///
/// To add one: a case, its words, and its reader in `readers`.
public enum KeyFileFormat: CaseIterable, Hashable, Sendable {
    case json, ios, swanctl, secrets, charon, pluto, vpnc, wireshark, xfrm

    /// As a user would say it.
    public var name: String {
        switch self {
        case .json: "ikescope.keys/1"
        case .ios: "IOS or ASA configuration"
        case .swanctl: "swanctl.conf"
        case .secrets: "ipsec.secrets"
        case .charon: "charon log"
        case .pluto: "pluto log"
        case .vpnc: "vpnc log"
        case .wireshark: "Wireshark table"
        case .xfrm: "ip xfrm state"
        }
    }

    /// What no file of this form holds, whoever wrote it; empty when there is no such thing.
    public var lacks: String {
        switch self {
        case .json: ""
        case .ios, .swanctl, .secrets: "DH secrets, which Main Mode needs beside a pre-shared key"
        case .charon: "DH exponents, and pre-shared keys of IKEv1"
        case .pluto: "DH secrets and SKEYID*, so that IKE cannot be opened"
        case .vpnc: "DH exponents"
        case .wireshark: "SKEYID_d, so that no ESP keys follow from its IKE keys"
        case .xfrm: "keys of IKE"
        }
    }

    /// What to do when a file of this form holds no key at all.
    public var howToGetKeys: String {
        switch self {
        case .charon: "charon logs them with the levels of ike and chd at 4"
        case .pluto: "pluto logs them with plutodebug=all,private,crypt"
        case .vpnc: "vpnc prints them with --debug 99"
        case .xfrm: "it shows them to root, without 'nokeys'"
        case .json, .ios, .swanctl, .secrets, .wireshark: "it may be another one's part"
        }
    }

    /// It tells what was, of any number of tunnels, so that a row which fits nothing here is no news.
    public var isRecord: Bool {
        switch self {
        case .charon, .pluto, .vpnc, .xfrm: true
        case .json, .ios, .swanctl, .secrets, .wireshark: false
        }
    }

    /// The readers of forms that consist of lines, in the order in which they are asked whether a line is theirs.
    static var readers: [any KeyLineReader.Type] {
        [
            WiresharkTables.self, XfrmState.self, CharonLog.self, PlutoLog.self, VPNCLog.self,
            SwanctlConfiguration.self,
            IPsecSecrets.self, IOSKeys.self,
        ]
    }

    /// All forms, in one phrase.
    static let accepted = allCases.map(\.name).joined(separator: ", ")
}

/// Reads one form of key file, line by line; it keeps keys, never lines.
protocol KeyLineReader {
    static var format: KeyFileFormat { get }

    /// True for a line that stands in no other form; the reader is given this line and all behind it.
    static func recognizes(_ line: Line) -> Bool

    init()

    /// Takes in a line; what it holds goes into `file`, as a row or as a refusal.
    mutating func take(_ line: Line, into file: inout KeyFile)

    /// The file has ended.
    mutating func finish(into file: inout KeyFile)
}

extension KeyLineReader {
    mutating func finish(into file: inout KeyFile) {}
}
