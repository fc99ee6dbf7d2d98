/// The numbers that one registry gives to algorithms, to be read both ways.
///
/// A registry has a few dozen of them at most: looking through them is quicker than hashing.
struct Numbering<Value: Hashable & Sendable>: ExpressibleByDictionaryLiteral, Sendable {
    let rows: [(number: UInt16, value: Value)]

    init(dictionaryLiteral elements: (UInt16, Value)...) { rows = elements.map { ($0.0, $0.1) } }

    func value(_ number: UInt16) -> Value? { rows.first { $0.number == number }?.value }
    func number(_ value: Value) -> UInt16? { rows.first { $0.value == value }?.number }
}

/// A value that registries number.
///
/// A number that no table here has stays what it is.
protocol Registered: Hashable, Sendable {
    static func other(_ number: UInt16) -> Self
    /// The number of `other`.
    var unknownNumber: UInt16? { get }
}

extension Registered {
    init(_ number: UInt16, in registry: Numbering<Self>) { self = registry.value(number) ?? .other(number) }

    /// Nil for a value that the registry has no number for.
    func number(in registry: Numbering<Self>) -> UInt16? { unknownNumber ?? registry.number(self) }
}
