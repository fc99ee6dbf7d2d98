import ScopeDissect
import ScopeModel
import ScopeWire

/// A suite in the words of an IOS transform set.
enum TransformSet {
    /// `esp-aes 256 esp-sha-hmac `, as in a transform set, with the blank that IOS has behind it.
    static func write(_ suite: ChildSuite, to sink: ByteSink) {
        guard let cipher = IOSWords.transform(suite) else { return sink.literal("?") }
        sink.text(cipher)
        if let length = IOSWords.writtenLength(suite.keyLength) { sink.write(" ", .number(length)) }
        if suite.protocolID == .esp, let integrity = suite.integrity {
            sink.write(" ", .text(IOSWords.integrity(integrity) ?? "?"))
        }
        sink.literal(" ")
    }
}
