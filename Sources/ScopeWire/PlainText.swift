extension Unicode.Scalar {
    /// Whether it is visible, controls no terminal, and does not change the direction of text.
    ///
    /// Unicode's properties decide. Not plain are Bidi_Control and Default_Ignorable_Code_Point, control and format
    /// characters, separators of lines and paragraphs, and private or unassigned code points, which may show anyhow.
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
    /// `text` with `substitute` for each character that is not plain, where there is no room for escapes.
    public init(plain text: some StringProtocol, substitute: Unicode.Scalar) {
        self = String(String.UnicodeScalarView(text.unicodeScalars.map { $0.isPlain ? $0 : substitute }))
    }
}
