"""Both halves of the contract hold the same names and values."""

from __future__ import annotations

import dataclasses

import pytest
from inlay import wire as engine_wire
from inlay.edits.edit import kinds
from inlay.edits.remove import RemoveEdit
from inlay.jobs.store import ImageInfo
from inlay.pixels.formats import Depth, Model, PixelFormat
from inlay_krita import settings, wire
from inlay_krita.client import Engine


def names(kind: type) -> set[str]:
    return {field.name for field in dataclasses.fields(kind)}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (wire.Box, engine_wire.Box),
        (wire.CanvasInfo, engine_wire.Canvas),
        (wire.Plan, engine_wire.Plan),
        (wire.Result, engine_wire.Result),
        (wire.Job, engine_wire.Job),
        (wire.Turn, engine_wire.Turn),
        (wire.Addition, engine_wire.Addition),
        (wire.Point, engine_wire.Point),
        (wire.Selected, engine_wire.Selected),
        (wire.Selection, engine_wire.Selection),
        (wire.InstalledAdapter, engine_wire.Adapter),
    ],
)
def test_fields(ours: type, theirs: type) -> None:
    assert names(ours) == set(theirs.model_fields)


@pytest.mark.parametrize(("kind", "theirs"), kinds().items())
def test_edits(kind: str, theirs: type) -> None:
    ours = wire.EDITS[kind]
    assert names(ours) == names(theirs) | {"kind"}
    assert ours().kind == kind


def test_requests_are_accepted() -> None:
    edit = wire.RemoveEdit(seed=7, grow_px=settings.MAX_WIDTH_PX, feather_px=settings.MAX_WIDTH_PX)
    planned = wire.plan_request(edit, wire.CanvasInfo(64, 48, "GRAYA", "U16"), wire.Box(1, 2, 3, 4))
    request = engine_wire.EditRequest.model_validate(wire.edit_request(planned, "a" * 64, "b" * 64, "label"))
    assert request.plain().edit == RemoveEdit(7, 256, 256)
    with pytest.raises(ValueError, match="less than or equal to 256"):
        engine_wire.PlanRequest.model_validate(
            wire.plan_request(dataclasses.replace(edit, grow_px=257), wire.CanvasInfo(9, 9, "RGBA", "U8"), None)
        )


def test_selection_requests_are_accepted() -> None:
    canvas, box = wire.CanvasInfo(64, 48, "GRAYA", "U16"), wire.Box(1, 2, 3, 4)
    ready = wire.ready_request("a" * 64, canvas, box, "sam-vit-b")
    assert engine_wire.ReadyRequest.model_validate(ready).model == "sam-vit-b"
    points = [wire.Point(3, 4), wire.Point(9, 9, is_on=False)]
    request = wire.object_request(ready, points, [box], "b" * 64, "the car", 8, 256)
    told = engine_wire.ObjectRequest.model_validate(request)
    asked = told.asked()
    assert told.scene.mask == "b" * 64
    assert [(point.x, point.y, point.is_on) for point in asked.points] == [(3.5, 4.5, True), (9.5, 9.5, False)]
    assert (asked.words, asked.model, asked.grow_px, asked.feather_px) == ("the car", "sam-vit-b", 8, 256)


def test_digest() -> None:
    raw = bytes(range(24))
    info = ImageInfo(PixelFormat(Model.RGBA, Depth.U8), 3, 2)
    assert wire.image_digest("RGBA", "U8", 3, 2, memoryview(raw)) == info.digest(raw)
    assert wire.image_digest("RGBA", "U8", 2, 3, raw) != info.digest(raw)


def test_newer_fields_do_no_harm() -> None:
    box = dataclasses.asdict(wire.Box(0, 0, 1, 1))
    told = dict.fromkeys(names(wire.Plan), 0) | dict.fromkeys(("canvas_box", "crop_box", "read_box", "paste_box"), box)
    assert wire.Plan.from_json({**told, "later": 1}).read_box == wire.Box(0, 0, 1, 1)


def test_an_engine_that_tells_of_no_adapters_has_none() -> None:
    told = {"models": [{"id": "a", "title": "A", "state": "installed", "edits": ["replace"], "uses": []}]}
    stock = wire.Stock.from_json(told)
    assert [model.id for model in stock.models] == ["a"]
    assert (stock.adapters, stock.offered) == ((), ())
    told["adapters"] = [{"name": "gouache", "kind": "lora", "architecture": "sdxl"}]
    assert wire.Stock.from_json(told).adapters == (wire.InstalledAdapter("gouache", "lora", "sdxl"),)


def test_the_engine_tells_what_could_be_installed(engine: Engine) -> None:
    stock = engine.stock()
    assert stock.models == ()
    assert any("replace" in model.edits and model.is_alone and model.size_bytes > 10**9 for model in stock.offered)
