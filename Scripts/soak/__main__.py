"""Plays the built commands through kills, failing disks, power cuts, bad links, wrong clocks and put-back servers, and
holds them to their promises: what was acknowledged is there exactly once, on every device, with nothing repaired by
hand.

    python3 Scripts/soak                      the full round: hours
    python3 Scripts/soak --short              a few of each: minutes
    python3 Scripts/soak --only power         the checks whose name or subject has "power" in it
    python3 Scripts/soak --seed 17            the round of that seed
    python3 Scripts/soak --plant lost         shows that each check can fail: an acknowledged note goes missing
"""

import argparse
import importlib
import secrets
import sys
import time
import traceback

from ledger import Skipped, Trouble
from world import Soak

SUBJECTS = [
    "calls", "servercalls", "kills", "power", "cuts", "clocks", "fulldisk", "memory", "copies", "restored", "slowlink",
]


def main():
    parser = argparse.ArgumentParser(prog="soak", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--short", action="store_true", help="a few of each")
    parser.add_argument("--seed", type=int, default=None, help="where all chance comes from")
    parser.add_argument("--only", action="append", default=[], help="part of a check's name or subject")
    parser.add_argument("--commands", default=".build/debug", help="the folder of webinar and webinar-server")
    parser.add_argument("--plant", choices=["lost", "doubled"], help="a fault in what devices show; every check must fail")
    parser.add_argument("--keep", action="store_true", help="leave the folders of a failed check")
    choice = parser.parse_args()

    seed = secrets.randbelow(1 << 32) if choice.seed is None else choice.seed
    print(f"seed {seed}, {'short' if choice.short else 'full'} round, commands of {choice.commands}", flush=True)
    counts = {"ok": 0, "failed": 0, "skipped": 0}
    for subject in SUBJECTS:
        for check in importlib.import_module(subject).CHECKS:
            name = f"{subject}.{check.__name__}"
            if choice.only and not any(part in name for part in choice.only):
                continue
            # Each check has a chance of its own, so that one alone plays as it does among all.
            soak = Soak(choice.commands, f"{seed} {name}", not choice.short, choice.plant, choice.keep)
            began = time.monotonic()
            verdict, detail = play(check, soak)
            if verdict == "failed" and choice.short and not choice.plant:
                # A busy machine breaks deadlines, too. What fails twice fails; what fails once is told.
                first = detail
                verdict, detail = play(check, Soak(choice.commands, f"{seed} {name}", False, None, choice.keep))
                detail = f"at first {first}\n    then {detail}"
            counts[verdict] += 1
            print(f"{verdict:8} {time.monotonic() - began:7.1f} s  {name}\n    {check.__doc__.strip()}.", flush=True)
            print(f"    {detail}", flush=True)
    print(", ".join(f"{count} {verdict}" for verdict, count in counts.items()))
    if not sum(counts.values()):
        print("no check has that name", file=sys.stderr)
        return 2
    return 1 if counts["failed"] else 0


def play(check, soak):
    try:
        return "ok", check(soak)
    except Skipped as reason:
        return "skipped", f"skipped: {reason}"
    except Trouble as trouble:
        return "failed", f"FAILED: {trouble}"
    except Exception:
        return "failed", "FAILED in the soak itself: " + traceback.format_exc()


if __name__ == "__main__":
    sys.exit(main())
