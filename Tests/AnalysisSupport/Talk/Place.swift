/// A packet of a talk, by what it says.
public struct Place: Sendable, Hashable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        case mainMode, aggressive, quickMode, transaction, informational, esp

        init?(exchange: UInt8) {
            switch exchange {
            case 2: self = .mainMode
            case 4: self = .aggressive
            case 5: self = .informational
            case 6: self = .transaction
            case 32: self = .quickMode
            default: return nil
            }
        }
    }

    public var kind: Kind
    /// In its exchange, from 1; repeats are not counted.
    public var number: Int
    /// Which exchange of that kind, from 1.
    public var exchange: Int

    public var description: String { "\(kind) \(number)" + (exchange > 1 ? " of exchange \(exchange)" : "") }

    public static func mainMode(_ number: Int, of exchange: Int = 1) -> Place {
        Place(kind: .mainMode, number: number, exchange: exchange)
    }

    public static func aggressive(_ number: Int, of exchange: Int = 1) -> Place {
        Place(kind: .aggressive, number: number, exchange: exchange)
    }

    public static func quickMode(_ number: Int, of exchange: Int = 1) -> Place {
        Place(kind: .quickMode, number: number, exchange: exchange)
    }

    public static func transaction(_ number: Int, of exchange: Int = 1) -> Place {
        Place(kind: .transaction, number: number, exchange: exchange)
    }

    /// Each is an exchange of its own.
    public static func informational(_ exchange: Int) -> Place {
        Place(kind: .informational, number: 1, exchange: exchange)
    }

    public static func esp(_ number: Int) -> Place { Place(kind: .esp, number: number, exchange: 1) }
}

/// Why a talk cannot be changed as a test asks.
public struct TalkError: Error, CustomStringConvertible {
    public var description: String

    init(_ description: String) { self.description = description }
}
