extension Unicode.Scalar {
    /// Whether it shows as what it is: it steers no terminal, turns no text around, and is not invisible.
    ///
    /// By the properties that Unicode gives it: what is Bidi_Control or Default_Ignorable_Code_Point is not plain, nor are
    /// control and format characters, separators of lines and paragraphs, and code points that are private or assigned to
    /// nothing, of which nobody knows how they are shown.
    @inlinable public var isPlain: Bool {
        if value < 0x7f { return value >= 0x20 }
        return value >= 0xa0 && hasPlainProperties
    }

    @usableFromInline var hasPlainProperties: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        default: !properties.isDefaultIgnorableCodePoint && !properties.isBidiControl
        }
    }
}

extension String {
    /// `text` with `substitute` for all that is not plain, for where there is no room for escapes.
    public init(plain text: some StringProtocol, substitute: Unicode.Scalar) {
        self = String(String.UnicodeScalarView(text.unicodeScalars.map { $0.isPlain ? $0 : substitute }))
    }
}
