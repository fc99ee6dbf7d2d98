/// What holds for any bytes at one entry point; the fuzz targets and the replay of their corpus ask for the same.
public struct Contract: Sendable {
    /// The fuzz target, and the folder of its corpus.
    public let name: String
    /// Throws a `Violation`; a trap is one too.
    public let check: @Sendable ([UInt8]) throws -> Void

    public static let all = [frame, message, esp, keyFile, config, tracker, opener, program]
}

/// A promise that some input broke.
public struct Violation: Error, CustomStringConvertible {
    public var description: String
}

func require(_ holds: Bool, _ promise: @autoclosure () -> String) throws(Violation) {
    if !holds { throw Violation(description: promise()) }
}
