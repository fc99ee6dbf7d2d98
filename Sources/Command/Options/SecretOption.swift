import ArgumentParser

/// Whether passwords are printed.
struct SecretOption: ParsableArguments {
    @Flag(help: "Show passwords that XAUTH carries, which are masked else.")
    var showSecrets = false
}
