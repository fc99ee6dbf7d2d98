import ScopeModel

/// The formats that commands offer by name: the word behind `--format`.
public enum Registry {
    /// Of `debug`.
    public static let names = ["text", "json"]
    /// Of `packets`.
    public static let packetNames = ["text", "json"]

    /// The formatter of `debug` for `name`; nil when there is none.
    public static func formatter(
        named name: String, options: IOSDebugFormatter.Options, knowledge: (any DeviceKnowledge)? = nil
    ) -> (any EventFormatter)? {
        switch name {
        case "text": IOSDebugFormatter(options, knowledge: knowledge)
        case "json": EventJSONFormatter(showSecrets: options.showSecrets)
        default: nil
        }
    }

    /// The formatter of `packets` for `name`; nil when there is none.
    public static func packetFormatter(named name: String, options: PacketOptions) -> (any EventFormatter)? {
        switch name {
        case "text": PacketLineFormatter(options)
        case "json": PacketJSONFormatter(options)
        default: nil
        }
    }

    /// Of `show`.
    public static let showNames = ["text", "json"]

    /// The formatter of `show` for `name`; nil when there is none.
    public static func showFormatter(
        named name: String, of content: ShowFormatter.Content, options: ShowFormatter.Options
    ) -> ShowFormatter? {
        showNames.contains(name) ? ShowFormatter(content, options, isJSON: name == "json") : nil
    }

    /// Of `diagnose`.
    public static let diagnosisNames = ["text", "json"]

    /// The formatter of `diagnose` for `name`; nil when there is none.
    public static func diagnosisFormatter(named name: String, color: Bool = false) -> DiagnosisForm? {
        switch name {
        case "text": DiagnosisForm(DiagnosisFormatter(color: color))
        case "json": DiagnosisForm(FindingJSONFormatter())
        default: nil
        }
    }

    /// Of `keys check`.
    public static let keyCheckNames = ["text", "json"]

    /// The form of `keys check` for `name`; nil when there is none.
    public static func keyCheckForm(named name: String) -> (any KeyCheckForm)? {
        switch name {
        case "text": KeyCheckText()
        case "json": KeyCheckJSON()
        default: nil
        }
    }
}
