import ScopeModel
import ScopeWire

/// A form in which `keys check` tells what files hold and what they open.
public protocol KeyCheckForm: Sendable {
    /// What a key file holds.
    func write(_ file: CheckedKeyFile, to sink: ByteSink)
    /// What follows is about this capture.
    mutating func begin(capture path: String, to sink: ByteSink)
    func write(_ sa: CheckedIKESA, to sink: ByteSink)
    /// An SPI of ESP or AH that carried packets.
    func write(_ account: IPsecAccount, to sink: ByteSink)
    /// One that was negotiated, and carried none.
    func write(silent spi: UInt32, isAH: Bool, _ keys: KeyStatus, to sink: ByteSink)
    /// A key that fitted nothing in the capture, in one line.
    func write(unusedKey line: String, to sink: ByteSink)
    /// The capture has no SA at all.
    func writeNothing(to sink: ByteSink)
}

/// What a key file holds, in words; never the bytes of a key.
public struct CheckedKeyFile: Sendable {
    /// How many keys of one kind: `ESP SA`, 2.
    public struct Kind: Sendable {
        public var name: String
        public var count: Int

        public init(name: String, count: Int) { (self.name, self.count) = (name, count) }
    }
    /// A key: `line 12` or `psk[0]`, and what it is for.
    public struct Item: Sendable {
        public var place: String
        public var what: String

        public init(place: String, what: String) { (self.place, self.what) = (place, what) }
    }
    /// A line with a key that cannot be used, and why.
    public struct Refusal: Sendable {
        public var line: Int
        public var why: String

        public init(line: Int, why: String) { (self.line, self.why) = (line, why) }
    }

    public var path: String
    public var format: String
    public var kinds: [Kind] = []
    public var items: [Item] = []
    /// The first of them, and how many there are.
    public var refused: [Refusal] = []
    public var refusedCount = 0
    /// What no file of its form holds; empty when there is no such thing.
    public var lacks = ""
    /// How a file of its form comes to hold keys.
    public var howToGetKeys = ""

    public init(path: String, format: String) { (self.path, self.format) = (path, format) }
}

/// An IKE SA of a capture, and how it stands with its keys.
public struct CheckedIKESA: Sendable {
    public enum Standing: Sendable {
        case told(KeyStatus)
        /// Nothing in it is encrypted.
        case clear
    }

    public var sa: IKESA
    public var standing: Standing
}
