"""CPU seconds of `inlay remove` beside G'MIC's multi-scale inpainting, start-up included, in the same run.

    python tests/bench/remove_command.py path/to/eval/manifest.json [--only 10]

Needs the shared evaluation set and Debian's package `gmic`. Each case runs both commands one after the other, so that
whatever else the machine does weighs on both.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

GMIC = "gmic {image} {mask} threshold[1] 50% inpaint_matchpatch[0] [1],0,9,10,5,1 k[0] c 0,255 round o {out}"
INLAY = f"{sys.executable} -m inlay remove {{image}} --mask {{mask}} -o {{out}}"


@dataclass(frozen=True)
class Cost:
    """What one command took."""

    cpu_s: float
    wall_s: float
    peak_mib: float


def cost(command: str, **paths: Path) -> Cost:
    """Run a command once; user and system time of it and of its children."""
    start = time.monotonic()
    words = [word.format(**paths) for word in command.split()]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"failed: {' '.join(words)}")
    return Cost(used.ru_utime + used.ru_stime, time.monotonic() - start, used.ru_maxrss / 1024)


def main() -> None:
    """Print a line a case, then medians and their ratio as a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--only", type=int, default=0, metavar="N", help="every case up to N of them, evenly spread")
    options = parser.parse_args()
    folder = options.manifest.parent
    cases = json.loads(options.manifest.read_text("utf-8"))
    cases = cases if isinstance(cases, list) else cases["cases"]
    cases = cases[:: max(1, len(cases) // options.only)] if options.only else cases
    costs: dict[str, list[Cost]] = {"inlay remove": [], "gmic multi-scale": []}
    with tempfile.TemporaryDirectory() as temporary:
        for case in cases:
            paths = {"image": folder / case["image"], "mask": folder / case["mask"], "out": Path(temporary) / "out.png"}
            for name, command in zip(costs, (INLAY, GMIC), strict=True):
                costs[name].append(cost(command, **paths))
            print(case["id"], *(f"{name} {measured[-1].cpu_s:.2f} s" for name, measured in costs.items()), sep="  ")
    print("\n| command | CPU s median | mean | largest | wall s median | peak MiB median |\n|---|---|---|---|---|---|")
    for name, measured in costs.items():
        print(row(name, measured))
    ours, theirs = (statistics.median(one.cpu_s for one in measured) for measured in costs.values())
    load = os.getloadavg()[0]
    print(f"\n{len(cases)} cases; median ratio {ours / theirs:.2f}; {load:.1f} processes wanted the processor.")


def row(name: str, measured: list[Cost]) -> str:
    """One command's line of the table."""
    cpu = [one.cpu_s for one in measured]
    wall, peak = (statistics.median(getattr(one, field) for one in measured) for field in ("wall_s", "peak_mib"))
    figures = f"{statistics.median(cpu):.2f} | {statistics.mean(cpu):.2f} | {max(cpu):.2f} | {wall:.2f} | {peak:.0f}"
    return f"| {name} | {figures} |"


if __name__ == "__main__":
    main()
