import ArgumentParser
import Models
import Store

struct TagCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tag",
        abstract: "Tags on records.",
        discussion: "  webinar tag add china k7qf m2xw",
        subcommands: [TagAddCommand.self, TagRemoveCommand.self, TagListCommand.self, TagShowCommand.self]
    )
}

struct TagAddCommand: NotebookCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Put a tag on records.",
        discussion: """
              webinar tag add china k7qf m2xw
              webinar tag add "social media" 9c2m
            """
    )

    @OptionGroup var options: CommonOptions
    @Argument(help: "The tag.")
    var tag: TypedText
    @Argument(help: ArgumentHelp("Ids or handles.", valueName: "id"))
    var ids: [TypedText]

    func run(on device: Device, printing printer: Printer) throws {
        try TagChange(tag: tag, ids: ids) { [$0.including($1, in: .tags)] }.run(on: device, printing: printer)
    }
}

struct TagRemoveCommand: NotebookCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm",
        abstract: "Take a tag off records.",
        discussion: "  webinar tag rm china k7qf m2xw"
    )

    @OptionGroup var options: CommonOptions
    @Argument(help: "The tag.")
    var tag: TypedText
    @Argument(help: ArgumentHelp("Ids or handles.", valueName: "id"))
    var ids: [TypedText]

    func run(on device: Device, printing printer: Printer) throws {
        try TagChange(tag: tag, ids: ids) { [$0.excluding($1, from: .tags)] }.run(on: device, printing: printer)
    }
}

/// One tag on or off many records: all or none of them.
private struct TagChange {
    let tag: TypedText
    let ids: [TypedText]
    let operations: (RecordState, ExactString) -> [Models.Operation?]

    func run(on device: Device, printing printer: Printer) throws {
        let elements = try Elements.checked([tag])
        let changed = try device.write { writer in
            let found = try ids.map { try writer.reader.find($0, RecordKind.personal).id }
            return try found.map { id in
                try writer.change(id) { state in elements.flatMap { operations(state, $0) }.compactMap { $0 } }
                return try writer.reader.shown(id)
            }
        }
        for (record, handle) in changed {
            if printer.isJSON {
                try printer.json(RecordJSON.shown(record, handle: handle))
            } else {
                let tags = record.state.elements(.tags).map(\.string).joined(separator: ", ")
                let line = "\(record.state.kind.word) \(handle)  \(tags.isEmpty ? "no tags" : tags)"
                try printer.line(line.madeVisible(keepingLines: false))
            }
        }
    }
}

struct TagListCommand: NotebookCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the tags and how many records carry each.",
        discussion: "  webinar tag list --json"
    )

    @OptionGroup var options: CommonOptions

    func run(on device: Device, printing printer: Printer) throws {
        var counts: [ExactString: Int] = [:]
        try device.read { reader in
            try reader.forEach(RecordKind.personal) { record in
                for tag in record.state.elements(.tags) { counts[tag, default: 0] += 1 }
            }
        }
        let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        if printer.isJSON {
            return try printer.json(
                .array(
                    sorted.map { tag, count in
                        [
                            "schema": .string(RecordJSON.schema), "type": "tag", "tag": .string(tag.string),
                            "count": .integer(Int64(count)),
                        ]
                    }
                )
            )
        }
        if sorted.isEmpty { return printer.hint("No tags.") }
        try printer.table(["RECORDS", "TAG"], sorted.map { ["\($0.value)", $0.key.string] })
    }
}

struct TagShowCommand: NotebookCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "List the records that carry a tag.",
        discussion: "  webinar tag show china"
    )

    @OptionGroup var options: CommonOptions
    @Argument(help: "The tag.")
    var tag: TypedText

    func run(on device: Device, printing printer: Printer) throws {
        try device.read { reader in
            var found: [(RecordView, String)] = []
            try reader.forEach(RecordKind.personal) { record in
                guard record.state.elements(.tags).contains(ExactString(tag.text)) else { return }
                found.append((record, try reader.handle(of: record.id)))
            }
            if printer.isJSON {
                return try printer.json(.array(found.map { RecordJSON.shown($0.0, handle: $0.1) }))
            }
            if found.isEmpty { return printer.hint("No record carries that tag.") }
            try printer.table(
                ["ID", "KIND", "TEXT"],
                found.map { record, handle in
                    [handle, record.state.kind.word, RecordLine.text(record) + RecordLine.mark(record)]
                }
            )
        }
    }
}
