"""Every family of models, over HTTP: planned, run on a tiny real model, and nothing changed outside the selection."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit, pipeline_qwenimage_edit_plus
from inlay.catalogue.installed import Catalogue
from inlay.config import Folders
from inlay.edits.edit import Need, kinds
from inlay.pipelines.roster import Roster
from inlay.pipelines.shelf import Shelf

from tests.engine.conftest import Client, engines_over
from tests.engine.pipelines.conftest import picture
from tests.engine.pipelines.every import WAYS, save_every

NATIVE_PX = 64
STEPS = 3
CANVAS = {"width": 88, "height": 72, "model": "RGBA", "depth": "U8", "profile": ""}
BOX = {"x": 30, "y": 20, "width": 31, "height": 25}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny model of every kind."""
    home = tmp_path_factory.mktemp("every")
    save_every(home / "data" / "models")
    return home


@pytest.fixture(scope="module")
def client(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client of an engine that has them all."""
    catalogue = Catalogue(Folders(*(models / name for name in ("run", "data", "cache", "log"))))
    small = [replace(one, description=replace(one.description, native_px=NATIVE_PX)) for one in catalogue.installed()]
    with pytest.MonkeyPatch.context() as patched, engines_over(tmp_path_factory.mktemp("inlay")) as start:
        patched.setenv("INLAY_DTYPE", "float32")
        for module in (pipeline_qwenimage_edit, pipeline_qwenimage_edit_plus):  # a million pixels, else
            whole = module.calculate_dimensions
            patched.setattr(
                module, "calculate_dimensions", lambda area, aspect, whole=whole: whole(NATIVE_PX**2, aspect)
            )
        yield start(roster=Roster(lambda: small, Shelf(), catalogue.adapters)).client


def asked(family: str, kind: str) -> dict[str, Any]:
    """An edit's fields."""
    edit: dict[str, Any] = {"kind": kind, "family": family, "num_inference_steps": STEPS}
    if kind == "extend":
        return edit | {"right_px": 16, "bottom_px": 9}
    edit["prompt"] = "a red boat"
    edit["variations"] = [[5, 0.25], [6, 0.5]]
    if family == "prompt-to-prompt":
        edit["source_prompt"] = "a boat"
    if family == "controlnet":
        edit["control"] = "depth"
    return edit


@pytest.mark.parametrize(("family", "kind"), WAYS, ids=[f"{family}-{kind}" for family, kind in WAYS])
def test_a_row_of_the_table(client: Client, family: str, kind: str) -> None:
    pixels = picture()
    mask = np.zeros((72, 88), np.uint8)
    mask[20:45, 30:61] = 255
    takes_selection = kinds()[kind].selection is not Need.NEVER
    request = {
        "edit": asked(family, kind),
        "canvas": CANVAS,
        "selection": BOX if takes_selection else None,
    }
    status, plan = client.ask("POST", "/plan", request)
    assert (status, plan.get("family")) == (200, family), plan
    assert plan["settings"]["num_inference_steps"] == STEPS and plan["checklist"] and plan["why"]
    read = plan["read_box"]
    part = np.s_[read["y"] : read["y"] + read["height"], read["x"] : read["x"] + read["width"]]
    status, job = client.ask(
        "POST",
        "/edits",
        request
        | {
            "image": client.upload("RGBA", "U8", np.ascontiguousarray(pixels[part])),
            "mask": client.upload("MASK", "U8", np.ascontiguousarray(mask[part])) if takes_selection else None,
        },
    )
    assert status == 202, job
    events = list(client.events(job["id"]))
    assert any(name == "preview" for _, name, _ in events)
    done = events[-1][2]
    assert done["state"] == "done", done["error"]
    box, recipe = done["result"]["box"], done["result"]["recipe"]
    pasted = np.frombuffer(client.download(done["result"]["mask"]), np.uint8).reshape(box["height"], box["width"])
    painted = np.frombuffer(client.download(done["result"]["pixels"]), np.uint8)
    painted = painted.reshape(box["height"], box["width"], 4)
    if takes_selection:
        assert box == BOX and (pasted == 255).all()
        assert (painted != pixels[20:45, 30:61]).any()
    else:
        assert (box["width"], box["height"]) == (88 + 16, 72 + 9)
        assert (pasted[:72, :88] == 0).all() and (pasted[72:] == 255).all() and (pasted[:, 88:] == 255).all()
    assert recipe["checks"]["outside"] == 0 and recipe["checks"]["seam"] >= 0
    assert recipe["family"] == family and recipe["model"] == plan["model"]


def test_models_tell_what_they_can(client: Client) -> None:
    """Every installed model is listed with what its families do together."""
    _, answer = client.ask("GET", "/models")
    installed = {one["id"]: one for one in answer["models"] if one["state"] == "installed"}
    assert {"replace", "restyle", "remove", "instruct"} <= set(installed["tiny-sd-plain"]["edits"])
    assert set(installed["tiny-sd-inpaint"]["edits"]) >= {"replace", "remove", "extend"}
