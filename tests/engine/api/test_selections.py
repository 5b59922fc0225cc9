"""A shadow outside the selection is offered over HTTP, and nothing is offered where there is none."""

import numpy as np
import pytest

HEIGHT, WIDTH = 160, 200
CANVAS = {"width": 1000, "height": 800, "model": "RGBA", "depth": "U8", "profile": ""}
BOX = {"x": 300, "y": 200, "width": WIDTH, "height": HEIGHT}


def scene(is_shaded):
    """Sand with a red post on it, BGRA, and the post's mask."""
    rng = np.random.default_rng(0)
    pixels = np.full((HEIGHT, WIDTH, 4), 255, np.uint8)
    pixels[..., :3] = np.clip(np.array([110, 140, 160]) + rng.normal(0, 4, (HEIGHT, WIDTH, 3)), 0, 255)
    if is_shaded:
        pixels[94:106, 100:170, :3] //= 2
    pixels[40:110, 80:100, :3] = (20, 20, 200)
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[40:110, 80:100] = 255
    return pixels, mask


def request_for(client, pixels, mask):
    return {
        "kind": "shadow",
        "image": client.upload("RGBA", "U8", pixels),
        "mask": client.upload("MASK", "U8", mask),
        "canvas": CANVAS,
        "box": BOX,
    }


def test_a_shadow_is_offered_with_its_place_on_the_canvas(client):
    status, answer = client.ask("POST", "/selections", request_for(client, *scene(is_shaded=True)))
    assert status == 200
    found = answer["addition"]
    assert found["kind"] == "shadow"
    assert 0 < found["confidence"] <= 1
    assert found["why"].endswith(".")
    box = found["box"]
    assert abs(box["x"] - 400) < 8 and abs(box["y"] - 294) < 8
    assert abs(box["width"] - 70) < 12 and abs(box["height"] - 12) < 12
    addition = np.frombuffer(client.download(found["mask"]), np.uint8)
    assert addition.size == box["width"] * box["height"]
    assert set(addition) <= {0, 255}


def test_no_shadow_no_offer(client):
    status, answer = client.ask("POST", "/selections", request_for(client, *scene(is_shaded=False)))
    assert (status, answer) == (200, {"addition": None})


BAD = [
    ({"image": "0" * 64}, "image"),
    ({"mask": "0" * 64}, "mask"),
    ({"mask": None}, "mask"),
    ({"kind": "sky"}, "kind"),
    ({"box": BOX | {"width": 10}}, "box"),
    ({"canvas": CANVAS | {"depth": "U16"}}, "image"),
]


@pytest.mark.parametrize(("change", "field"), BAD)
def test_what_does_not_fit_is_refused(client, change, field):
    status, answer = client.ask("POST", "/selections", request_for(client, *scene(is_shaded=True)) | change)
    assert 400 <= status < 500
    assert answer["error"]["field"] == field
    assert answer["error"]["remedy"]


def test_a_mask_of_another_size_is_refused(client):
    pixels, mask = scene(is_shaded=True)
    status, answer = client.ask("POST", "/selections", request_for(client, pixels, mask[:-1]))
    assert (status, answer["error"]["field"]) == (400, "mask")
