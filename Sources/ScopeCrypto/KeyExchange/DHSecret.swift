import ScopeModel

/// g^xy of an exchange, with the key of the files that gives it.
struct DHSecret {
    let secret: Secret
    let use: KeyUse

    var name: KeyName { use.name }
}
