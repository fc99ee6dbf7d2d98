import ScopeModel
import ScopeWire

/// Holds the KEYMAT of one ESP SA and schedules its keys with the first packet: most SAs of a capture with many
/// negotiations never carry one.
final class LazyESPOpener: ESPOpener {
    let keyName: String
    private let suite: ESPSuite
    private let material: Secret
    private let encryptionKeyLength: Int
    private let use: KeyUse
    private var opener: (any ESPOpener)?

    /// - Parameter material: the encryption key with its salt, then the integrity key.
    init(_ suite: ESPSuite, material: Secret, encryptionKeyLength: Int, name: String, use: KeyUse) {
        keyName = name
        self.suite = suite
        self.material = material
        self.encryptionKeyLength = encryptionKeyLength
        self.use = use
    }

    /// The opener, with its keys scheduled; throws what speaks against the keys or the algorithms.
    @discardableResult
    func prepare() throws(CryptoError) -> any ESPOpener {
        if let opener { return opener }
        let made = try ESPOpeners.make(
            suite, encryptionKey: material.slice(0..<encryptionKeyLength),
            integrityKey: material.slice(encryptionKeyLength..<material.count), name: keyName, use: use)
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
