"""What edits by models refuse, over HTTP: before work begins, naming the field and the remedy; the engine goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from inlay.catalogue.installed import Catalogue
from inlay.config import Folders
from inlay.pipelines.roster import Roster
from inlay.pipelines.shelf import Shelf

from tests.engine.conftest import Client, engines_over
from tests.engine.pipelines import tiny
from tests.engine.pipelines.conftest import picture

CANVAS = {"width": 88, "height": 72, "model": "RGBA", "depth": "U8", "profile": ""}
BOX = {"x": 30, "y": 20, "width": 31, "height": 25}
REPLACE = {"kind": "replace", "model": "tiny-inpaint", "prompt": "a boat", "num_inference_steps": 2}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    """An inpainting model, and one whose U-Net was cut when it was copied."""
    home = tmp_path_factory.mktemp("models")
    folders = Folders(*(home / name for name in ("run", "data", "cache", "log")))
    tiny.save(folders.data / "models" / "tiny-inpaint", 9)
    broken = next((tiny.save(folders.data / "models" / "tiny-broken", 9) / "unet").glob("*.safetensors"))
    broken.write_bytes(broken.read_bytes()[:-1000])
    return folders


@pytest.fixture(scope="module")
def painting(models: Folders, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    catalogue = Catalogue(models)
    with engines_over(tmp_path_factory.mktemp("inlay")) as start:
        yield start(roster=Roster(catalogue.installed, Shelf(), catalogue.adapters)).client


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client of an engine without any model."""
    with engines_over(tmp_path_factory.mktemp("bare")) as start:
        yield start(roster=Roster()).client


def request(client: Client, edit: dict[str, Any], value: int = 255) -> dict[str, Any]:
    mask = np.zeros((72, 88), np.uint8)
    mask[20:45, 30:61] = value
    return {
        "edit": edit,
        "canvas": CANVAS,
        "selection": BOX,
        "image": client.upload("RGBA", "U8", picture()),
        "mask": client.upload("MASK", "U8", mask),
    }


def refused(client: Client, edit: dict[str, Any], value: int = 255) -> dict[str, Any]:
    """The error of an edit that is refused at once, or of its job."""
    status, answer = client.ask("POST", "/edits", request(client, edit, value))
    if status == 202:
        answer = client.finished(answer["id"])
        assert (answer["state"], answer["result"]) == ("failed", None)
    else:
        assert 400 <= status < 500, answer
    error: dict[str, Any] = answer["error"]
    assert error["message"] and error["remedy"]
    return error


@pytest.mark.parametrize(
    ("kind", "offer"),
    [
        ("replace", "sdxl-inpaint"),
        ("restyle", "sdxl"),
        ("instruct", "instruct-pix2pix"),
        ("background", "sdxl-inpaint"),
    ],
)
def test_without_models_an_edit_says_which_would_do_it_and_its_size(bare: Client, kind: str, offer: str) -> None:
    error = refused(bare, {"kind": kind, "prompt": "a boat"})
    assert (error["code"], error["field"]) == ("no_model", "edit.model")
    assert offer in error["remedy"] and "GB" in error["remedy"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"prompt": ""}, "edit.prompt"),
        ({"prompt": "  "}, "edit.prompt"),
        ({"strength": 0.3}, "edit.strength"),  # of two steps: less than one
        ({"strength": 1.5}, "edit.strength"),
        ({"strength": -0.1}, "edit.strength"),
        ({"guidance_scale": 0.5}, "edit.guidance_scale"),
        ({"guidance_scale": 31}, "edit.guidance_scale"),
        ({"guidance_scale": 1000}, "edit.guidance_scale"),
        ({"num_inference_steps": 151}, "edit.num_inference_steps"),
        ({"num_inference_steps": 0.5}, "edit.num_inference_steps"),
        ({"scheduler": "nonsense"}, "edit.scheduler"),
        ({"model": "nothing"}, "edit.model"),
        ({"model": "../../etc"}, "edit.model"),
        ({"model": "builtin"}, "edit.model"),
        ({"family": "blended"}, "edit.model"),
        ({"control": "sketch"}, "edit.control"),
        ({"control": "pose"}, "edit.control"),
        ({"prompt": "a boat <lora:nowhere:1>"}, "edit.prompt"),
        ({"prompt": "x" * 5000}, "edit.prompt"),
        ({"cfg_scale": 7}, "edit.cfg_scale"),
        ({"model": "tiny-broken"}, "edit.model"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_a_model_does_not_take(painting: Client, changes: dict[str, Any], field: str) -> None:
    assert refused(painting, REPLACE | changes)["field"] == field


def test_a_mask_of_zeros(painting: Client) -> None:
    error = refused(painting, REPLACE, value=0)
    assert (error["code"], error["field"]) == ("mask_empty", "mask")


def test_after_all_that_the_next_edit_is_done(painting: Client) -> None:
    _, job = painting.ask("POST", "/edits", request(painting, REPLACE))
    assert painting.finished(job["id"])["state"] == "done"


def test_a_model_that_is_moved_away_between_two_edits(painting: Client, models: Folders, tmp_path: Path) -> None:
    """It is in memory still, and what is in memory does its work."""
    place = models.data / "models" / "tiny-inpaint"
    painting.ask("POST", "/edits", request(painting, REPLACE))
    place.rename(tmp_path / "elsewhere")
    try:
        status, job = painting.ask("POST", "/edits", request(painting, REPLACE | {"seed": 5}))
        ended = painting.finished(job["id"])
        assert status == 202 and ended["state"] == "done"
    finally:
        (tmp_path / "elsewhere").rename(place)
