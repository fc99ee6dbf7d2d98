import ScopeModel

/// The formats that `debug` offers by name.
public enum Registry {
    public static let names = ["text"]

    /// The formatter for `name`; nil when there is none.
    public static func formatter(named name: String, options: IOSDebugFormatter.Options) -> (any EventFormatter)? {
        switch name {
        case "text": IOSDebugFormatter(options)
        default: nil
        }
    }
}
