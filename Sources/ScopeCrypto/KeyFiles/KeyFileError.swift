/// Why a key file was refused: the file, the member, the byte, and what is wrong, in one line.
public struct KeyFileError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: Hashable, Sendable {
        /// No such file, or it cannot be opened.
        case unreadable
        /// It is there, and is no key file or holds something wrong.
        case content
    }

    public var kind: Kind
    /// The file as the user named it.
    public var file: String
    /// The member: `dh[0].privat`; empty when it is the file as a whole.
    public var place: String
    /// Bytes from the start of the file; nil when there is no one place.
    public var offset: Int?
    public var problem: String

    public init(_ problem: String, file: String = "", place: String = "", at offset: Int? = nil, kind: Kind = .content)
    {
        self.kind = kind
        self.file = file
        self.place = place
        self.offset = offset
        self.problem = problem
    }

    public var description: String {
        var line = file.isEmpty ? "key file" : file
        line += ": "
        if !place.isEmpty { line += "\(place): " }
        line += problem
        if let offset { line += " (byte \(offset))" }
        return line
    }
}
