"""One edit, start to end, over HTTP; and what is refused before work begins."""

import dataclasses

import numpy as np
import pytest
from inlay.edits.remove import RemoveEdit
from inlay.jobs.journal import Journal
from inlay.jobs.states import JobError


def test_remove_gives_pixels_and_mask_in_the_selections_box(client):
    status, job = client.ask("POST", "/edits", client.removal(label="a fly"))
    assert (status, job["state"], job["kind"], job["label"]) == (202, "queued", "remove", "a fly")
    job = client.finished(job["id"])
    assert (job["state"], job["progress"], job["error"]) == ("done", 1.0, None)
    result = job["result"]
    assert result["box"] == {"x": 20, "y": 10, "width": 4, "height": 4}
    assert client.download(result["mask"]) == b"\xff" * 16
    pixels = np.frombuffer(client.download(result["pixels"]), np.uint8).reshape(4, 4, 4)
    assert (pixels == pixels[0, 0]).all()
    assert abs(pixels.astype(int) - 127).max() < 10
    recipe = result["recipe"]
    assert recipe["edit"] == {"kind": "remove"} | dataclasses.asdict(RemoveEdit()) | {"variations": []}
    assert recipe["plan"] == job["plan"]
    assert recipe["selection"] == {"x": 20, "y": 10, "width": 4, "height": 4}
    assert (recipe["model"], recipe["model_version"], recipe["canvas"]["width"]) == ("mean", "portable", 64)


def test_extend_gives_the_new_area_alone(client):
    canvas = {"width": 64, "height": 48, "model": "GRAYA", "depth": "U16", "profile": ""}
    request = {"edit": {"kind": "extend", "right_px": 10}, "canvas": canvas, "selection": None, "mask": None}
    pixels = np.full((48, 64, 2), 777, np.uint16)
    _, job = client.ask("POST", "/edits", request | {"image": client.upload("GRAYA", "U16", pixels)})
    result = client.finished(job["id"])["result"]
    assert result["box"] == {"x": 64, "y": 0, "width": 10, "height": 48}
    assert client.download(result["mask"]) == b"\xff" * 480
    assert set(np.frombuffer(client.download(result["pixels"]), np.uint16)) == {777}


def refused(client, request):
    """The error of a request that is refused at once, or of its job, which must fail before work begins."""
    status, answer = client.ask("POST", "/edits", request)
    if status == 202:
        job = client.finished(answer["id"])
        assert (job["state"], job["result"]) == ("failed", None)
        answer = job
    else:
        assert 400 <= status < 500
    assert answer["error"]["remedy"]
    return answer["error"]["code"], answer["error"]["field"]


def pixels_of(value, dtype=np.uint8, height=48, width=64, channels=4):
    return np.full((height, width, channels), value, dtype)


def test_an_image_that_was_never_uploaded(client):
    assert refused(client, client.removal(image="0" * 64)) == ("image_missing", "image")
    assert refused(client, client.removal(mask="0" * 64)) == ("image_missing", "mask")


def test_a_digest_that_is_none(client):
    assert refused(client, client.removal(image="../../etc/passwd")) == ("invalid", "image")
    assert refused(client, client.removal(image=None)) == ("invalid", "image")


def test_images_of_another_size(client):
    image = client.upload("RGBA", "U8", pixels_of(1, width=63))
    mask = client.upload("MASK", "U8", pixels_of(255, height=47, channels=1))
    assert refused(client, client.removal(image=image)) == ("image_size", "image")
    assert refused(client, client.removal(mask=mask)) == ("mask_size", "mask")


def test_images_of_another_format(client):
    image = client.upload("RGBA", "U16", pixels_of(1, np.uint16))
    assert refused(client, client.removal(image=image)) == ("image_format", "image")
    removal = client.removal()
    assert refused(client, removal | {"mask": removal["image"]}) == ("mask_format", "mask")


def test_a_mask_that_is_missing_or_not_asked_for(client):
    removal = client.removal()
    assert refused(client, removal | {"mask": None}) == ("mask_missing", "mask")
    extension = removal | {"edit": {"kind": "extend", "left_px": 3}, "selection": None}
    assert refused(client, extension) == ("mask_unused", "mask")


def test_a_mask_that_is_empty_or_full(client):
    mask = client.upload("MASK", "U8", pixels_of(0, channels=1))
    assert refused(client, client.removal(mask=mask)) == ("mask_empty", "mask")
    full = client.upload("MASK", "U8", pixels_of(255, channels=1))
    everything = {"x": 0, "y": 0, "width": 64, "height": 48}
    assert refused(client, client.removal(mask=full, selection=everything)) == ("nothing_known", "mask")


def test_a_mask_that_reaches_beyond_the_selection_that_was_said(client):
    full = pixels_of(0, channels=1)
    full[5, 5] = 1
    assert refused(client, client.removal(mask=client.upload("MASK", "U8", full))) == ("mask_bounds", "mask")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(("depth", "dtype"), [("F16", np.float16), ("F32", np.float32)])
def test_pixels_that_are_not_finite(client, value, depth, dtype):
    pixels = pixels_of(0.5, dtype)
    pixels[40, 3, 1] = value
    canvas = {"width": 64, "height": 48, "model": "RGBA", "depth": depth, "profile": ""}
    request = client.removal(canvas=canvas, image=client.upload("RGBA", depth, pixels))
    assert refused(client, request) == ("not_finite", "image")


def test_nan_under_the_mask_is_what_the_user_wants_gone(client):
    pixels = pixels_of(0.5, np.float32)
    pixels[11, 21] = np.nan
    canvas = {"width": 64, "height": 48, "model": "RGBA", "depth": "F32", "profile": ""}
    request = client.removal(canvas=canvas, image=client.upload("RGBA", "F32", pixels))
    result = client.finished(client.ask("POST", "/edits", request)[1]["id"])["result"]
    assert set(np.frombuffer(client.download(result["pixels"]), np.float32)) == {0.5}


def test_unknown_fields(client):
    assert refused(client, client.removal(colour="red")) == ("invalid", "colour")
    assert refused(client, client.removal(label="x" * 500)) == ("invalid", "label")


def test_a_disk_that_does_not_take_the_job_is_named_and_no_job_is_left(engine, monkeypatch):
    def refuse(self, job):
        raise JobError("disk_full", "The disk is full.", remedy="Free some space.")

    removal = engine.client.removal()
    with monkeypatch.context() as full:
        full.setattr(Journal, "save", refuse)
        status, answer = engine.client.ask("POST", "/edits", removal)
    assert (status, answer["error"]["code"]) == (507, "disk_full")
    assert engine.client.ask("GET", "/jobs")[1] == {"jobs": []}
    assert engine.client.ask("POST", "/edits", removal)[0] == 202
