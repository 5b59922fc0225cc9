"""A caption of what surrounds the selection, over HTTP, from a tiny real captioner."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from inlay.catalogue.installed import Catalogue
from inlay.config import Folders
from inlay.edits.describing import with_surroundings
from inlay.pipelines.roster import Roster
from inlay.pipelines.shelf import Shelf

from tests.engine.conftest import Client, engines_over
from tests.engine.pipelines import tiny, tiny_captioner
from tests.engine.pipelines.conftest import picture

CANVAS = {"width": 88, "height": 72, "model": "RGBA", "depth": "U8", "profile": ""}


@pytest.fixture(scope="module")
def captioning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    home = tmp_path_factory.mktemp("captioning")
    folders = Folders(*(home / name for name in ("run", "data", "cache", "log")))
    tiny.save(folders.data / "models" / "tiny-sd-inpaint", 9)
    tiny_captioner.save(folders.data / "models" / "captioner")
    catalogue = Catalogue(folders)
    with engines_over(tmp_path_factory.mktemp("inlay")) as start:
        yield start(roster=Roster(catalogue.installed, Shelf(), catalogue.adapters)).client


def asked(client: Client, pixels: np.ndarray, mask: np.ndarray | None = None) -> tuple[int, dict[str, Any]]:
    return client.ask(
        "POST",
        "/captions",
        {
            "image": client.upload("RGBA", "U8", pixels),
            "mask": None if mask is None else client.upload("MASK", "U8", mask),
            "canvas": CANVAS,
        },
    )


def test_a_picture_is_put_into_the_captioners_words(captioning: Client) -> None:
    status, answer = asked(captioning, picture())
    assert status == 200
    assert answer["caption"] and set(answer["caption"].split()) <= set(tiny_captioner.WORDS)


def test_what_is_selected_is_not_described(captioning: Client) -> None:
    mask = np.zeros((72, 88), np.uint8)
    mask[20:60, 20:70] = 255
    one, other = picture(), picture()
    other[mask > 0] = (0, 0, 255, 255)
    assert asked(captioning, one, mask) == asked(captioning, other, mask)


def test_wrong_images_are_refused(captioning: Client) -> None:
    status, answer = asked(captioning, picture(), np.zeros((9, 9), np.uint8))
    assert (status, answer["error"]["code"], answer["error"]["field"]) == (400, "mask_size", "mask")
    request = {"image": "0" * 64, "mask": None, "canvas": CANVAS}
    status, answer = captioning.ask("POST", "/captions", request)
    assert (status >= 400, answer["error"]["code"]) == (True, "image_missing")


def test_without_a_captioner_it_says_how_to_get_one(client: Client) -> None:
    status, answer = asked(client, picture())
    assert status >= 400 and answer["error"]["code"] == "no_captioner"
    assert "inlay models install captioner" in answer["error"]["remedy"]


def test_the_new_thing_comes_first(tmp_path: Path) -> None:
    assert with_surroundings(" a red boat ", "a lake") == "a red boat, a lake"
    assert with_surroundings("", "a lake") == "a lake"
