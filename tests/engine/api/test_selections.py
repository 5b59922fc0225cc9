"""Selections over HTTP: what is pointed at, by the segmenter that needs no model; and shadows that are offered."""

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


def pointed(client, pixels, **how):
    return {"kind": "object", "image": client.upload("RGBA", "U8", pixels), "canvas": CANVAS, "box": BOX} | how


def at(x, y, is_on=True):
    """A point of the scene, on the canvas."""
    return {"x": x + BOX["x"], "y": y + BOX["y"], "is_on": is_on}


POST = {"x": BOX["x"] + 80, "y": BOX["y"] + 40, "width": 20, "height": 70}  # where the post is, on the canvas


def coverage(client, found):
    """The whole scene's selection, 0 to 1."""
    box = found["box"]
    whole = np.zeros((HEIGHT, WIDTH))
    left, top = box["x"] - BOX["x"], box["y"] - BOX["y"]
    mask = np.frombuffer(client.download(found["mask"]), np.uint8).reshape(box["height"], box["width"])
    whole[top : top + box["height"], left : left + box["width"]] = mask / 255
    return whole


def overlap(client, found, truth):
    whole, truth = coverage(client, found), truth / 255
    return np.minimum(whole, truth).sum() / np.maximum(whole, truth).sum()


WAYS = [
    {"points": [at(90, 80)]},
    {"points": [at(90, 80), at(20, 20, is_on=False)]},
    {"boxes": [{"x": 374, "y": 234, "width": 32, "height": 82}]},
    {},
]


@pytest.mark.parametrize("way", WAYS, ids=["click", "clicks", "box", "subject"])
def test_the_post_is_found(client, way):
    pixels, mask = scene(is_shaded=False)
    status, answer = client.ask("POST", "/selections", pointed(client, pixels, **way))
    assert status == 200, answer
    assert answer["model"] == "grabcut" and answer["why"].endswith(".")
    assert overlap(client, answer["selection"], mask) > 0.9
    assert 0 <= answer["selection"]["score"] <= 1
    for other in answer["alternatives"]:
        assert client.download(other["mask"])


def test_a_rough_selection_becomes_tight(client):
    pixels, mask = scene(is_shaded=False)
    rough = np.zeros_like(mask)
    rough[30:122, 68:110] = 255
    status, answer = client.ask(
        "POST", "/selections", pointed(client, pixels, rough=client.upload("MASK", "U8", rough))
    )
    assert status == 200, answer
    assert overlap(client, answer["selection"], mask) > 0.9


def test_the_same_request_gives_the_same_mask(client):
    pixels, _ = scene(is_shaded=True)
    request = pointed(client, pixels, points=[at(90, 80)])
    assert client.ask("POST", "/selections", request) == client.ask("POST", "/selections", request)


def test_grow_and_feather(client):
    pixels, _ = scene(is_shaded=False)
    plain = client.ask("POST", "/selections", pointed(client, pixels, points=[at(90, 80)]))[1]["selection"]
    wide = client.ask("POST", "/selections", pointed(client, pixels, points=[at(90, 80)], grow_px=10, feather_px=6))
    found = wide[1]["selection"]
    assert coverage(client, found).sum() > coverage(client, plain).sum() * 1.3
    assert found["box"]["x"] < plain["box"]["x"]


def test_ready_is_answered_with_who_looks(client):
    pixels, _ = scene(is_shaded=False)
    scenery = {"image": client.upload("RGBA", "U8", pixels), "canvas": CANVAS, "box": BOX}
    status, answer = client.ask("POST", "/selections/ready", scenery)
    assert (status, answer["model"]) == (200, "grabcut") and answer["seconds"] >= 0


BAD_POINTING = [
    ({"points": [at(900, 10)]}, 400, "outside", "points"),
    ({"boxes": [{"x": 0, "y": 0, "width": 9, "height": 9}]}, 400, "outside", "boxes"),
    ({"points": [at(90, 80), at(90, 80, is_on=False)]}, 400, "contradiction", "points"),
    ({"words": "the post"}, 400, "no_finder", "words"),
    ({"model": "no-such"}, 404, "no_model", "model"),
    ({"points": [{"x": 1.5, "y": 2, "is_on": True}]}, 422, "invalid", "points.0.x"),
    ({"points": [at(90, 80)] * 65}, 422, "invalid", "points"),
    ({"grow_px": 257}, 422, "invalid", "grow_px"),
    ({"rough": "0" * 64}, 404, "image_missing", "rough"),
    ({"box": BOX | {"height": 3}}, 400, "box_size", "box"),
    ({"colour": "red"}, 422, "invalid", "colour"),
]


@pytest.mark.parametrize(("way", "wanted", "code", "field"), BAD_POINTING)
def test_what_cannot_be_meant_is_refused(client, way, wanted, code, field):
    pixels, _ = scene(is_shaded=False)
    status, answer = client.ask("POST", "/selections", pointed(client, pixels, **way))
    assert (status, answer["error"]["code"], answer["error"]["field"]) == (wanted, code, field)
    assert answer["error"]["message"].endswith((".", "…")) and answer["error"]["remedy"].endswith(".")


def test_an_empty_rough_selection_and_one_colour(client):
    pixels, mask = scene(is_shaded=False)
    empty = client.upload("MASK", "U8", np.zeros_like(mask))
    status, answer = client.ask("POST", "/selections", pointed(client, pixels, rough=empty))
    assert (status, answer["error"]["code"]) == (400, "rough_empty")
    pixels[..., :3] = 77
    status, answer = client.ask("POST", "/selections", pointed(client, pixels, points=[at(90, 80)]))
    assert (status, answer["error"]["code"]) == (400, "one_colour")
