import ScopeModel

extension Limits {
    /// Small tables, so that short inputs reach their bounds.
    static let small: Limits = {
        var limits = Limits()
        limits.ikeSAs = 4
        limits.ipsecAccounts = 4
        limits.exchangesPerSA = 4
        limits.rememberedMessages = 8
        limits.ikeFragmentsPerSA = 4
        limits.heldEventsPerSA = 8
        limits.heldEvents = 16
        limits.heldBytes = 1 << 12
        return limits
    }()
}
