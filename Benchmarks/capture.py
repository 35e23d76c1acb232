#!/usr/bin/env python3
"""What a save costs: `webinar note add` against a C program that makes one durable insert, in turn.

    Benchmarks/capture.py [--counts 0,100000] [--repetitions 60]
"""

import argparse
import os
import re
import statistics
import subprocess

from common import ROOT, WEBINAR, Folder, Server, environment, heading, interleaved, machine, note_text, summary, timed, webinar
from common import write_notes


def compile_insert(folder):
    program = folder / "insert"
    compiler = os.environ.get("CC", "clang")
    subprocess.run([compiler, "-O2", "-o", str(program), str(ROOT / "Benchmarks/insert.c"), "-lsqlite3"], check=True)
    return str(program)


def save(folder, insert, count, repetitions):
    home, database = folder / f"home-{count}", folder / f"insert-{count}.sqlite"
    env = environment(home)
    webinar(home, "session", "add", "Social Media Trends in China")
    if count:
        lines = folder / "notes.jsonl"
        write_notes(lines, count)
        webinar(home, "import", "--jsonl", str(lines))
        subprocess.run([insert, str(database), str(count)], check=True)
    text = note_text(count)
    ours, theirs, nothing = interleaved(
        repetitions,
        lambda: timed([WEBINAR, "note", "add", text], env),
        lambda: timed([insert, str(database)]),
        lambda: timed([WEBINAR, "--version"], env),
    )
    heading(f"One save, {count} notes there")
    print(f"webinar note add       {summary(ours)}")
    print(f"C, one durable insert  {summary(theirs)}")
    print(f"webinar --version      {summary(nothing)}")
    print(f"ratio of the medians   {statistics.median(ours) / statistics.median(theirs):7.2f}")
    return home


def traced(home, *arguments, trace):
    """The system calls of a kind that a command makes, its threads' included."""
    log = home / "strace.txt"
    subprocess.run(
        ["strace", "-f", "-o", str(log), "-e", f"trace={trace}", WEBINAR, *arguments],
        env=environment(home),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return log.read_text().splitlines()


def durability(home):
    heading("System calls: a save is on disk before the command returns")
    calls = traced(home, "note", "add", "On disk?", trace="fsync,fdatasync,pwrite64,exit_group,write")
    syncs = [line for line in calls if re.search(r"\bf(data)?sync\(", line)]
    for line in calls:
        if re.search(r"\bf(data)?sync\(|exit_group|write\(1", line):
            print("    " + line.split(" ", 1)[1].strip()[:100])
    print(f"{len(syncs)} calls of fsync or fdatasync")


def network(home, server):
    heading("System calls: only `sync` and `device` open an internet socket")
    server.link(home, "here")
    for arguments in (
        ["note", "add", "Offline"], ["note", "list", "--all"], ["log"], ["find", "WeChat"], ["status"], ["session", "list"],
        ["export", "--jsonl"], ["trash", "list"], ["conflict", "list"], ["undo"], ["doctor"], ["completion", "bash"],
        ["sync"], ["device", "list"],
    ):
        calls = traced(home, *arguments, trace="network")
        sockets = [line for line in calls if "AF_INET" in line]
        print(f"    {' '.join(arguments):24} {len(calls):3} network calls, {len(sockets):3} of them internet")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--counts", default="0,100000")
    parser.add_argument("--repetitions", type=int, default=60)
    options = parser.parse_args()
    machine()
    with Folder() as folder:
        insert = compile_insert(folder)
        homes = [save(folder, insert, int(count), options.repetitions) for count in options.counts.split(",")]
        durability(homes[0])
        with Server(folder) as server:
            network(homes[0], server)


if __name__ == "__main__":
    main()
