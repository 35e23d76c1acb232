#!/usr/bin/env python3
"""What a sync costs: one change in a cold process against curl, and the first push and pull of many notes.

    Benchmarks/sync.py [--count 10000] [--repetitions 30]
"""

import argparse
import json
import shutil
import statistics
import subprocess
import time

from common import WEBINAR, Folder, Server, environment, heading, interleaved, machine, note_text, summary, timed, webinar
from common import write_notes


def sync(home):
    """Syncs; returns what `sync --json` says."""
    return json.loads(webinar(home, "sync", "--json"))


def connections(home):
    """The internet connections that one sync opens, as the kernel sees them."""
    log = home / "strace.txt"
    subprocess.run(
        ["strace", "-f", "-o", str(log), "-e", "trace=connect", WEBINAR, "sync"],
        env=environment(home),
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return sum("AF_INET" in line for line in log.read_text().splitlines())


def one_change(folder, server, repetitions):
    heading("A cold sync of one change")
    home = folder / "one"
    webinar(home, "session", "add", "Social Media Trends in China")
    server.link(home, "one")
    # The ticket that linking left is put away, so that the first sync shows a whole handshake.
    (home / "ticket").unlink(missing_ok=True)
    print("                    exchanges  bytes up  bytes down")
    short = "WeChat also has a web version"
    for name, text in (
        ("first, short note", short), ("2nd, short note", short), ("3rd, short note", short),
        ("4th, 360 characters", note_text(1)), ("5th, 360 characters", note_text(2)), ("6th, nothing", None),
    ):
        if text:
            webinar(home, "note", "add", text)
        report = sync(home)
        assert report["level"] and report["exchanges"] == 1, report
        print(f"{name:20}{report['exchanges']:9}{report['bytes_up']:10}{report['bytes_down']:12}")
    webinar(home, "note", "add", note_text(9))
    print(f"connections opened by one sync: {connections(home)}")

    url = f"https://{server.address}/healthz"
    curl = [shutil.which("curl"), "-sk", "--tlsv1.3", "-o", "/dev/null", url]
    env = environment(home)

    def sync_one():
        webinar(home, "note", "add", note_text(10))
        return timed([WEBINAR, "sync"], env)

    ours, theirs = interleaved(repetitions, sync_one, lambda: timed(curl))
    print(f"webinar sync           {summary(ours)}")
    print(f"curl, GET /healthz     {summary(theirs)}")
    print(f"ratio of the medians   {statistics.median(ours) / statistics.median(theirs):7.2f}")


def many(folder, server, count):
    heading(f"The first push and pull of {count} notes")
    full, empty = folder / "full", folder / "empty"
    lines = folder / "notes.jsonl"
    write_notes(lines, count)
    webinar(full, "import", "--jsonl", str(lines))
    server.link(full, "full")
    for name, home in (("push", full), ("pull", empty)):
        if name == "pull":
            server.link(home, "empty")
        report = {}
        before = server.memory()[0]

        def run():
            report.update(sync(home))

        took = clocked(run)
        assert report["level"], report
        size = report["bytes_up"] + report["bytes_down"]
        now, most = server.memory()
        print(
            f"{name}  {took:8.0f} ms  {report['exchanges']:3} exchanges  {size:9} bytes  {size / count:6.1f} bytes a note"
            f"  server {before:.0f} -> {now:.0f} MB, at most {most:.0f} MB"
        )
    same = webinar(full, "export", "--jsonl") == webinar(empty, "export", "--jsonl")
    print(f"both exports are {'the same' if same else 'NOT THE SAME'}")


def clocked(run):
    began = time.perf_counter()
    run()
    return (time.perf_counter() - began) * 1000


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--repetitions", type=int, default=30)
    options = parser.parse_args()
    machine()
    with Folder() as folder:
        for part, argument in ((one_change, options.repetitions), (many, options.count)):
            own = folder / part.__name__
            own.mkdir()
            with Server(own) as server:
                print(f"\nserver after its start: {server.memory()[0]:.0f} MB")
                part(own, server, argument)


if __name__ == "__main__":
    main()
