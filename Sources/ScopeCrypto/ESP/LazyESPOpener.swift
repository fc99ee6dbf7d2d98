import ScopeModel
import ScopeWire

/// Holds the keys of one ESP SA and schedules them with the first packet: in a capture with many negotiations most SAs
/// never carry one.
final class LazyESPOpener: ESPOpener {
    let keyName: KeyName
    private let suite: ESPSuite
    private let keys: ChildKeyMaterial
    private let use: KeyUse
    private var opener: (any ESPOpener)?

    init(_ suite: ESPSuite, keys: ChildKeyMaterial, name: KeyName, use: KeyUse) {
        keyName = name
        self.suite = suite
        self.keys = keys
        self.use = use
    }

    /// The opener, with its keys scheduled; throws what speaks against the keys or the algorithms.
    @discardableResult
    func prepare() throws(CryptoError) -> any ESPOpener {
        if let opener { return opener }
        let made = try ESPOpeners.make(
            suite, encryptionKey: keys.encryptionKey, integrityKey: keys.integrityKey, name: keyName, use: use)
        opener = made
        return made
    }

    func open(_ bytes: RawSpan, esp: Range<Int>, into plaintext: PlaintextBuffer) -> ESPOpening {
        if let opener { return opener.open(bytes, esp: esp, into: plaintext) }
        guard let made = try? prepare() else { return ESPOpening(.noKey) }
        return made.open(bytes, esp: esp, into: plaintext)
    }

    var working: any ESPOpener { (try? prepare()) ?? self }

    func twin() -> (any ESPOpener)? { opener?.twin() }

    func note(_ opening: ESPOpening) { opener?.note(opening) }
}
