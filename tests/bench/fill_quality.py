"""Quality of the built-in fill over the shared evaluation set, by its own score.py, a table per seed and category.

    python tests/bench/fill_quality.py path/to/eval [--seeds 0 1 2] [--only 'rm-*'] [--portable] [--keep FOLDER]

`path/to/eval` holds manifest.json and score.py. Fills run on one thread each, so `cpu` is the fill's
alone.
"""

from __future__ import annotations

import argparse
import fnmatch
import importlib.util
import json
import multiprocessing
import os
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from inlay.pixels.fill import fill, kernel

Row = dict[str, Any]


def load_score(folder: Path) -> ModuleType:
    """The evaluation set's scoring script as a module."""
    spec = importlib.util.spec_from_file_location("score", folder / "score.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["score"] = module
    spec.loader.exec_module(module)
    return module


def run_case(folder: Path, case: Row, seed: int, keep: Path | None) -> Row:
    """Fill one case and score it."""
    score = load_score(folder)
    image, mask = score.read_rgb(folder / case["image"]), score.read_mask(folder / case["mask"])
    truth = image if case["kind"] == "truth" else None
    given = image.copy()
    if truth is not None:
        given[mask] = score.HIDDEN_RGB
    started = time.process_time()
    result = fill(given, mask, seed=seed, threads=1)
    row: Row = {"cpu": time.process_time() - started, "seed": seed}
    row |= {key: case[key] for key in ("id", "kind", "category", "core")}
    if keep is not None:
        score.write_rgb(keep / f"{case['id']}-{seed}.png", result)
    return row | score.score_fill(result, given, truth, mask)


def mean(rows: list[Row], key: str) -> float:
    return float(np.mean([row[key] for row in rows])) if rows else float("nan")


def table(rows: list[Row]) -> str:
    """Markdown: a line for each seed, then a line for each category of truth cases."""
    keys = ("texture", "layout", "detail", "coherence", "seam")
    heads = ("seed", "quality truth", "quality removal", "texture", "layout", "detail t / r", "coherence t / r")
    heads += ("seam t / r", "CPU s median", "outside")
    lines = [f"| {' | '.join(heads)} |", "|" + " --- |" * len(heads)]
    for seed in sorted({row["seed"] for row in rows}):
        of_seed = [row for row in rows if row["seed"] == seed]
        truth = [row for row in of_seed if row["kind"] == "truth"]
        removal = [row for row in of_seed if row["kind"] == "removal"]
        t, r = (
            {key: mean(part, key) for key in ("quality", *keys) if key in (part or [{}])[0]}
            for part in (truth, removal)
        )
        pairs = [f"{t.get(key, 0):+.3f} / {r.get(key, 0):+.3f}" for key in ("detail", "coherence", "seam")]
        lines.append(
            f"| {seed} | {t.get('quality', 0):.2f} | {r.get('quality', 0):.2f} | {t.get('texture', 0):.3f} | "
            f"{t.get('layout', 0):.2f} | {' | '.join(pairs)} | {np.median([row['cpu'] for row in of_seed]):.2f} | "
            f"{max(row['outside'] for row in of_seed)} |"
        )
    lines += ["", "| category | all truth cases | core truth cases |", "| --- | --- | --- |"]
    for category in sorted({row["category"] for row in rows if row["kind"] == "truth"}):
        part = [row for row in rows if row["category"] == category]
        lines.append(
            f"| {category} | {mean(part, 'quality'):.1f} | {mean([r for r in part if r['core']], 'quality'):.1f} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--only", default="*", help="glob over case ids")
    parser.add_argument("--portable", action="store_true", help="as if the kernel could not be loaded")
    parser.add_argument("--keep", type=Path, help="keep the fills in this folder")
    parser.add_argument("--json", type=Path, help="write every case's figures here")
    args = parser.parse_args()
    if args.portable:
        kernel.load = lambda: None  # type: ignore[assignment]
    if args.keep is not None:
        args.keep.mkdir(parents=True, exist_ok=True)
    cases = [
        c
        for c in json.loads((args.folder / "manifest.json").read_text())["cases"]
        if fnmatch.fnmatch(c["id"], args.only)
    ]
    jobs = [(args.folder, case, seed, args.keep) for case in cases for seed in args.seeds]
    with multiprocessing.get_context("fork").Pool() as pool:
        rows = pool.starmap(run_case, jobs, chunksize=1)
    if args.json is not None:
        args.json.write_text(json.dumps(rows, indent=1) + "\n")
    print(table(rows))


if __name__ == "__main__":
    main()
