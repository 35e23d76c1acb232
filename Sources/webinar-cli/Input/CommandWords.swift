import ArgumentParser

/// The nouns and verbs at the beginning of the command line.
///
/// ArgumentParser takes an unknown word for a value of the default command and says "unexpected argument"; here the
/// word is looked at first, and the nearest known one is offered.
enum CommandWords {
    /// - throws: ``CommandError`` with status 64 that names the word and what it may have been.
    static func validate(_ arguments: some Sequence<String>) throws(CommandError) {
        var command: any ParsableCommand.Type = Webinar.self
        var path = "webinar"
        for word in arguments {
            let known = subcommands(of: command)
            if known.isEmpty || word.hasPrefix("-") { return }
            if command == Webinar.self, word == "help" { continue }
            guard let next = known.first(where: { $0.name == word }) else {
                throw unknown(word, after: path, among: known.map(\.name))
            }
            command = next.command
            path += " \(word)"
        }
    }

    private static func subcommands(
        of command: any ParsableCommand.Type
    ) -> [(name: String, command: any ParsableCommand.Type)] {
        let configuration = command.configuration
        return configuration.subcommands.compactMap { subcommand in
            subcommand.configuration.commandName.map { ($0, subcommand) }
        }
    }

    private static func unknown(_ word: String, after path: String, among known: [String]) -> CommandError {
        let near = known.map { (name: $0, distance: distance(word, $0)) }
            .filter { $0.distance <= max(1, min(word.count, $0.name.count) / 2) || $0.name.hasPrefix(word) }
            .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }
        let offered = near.prefix(3).map { "`\(path) \($0.name)`" }
        return CommandError(
            .usage,
            "`\(path)` has no command `\(word)`",
            hints: "nothing was changed",
            offered.isEmpty
                ? "`\(path) --help` lists the commands" : "did you mean \(offered.joined(separator: " or "))?"
        )
    }

    /// How many letters must be added, taken out or exchanged (Levenshtein).
    private static func distance(_ a: String, _ b: String) -> Int {
        let b = Array(b)
        var row = Array(0...b.count)
        for (line, letter) in a.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for column in b.indices {
                let above = row[column + 1]
                row[column + 1] = min(above + 1, row[column] + 1, diagonal + (letter == b[column] ? 0 : 1))
                diagonal = above
            }
        }
        return row[b.count]
    }
}
