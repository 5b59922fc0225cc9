"""Time and memory of the built-in fill by size: an elliptical hole in the middle of an enlarged photo.

    python tests/bench/fill_time.py path/to/photo.png 2048x2048:10 4000x3000:5 8192x8192:2

Each size runs in a process of its own; `MiB` is that process's peak, picture included. `CPU s` counts all threads: on
two idle cores the wall time is a little over half of it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import time
from pathlib import Path

import cv2
import numpy as np
from inlay.pixels.fill import fill


def measure(photo: Path, width: int, height: int, percent: float) -> str:
    """A markdown row."""
    colours = cv2.cvtColor(cv2.imread(str(photo)), cv2.COLOR_BGR2RGB)
    colours = cv2.resize(colours, (width, height), interpolation=cv2.INTER_CUBIC)
    picture = np.dstack([colours, np.full((height, width), 255, np.uint8)])
    del colours
    radius = (percent / 100 * width * height / np.pi) ** 0.5
    hole = np.zeros((height, width), np.uint8)
    cv2.ellipse(hole, (width // 2, height // 2), (int(radius * 1.2), int(radius / 1.2)), 0, 0, 360, 1, -1)
    fill(picture[:64, :64], hole[:64, :64] > 2)  # what is loaded once does not count
    wall, cpu = time.perf_counter(), time.process_time()
    fill(picture, hole > 0)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return f"| {width} x {height}, {percent:g} % | {wall:.2f} | {cpu:.2f} | {peak:.0f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photo", type=Path)
    parser.add_argument("sizes", nargs="+", metavar="WIDTHxHEIGHT:PERCENT")
    args = parser.parse_args()
    print("| picture, hole | wall s | CPU s | MiB |\n| --- | --- | --- | --- |")
    for size in args.sizes:
        shape, percent = size.split(":")
        width, height = (int(side) for side in shape.split("x"))
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            print(pool.apply(measure, (args.photo, width, height, float(percent))), flush=True)


if __name__ == "__main__":
    main()
