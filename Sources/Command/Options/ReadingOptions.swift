import ArgumentParser

/// The options of all commands that read packets.
struct ReadingOptions: ParsableArguments {
    @OptionGroup(title: "Input") var input: InputOptions
    @OptionGroup(title: "Keys") var keys: KeyOptions
    @OptionGroup(title: "Conditions") var conditions: ConditionOptions
    @OptionGroup(title: "Safety") var sandbox: SandboxOptions
    @OptionGroup var quiet: QuietOption

    func validate() throws { try input.requireCapture() }

    func configuration(output: String?) -> Configuration {
        Configuration(
            input, keys: keys, conditions: conditions, sandbox: sandbox, quiet: quiet, output: output)
    }
}

extension Configuration {
    init(
        _ input: InputOptions, keys: KeyOptions, conditions: ConditionOptions, sandbox: SandboxOptions,
        quiet: QuietOption, output: String?
    ) {
        self.init(
            input: input.input, filter: input.filter, live: input.live, extent: input.extent, keys: keys.keys,
            pskList: keys.pskList, jobs: keys.jobs, conditions: conditions.conditions, output: Output.Target(output),
            isQuiet: quiet.quiet, user: sandbox.user, isSandboxed: !sandbox.noSandbox)
    }
}
