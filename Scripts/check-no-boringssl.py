#!/usr/bin/env python3
"""Fails if BoringSSL is in the build graph of a product or of the tests.

Our TLS is the system's OpenSSL. Packages that carry BoringSSL are fetched, because packages that we use name them,
but nothing that we link may reach them. This walks the graph of the debug build backwards from what is linked.
"""

import collections
import re
import subprocess
import sys

LINKED = ["webinar", "webinar-server", "webinarPackageTests.xctest"]
EDGE = re.compile(r'^\s*"(.*)" -> "(.*)" \[color=')


def main():
    build = ["swift", "build", "--build-tests", "--print-manifest-job-graph"]
    graph = subprocess.run(build, check=True, stdout=subprocess.PIPE, text=True).stdout
    inputs = collections.defaultdict(list)
    for line in graph.splitlines():
        if edge := EDGE.match(line):
            inputs[edge[2]].append(edge[1])

    failed = False
    for name in LINKED:
        roots = [node for node in inputs if node.endswith("/debug/" + name)]
        if not roots:
            print(f"{name} is not in the build graph: this check looks at nothing", file=sys.stderr)
            failed = True
        reached, waiting = set(roots), list(roots)
        while waiting:
            for node in inputs[waiting.pop()]:
                if node not in reached:
                    reached.add(node)
                    waiting.append(node)
        found = sorted(node for node in reached if "boringssl" in node.lower())
        if found:
            print(f"{name} links BoringSSL, for example {found[0]}", file=sys.stderr)
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
