/// Which characters a terminal shows as what they are, by the properties that Unicode gives them.
///
/// It asks the standard library's tables and not the code of the program, which has its own question for the same.
enum TerminalScalars {
    /// Whether the character may steer a terminal, end a line, turn text around or be invisible, or nobody knows.
    static func mislead(_ scalar: Unicode.Scalar) -> Bool {
        let properties = scalar.properties
        switch properties.generalCategory {
        // Cc and Cf: they are obeyed and not shown.
        case .control, .format: return true
        // Zl and Zp: they end lines.
        case .lineSeparator, .paragraphSeparator: return true
        // Co and Cn: how they are shown is up to the font, today or in the next version of Unicode; Cs is none at all.
        case .privateUse, .unassigned, .surrogate: return true
        default: break
        }
        // Variation selectors, fillers and joiners are marks and letters by category, and invisible all the same.
        return properties.isBidiControl || properties.isDefaultIgnorableCodePoint
    }
}
