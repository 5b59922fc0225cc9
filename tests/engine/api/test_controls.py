"""`POST /controls` over HTTP: what would be kept is seen, can be sent back as it is, and is refused in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from inlay.catalogue.installed import Catalogue
from inlay.config import Folders
from inlay.pipelines.roster import Roster
from inlay.pipelines.shelf import Shelf

from tests.engine.conftest import Client, engines_over
from tests.engine.pipelines import tiny, tiny_control
from tests.engine.pipelines.conftest import picture

WIDTH, HEIGHT = 88, 72
CANVAS = {"width": WIDTH, "height": HEIGHT, "model": "RGBA", "depth": "U8", "profile": ""}
BOX = {"x": 20, "y": 16, "width": 40, "height": 40}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    home = tmp_path_factory.mktemp("controls")
    folders = Folders(*(home / name for name in ("run", "data", "cache", "log")))
    models = folders.data / "models"
    tiny.save(models / "tiny-sd-plain", 4)
    for what in ("pose", "depth", "lines"):
        tiny_control.save_net(models / f"controlnet-{what}-tiny", models / "tiny-sd-plain")
    tiny_control.save_depth(models / "depth-reader")
    catalogue = Catalogue(folders)
    with engines_over(tmp_path_factory.mktemp("inlay")) as start:
        yield start(roster=Roster(catalogue.installed, Shelf(), catalogue.adapters)).client


def framed() -> np.ndarray:
    """A picture with a dark frame in it."""
    pixels = picture()
    pixels[10:60, 14:18, :3] = pixels[10:14, 14:50, :3] = 20
    return pixels


def asked(client: Client, control: str, pixels: np.ndarray, **more: Any) -> dict[str, Any]:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[16:56, 20:60] = 255
    return {
        "edit": {"kind": "replace", "prompt": "a boat", "control": control, "num_inference_steps": 4},
        "canvas": CANVAS,
        "selection": BOX,
        "image": client.upload("RGBA", "U8", pixels),
        "mask": client.upload("MASK", "U8", mask),
        **more,
    }


@pytest.mark.parametrize("control", ["lines", "depth"])
def test_what_would_be_kept_is_a_picture_of_the_window(client: Client, control: str) -> None:
    status, answer = client.ask("POST", "/controls", asked(client, control, framed()))
    assert status == 200
    assert answer["box"] == {"x": 0, "y": 0, "width": WIDTH, "height": HEIGHT}
    seen = np.frombuffer(client.download(answer["image"]), np.uint8).reshape(HEIGHT, WIDTH, 4)
    assert (seen[..., 3] == 255).all()
    assert np.ptp(seen[..., :3]) > 100
    assert np.ptp(seen[..., :3].astype(int), axis=2).max() <= 1  # grey


def test_the_same_picture_sent_back_gives_nearly_the_same_result(client: Client) -> None:
    """What is read and what is sent go the same way: the one may be corrected in place of the other."""
    request = asked(client, "lines", framed())
    _, answer = client.ask("POST", "/controls", request)
    turned = framed()[::-1, ::-1]
    read, sent, other = (
        client.finished(client.ask("POST", "/edits", request | more)[1]["id"])["result"]
        for more in (
            {},
            {"control_image": answer["image"]},
            {"control_image": client.upload("RGBA", "U8", turned)},
        )
    )

    def pixels(result: dict[str, Any]) -> np.ndarray:
        return np.frombuffer(client.download(result["pixels"]), np.uint8).astype(int)

    near = np.abs(pixels(sent) - pixels(read)).mean()
    assert near < 0.5 * np.abs(pixels(other) - pixels(read)).mean()
    assert sent["recipe"]["control_image"] == answer["image"]


@pytest.mark.parametrize(
    ("control", "code", "field"),
    [
        ("", "no_control", "edit.control"),
        ("sketch", "control", "edit.control"),
        ("pose", "no_estimator", "control_image"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(client: Client, control: str, code: str, field: str) -> None:
    status, answer = client.ask("POST", "/controls", asked(client, control, picture()))
    assert (status, answer["error"]["code"], answer["error"]["field"]) == (400, code, field)
    assert answer["error"]["remedy"]


def test_a_drawing_of_another_size_is_refused(client: Client) -> None:
    small = client.upload("RGBA", "U8", picture()[:40])
    status, answer = client.ask("POST", "/edits", asked(client, "pose", picture(), control_image=small))
    assert (status, answer["error"]["code"]) == (400, "control_image_size")
