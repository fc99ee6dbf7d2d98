extension FixedWidthInteger {
    /// The sum, or the greatest number where it overflows: for counts that a file or a peer states.
    @inlinable public func addingClamped(_ other: Self) -> Self where Self: UnsignedInteger {
        let (sum, isOver) = addingReportingOverflow(other)
        return isOver ? .max : sum
    }
}
