"""`--reference`: other pictures that a model looks at, through the command."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from inlay.files.picture import Picture
from inlay.files.reading import read_picture
from inlay.files.writing import write_picture
from inlay.pixels.formats import Model

from tests.engine.pipelines import tiny_transformers
from tests.engine.pipelines.conftest import picture

from .test_cli import inlay, refused, saved


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INLAY_HOME", str(tmp_path / "home"))
    tiny_transformers.save(tmp_path / "home" / "data" / "models" / "tiny-klein", "tiny-klein")
    return tmp_path


def reference(folder: Path, seed: int) -> Path:
    """A grey picture of 16 bits, of another size than the photo."""
    path = folder / f"reference{seed}.png"
    grey = picture(60, 40, seed)[..., :1].astype(np.uint16) * 257
    write_picture(path, Picture(grey, Model.GRAYA))
    return path


def test_a_reference_of_any_kind_is_looked_at(home: Path) -> None:
    photo = saved(home)
    asked = ("instruct", photo, "--prompt", "a boat", "--steps", "2")
    given = {"none": (), "one": (1,), "other": (2,), "both": (1, 2)}
    made = []
    for name, seeds in given.items():
        out = home / f"{name}.png"
        files = [word for seed in seeds for word in ("--reference", reference(home, seed))]
        result = inlay(*asked, *files, "-o", out)
        assert result.exit_code == 0, result.output
        made.append(read_picture(out).pixels.tobytes())
    assert len(set(made)) == len(given)


def test_more_than_a_model_takes_are_refused(home: Path) -> None:
    files = [word for seed in (1, 2, 3, 4) for word in ("--reference", reference(home, seed))]
    asked = ("instruct", saved(home), "--prompt", "a boat", *files, "-o", home / "out.png")
    assert "FLUX.2 klein takes at most 3" in refused(*asked)
