"""A floor under the quality of a few fills of the shared evaluation set; its own scoring script is the judge."""

from __future__ import annotations

import importlib.util
import json
import os
from pathlib import Path

import pytest
from inlay.pixels.fill import backend, fill

FOLDER = Path(os.environ.get("INLAY_EVAL", Path(__file__).parents[5] / "shared" / "eval"))

pytestmark = [
    pytest.mark.skipif(not (FOLDER / "score.py").exists(), reason=f"no evaluation set in {FOLDER}"),
    pytest.mark.skipif(backend() != "native", reason="the floors are the kernel's"),
]

# The best peer's figure on each (peers-dev.json), which ours passes by several points.
FLOORS = {"stones-ellipse05": 78, "truck-silhouette05": 72, "coffee-silhouette10": 40, "rm-scene13": 64}


@pytest.mark.parametrize(("name", "floor"), FLOORS.items())
def test_quality(name: str, floor: float) -> None:
    pytest.importorskip("cv2")
    pytest.importorskip("skimage")
    spec = importlib.util.spec_from_file_location("score", FOLDER / "score.py")
    assert spec is not None
    assert spec.loader is not None
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    case = next(c for c in json.loads((FOLDER / "manifest.json").read_text())["cases"] if c["id"] == name)
    image, mask = score.read_rgb(FOLDER / case["image"]), score.read_mask(FOLDER / case["mask"])
    truth = image if case["kind"] == "truth" else None
    given = image.copy()
    if truth is not None:
        given[mask] = score.HIDDEN_RGB
    figures = score.score_fill(fill(given, mask), given, truth, mask)
    assert figures["outside"] == 0
    assert figures["quality"] > floor
