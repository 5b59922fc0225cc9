"""References over HTTP: pictures beside the one that is edited, for families that look at several."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from inlay.catalogue.installed import Catalogue
from inlay.config import Folders
from inlay.pipelines.roster import Roster
from inlay.pipelines.shelf import Shelf

from tests.engine.conftest import Client, engines_over
from tests.engine.pipelines import tiny, tiny_transformers
from tests.engine.pipelines.conftest import picture

WIDTH, HEIGHT = 88, 72
CANVAS = {"width": WIDTH, "height": HEIGHT, "model": "RGBA", "depth": "U8", "profile": ""}
BOX = {"x": 4, "y": 2, "width": 64, "height": 48}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    home = tmp_path_factory.mktemp("references")
    folders = Folders(*(home / name for name in ("run", "data", "cache", "log")))
    models = folders.data / "models"
    tiny_transformers.save(models / "tiny-klein", "tiny-klein")
    tiny.save(models / "tiny-pix2pix", 8)
    catalogue = Catalogue(folders)
    with engines_over(tmp_path_factory.mktemp("inlay")) as start:
        yield start(roster=Roster(catalogue.installed, Shelf(), catalogue.adapters)).client


def asked(client: Client, *seeds: int, model: str = "tiny-klein", **more: Any) -> dict[str, Any]:
    """The whole picture is to be changed; a reference for each seed."""
    edit = {"kind": "instruct", "prompt": "a boat", "num_inference_steps": 2, "model": model, "references": len(seeds)}
    return {
        "edit": edit,
        "canvas": CANVAS,
        "selection": None,
        "image": client.upload("RGBA", "U8", picture()),
        "mask": None,
        "references": [{"image": client.upload("RGBA", "U8", picture(48, 64, seed)), "box": BOX} for seed in seeds],
        **more,
    }


def result(client: Client, request: dict[str, Any]) -> dict[str, Any]:
    status, job = client.ask("POST", "/edits", request)
    assert status == 202
    return client.finished(job["id"])["result"]


def test_the_models_say_how_many_they_take(client: Client) -> None:
    _, told = client.ask("GET", "/models")
    takes = {use["family"]: use["references"] for model in told["models"] for use in model["uses"]}
    assert (takes["flux2-klein"], takes["flux2-klein-inpaint"], takes["instruct-pix2pix"]) == (3, 1, 0)


def test_a_reference_is_looked_at_and_stands_in_the_recipe(client: Client) -> None:
    none, one, other = (result(client, asked(client, *seeds)) for seeds in ((), (8,), (9,)))
    assert len({none["pixels"], one["pixels"], other["pixels"]}) == 3
    request = asked(client, 8)
    assert one["recipe"]["references"] == request["references"]
    assert one["recipe"]["edit"]["references"] == 1
    assert result(client, request)["pixels"] == one["pixels"]


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"references": []}, "references_count", "references"),
        ({"references": [{"image": "0" * 64, "box": BOX}]}, "image_missing", "references.0"),
    ],
)
def test_what_is_not_as_told_is_refused(client: Client, change: dict[str, Any], code: str, field: str) -> None:
    _, answer = client.ask("POST", "/edits", asked(client, 8, **change))
    assert (answer["error"]["code"], answer["error"]["field"]) == (code, field)


def test_one_of_another_size_than_its_box_is_refused(client: Client) -> None:
    request = asked(client, 8)
    request["references"][0]["box"] = {**BOX, "width": 65}
    status, answer = client.ask("POST", "/edits", request)
    assert (status, answer["error"]["code"]) == (400, "references.0_size")


@pytest.mark.parametrize("model", ["tiny-pix2pix", "tiny-klein"])
def test_more_than_a_family_takes_are_refused_by_field(client: Client, model: str) -> None:
    seeds = (1, 2, 3, 4) if model == "tiny-klein" else (1,)
    status, answer = client.ask("POST", "/plan", {name: asked(client, *seeds, model=model)[name] for name in PLANNED})
    assert (status, answer["error"]["field"]) == (400, "edit.references")
    assert ("at most 3" if model == "tiny-klein" else "takes none") in answer["error"]["message"]


PLANNED = ("edit", "canvas", "selection")


def test_the_built_in_fill_takes_none(client: Client) -> None:
    edit = {"kind": "remove", "model": "builtin", "references": 1}
    status, answer = client.ask("POST", "/plan", {"edit": edit, "canvas": CANVAS, "selection": BOX})
    assert (status, answer["error"]["field"]) == (400, "edit.references")
