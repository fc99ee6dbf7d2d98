import ArgumentParser

/// Whether passwords are printed.
struct SecretOption: ParsableArguments {
    @Flag(help: "Show passwords that XAUTH carries, which are masked otherwise.")
    var showSecrets = false
}
