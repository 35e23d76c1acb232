import ArgumentParser

struct CompletionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion",
        abstract: "Print the completion script of a shell.",
        discussion: """
              webinar completion bash > ~/.local/share/bash-completion/completions/webinar
              webinar completion zsh > "${fpath[1]}/_webinar"
              webinar completion fish > ~/.config/fish/completions/webinar.fish
            """
    )

    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish
    }

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell

    func run() throws {
        let form: CompletionShell =
            switch shell {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        try ExitStatus.reporting {
            var output = StandardOutput()
            try output.write(Webinar.completionScript(for: form))
            try output.flush()
        }
    }
}
