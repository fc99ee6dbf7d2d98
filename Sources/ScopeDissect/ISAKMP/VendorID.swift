/// A vendor id that the table knows.
public struct VendorID: Hashable, Sendable {
    public var name: String
    /// The group it belongs to: `nat-t`, `dpd`, `xauth`, `cisco`, `frag` and so on.
    public var family: String

    public init(name: String, family: String) {
        self.name = name
        self.family = family
    }
}
