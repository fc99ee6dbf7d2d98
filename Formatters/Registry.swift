import ScopeModel

/// The formats that commands offer by name: the word behind `--format`.
///
/// Each command has one list: a format is a line in it.
public enum Registry {
    private typealias Form<Make> = (name: String, make: Make)

    private static func make<Make>(_ name: String, of forms: [Form<Make>]) -> Make? {
        forms.first { $0.name == name }?.make
    }

    // MARK: debug

    private static var debug: [Form<(IOSDebugFormatter.Options, (any DeviceKnowledge)?) -> any EventFormatter>] {
        [
            ("text", { IOSDebugFormatter($0, knowledge: $1) }),
            ("json", { options, _ in EventJSONFormatter(showSecrets: options.showSecrets) }),
        ]
    }

    /// Of `debug`.
    public static var names: [String] { debug.map(\.name) }

    /// The formatter of `debug` for `name`; nil when there is none.
    public static func formatter(
        named name: String, options: IOSDebugFormatter.Options, knowledge: (any DeviceKnowledge)? = nil
    ) -> (any EventFormatter)? {
        make(name, of: debug)?(options, knowledge)
    }

    // MARK: packets

    private static var packets: [Form<(PacketOptions) -> any EventFormatter>] {
        [("text", { PacketLineFormatter($0) }), ("json", { PacketJSONFormatter($0) })]
    }

    /// Of `packets`.
    public static var packetNames: [String] { packets.map(\.name) }

    /// The formatter of `packets` for `name`; nil when there is none.
    public static func packetFormatter(named name: String, options: PacketOptions) -> (any EventFormatter)? {
        make(name, of: packets)?(options)
    }

    // MARK: show

    private static var show: [Form<(ShowFormatter.Content, ShowFormatter.Options) -> ShowFormatter>] {
        [("text", { ShowFormatter($0, $1) }), ("json", { ShowFormatter($0, $1, isJSON: true) })]
    }

    /// Of `show`.
    public static var showNames: [String] { show.map(\.name) }

    /// The formatter of `show` for `name`; nil when there is none.
    public static func showFormatter(
        named name: String, of content: ShowFormatter.Content, options: ShowFormatter.Options
    ) -> ShowFormatter? {
        make(name, of: show)?(content, options)
    }

    // MARK: diagnose

    private static var diagnosis: [Form<(_ hasColor: Bool) -> DiagnosisForm>] {
        [
            ("text", { DiagnosisForm(DiagnosisFormatter(color: $0)) }),
            ("json", { _ in DiagnosisForm(FindingJSONFormatter()) }),
        ]
    }

    /// Of `diagnose`.
    public static var diagnosisNames: [String] { diagnosis.map(\.name) }

    /// The formatter of `diagnose` for `name`; nil when there is none.
    public static func diagnosisFormatter(named name: String, color: Bool = false) -> DiagnosisForm? {
        make(name, of: diagnosis)?(color)
    }

    // MARK: keys check

    private static var keyCheck: [Form<() -> any KeyCheckForm>] {
        [("text", { KeyCheckText() }), ("json", { KeyCheckJSON() })]
    }

    /// Of `keys check`.
    public static var keyCheckNames: [String] { keyCheck.map(\.name) }

    /// The form of `keys check` for `name`; nil when there is none.
    public static func keyCheckForm(named name: String) -> (any KeyCheckForm)? { make(name, of: keyCheck)?() }
}
