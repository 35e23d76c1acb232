import Models
import Store
import SyncClient

/// What `webinar verify` says.
struct VerifyText {
    var report: VerifyReport
    /// Whether it was asked to repair.
    var repairs: Bool
    /// `host:port`; nil where no server is linked, or none was to be asked.
    var server: String?

    func print(isAsked: Bool, on printer: Printer) throws {
        if printer.isJSON { return try printer.json(json) }
        let here = report.here
        try verdict("this device", isGood: here.findings.isEmpty, "ok", "damaged", printer)
        for finding in here.findings { try printer.text("  \(finding.text)") }
        if let server, let there = report.server {
            try verdict(server, isGood: there.isSound, there.isEqual ? "equal" : "not damaged", "not equal", printer)
            for finding in comparison { try printer.text("  \(finding.text)") }
            for line in Self.waiting(there) { try say(line, printer) }
        } else if server == nil {
            try say("No server was asked: this device alone was looked at.", printer)
        }
        for line in repaired { try say(line, printer) }
        let counts = [Timeline.counted(here.changeCount, "change"), Timeline.counted(here.recordCount, "record")]
        try printer.line(counts.joined(separator: ", "))
    }

    private func verdict(_ name: String, isGood: Bool, _ good: String, _ bad: String, _ printer: Printer) throws {
        let word = isGood ? printer.paint.good(good) : printer.paint.failure(bad)
        try printer.line("\(name.madeVisible(keepingLines: false).padded(toCells: 22))\(word)")
    }

    private func say(_ line: String, _ printer: Printer) throws {
        try printer.lines(line.wrapped(toCells: printer.terminal.columns))
    }

    /// Ends a verification that found damage with what is safe and what to do next.
    func refuse(_ device: Device) throws {
        guard !report.isSound else { return }
        let faults = Timeline.counted(report.here.findings.count + comparison.count, "fault")
        guard repairs else {
            throw CommandError(
                .inputOutput,
                "\(faults) found",
                hints: "nothing was changed, and what is damaged is never sent",
                "put right what can be: webinar verify --repair"
            )
        }
        throw CommandError(.inputOutput, "\(faults) left that could not be repaired", hints: remedies(device))
    }

    private func remedies(_ device: Device) -> [String] {
        var hints = ["nothing was deleted, and what is damaged is never sent; what could be repaired is"]
        if report.server?.isComparable == false {
            hints.append("the server's program is of another version: update the older one, then: webinar verify")
        }
        if report.server?.forked.isEmpty == false {
            hints.append("this device and another wrote under one number, which a sync settles: webinar sync")
        }
        if report.here.logFaults.contains(where: { $0.part == .body }) || report.server?.logFaults.isEmpty == false {
            hints.append("another device may have what is missing: run webinar verify --repair there, then here again")
        }
        if !report.here.findings.isEmpty {
            hints.append("copy this folder away before anything else: \(device.home.folder)")
            hints.append("what can be read can be saved: webinar export --jsonl --out notes.jsonl")
            hints.append("what was synced can be fetched anew into another folder: webinar device link")
        } else if report.server?.damaged.isEmpty == false {
            hints.append("both hold what their changes add up to, so that one program is wrong: please report this")
        }
        return hints
    }
}

// MARK: - The server

extension VerifyText {
    private struct Finding {
        /// Which side is damaged: `device`, `server`, or `both` where that is not known, or they are of two minds.
        var side: String
        var part: String
        var text: String
        var record: RecordID?
    }

    private var comparison: [Finding] {
        guard let verdict = report.server else { return [] }
        var findings = verdict.logFaults.map { Finding(side: "server", part: "chain", text: "on the server: \($0)") }
        // Where this device is what its log adds up to, the server is not.
        let side = report.here.findings.isEmpty ? "server" : "both"
        findings += verdict.damaged.map { record in
            Finding(side: side, part: "state", text: "record \(record) is not the same on both sides", record: record)
        }
        findings += verdict.lost.map { span in
            let text = "this device has lost \(Self.words(span)), which it had from the server"
            return Finding(side: "device", part: "lost", text: text)
        }
        findings += verdict.forked.map { replica in
            Finding(side: "both", part: "forked", text: "the log of replica \(replica) is not the same on both sides")
        }
        if !verdict.isComparable {
            let text = "the server's program keeps the state in another form, which cannot be compared"
            findings.append(Finding(side: "both", part: "version", text: text))
        }
        return findings
    }

    private static func words(_ span: ChangeSpan) -> String {
        let numbers = span.first == span.last ? "change \(span.first)" : "changes \(span.first) to \(span.last)"
        return "\(numbers) of replica \(span.replica)"
    }

    private static func waiting(_ verdict: ServerVerdict) -> [String] {
        var parts: [String] = []
        if verdict.unsentCount > 0 {
            parts.append("\(Timeline.counted(Int(clamping: verdict.unsentCount), "change")) to be sent")
        }
        if verdict.unreadCount > 0 {
            parts.append("\(Timeline.counted(Int(clamping: verdict.unreadCount), "change")) to be read")
        }
        if parts.isEmpty { return [] }
        return ["Waiting: \(parts.joined(separator: ", ")). That is no damage; it goes with: webinar sync"]
    }
}

// MARK: - Repairs

extension VerifyText {
    private var repaired: [String] {
        let repairs = report.repairs
        func counted(_ count: Int) -> String { Timeline.counted(count, "change") }
        let lines: [(Bool, String)] = [
            (repairs.mendedCount > 0, "\(counted(repairs.mendedCount)) here put right by what else is in the log."),
            (repairs.healedHereCount > 0, "\(counted(repairs.healedHereCount)) here healed: a turned byte was found."),
            (repairs.fetchedCount > 0, "\(counted(repairs.fetchedCount)) here healed with the server's bytes."),
            (repairs.regainedCount > 0, "\(counted(repairs.regainedCount)) that were lost here are back."),
            (repairs.isRebuilt, "The state here was built anew from the log."),
            (repairs.mendedThereCount > 0, "\(counted(repairs.mendedThereCount)) on the server put right."),
            (repairs.healedThereCount > 0, "\(counted(repairs.healedThereCount)) on the server healed from here."),
            (repairs.isRebuiltThere, "The state on the server was built anew from its log."),
        ]
        return lines.filter(\.0).map(\.1)
    }

    private var json: JSONValue {
        let here = report.here.findings.map { finding -> JSONValue in
            [
                "where": "device", "part": .string(finding.part.rawValue), "record": .null,
                "text": .string(finding.text),
            ]
        }
        let repairs = report.repairs
        return [
            "schema": .string(RecordJSON.schema), "type": "verify", "ok": .bool(report.isSound),
            "equal": report.server.map { .bool($0.isEqual) } ?? .null,
            "changes": .integer(Int64(report.here.changeCount)), "records": .integer(Int64(report.here.recordCount)),
            "server": JSONValue(server), "unsent": report.server.map { .unsigned($0.unsentCount) } ?? .null,
            "unread": report.server.map { .unsigned($0.unreadCount) } ?? .null,
            "findings": .array(
                here
                    + comparison.map { finding in
                        [
                            "where": .string(finding.side), "part": .string(finding.part),
                            "record": JSONValue(finding.record.map { "\($0)" }), "text": .string(finding.text),
                        ]
                    }
            ),
            "repaired": [
                "mended": .integer(Int64(repairs.mendedCount + repairs.healedHereCount)),
                "fetched": .integer(Int64(repairs.fetchedCount + repairs.regainedCount)),
                "rebuilt": .bool(repairs.isRebuilt), "server_mended": .integer(Int64(repairs.mendedThereCount)),
                "server_healed": .integer(Int64(repairs.healedThereCount)),
                "server_rebuilt": .bool(repairs.isRebuiltThere),
            ],
        ]
    }
}
