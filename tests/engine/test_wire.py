"""The contract, written three times, says the same: engine, plugin, and docs/protocol.md."""

import dataclasses
import json
import re
from pathlib import Path

import pytest
from inlay import PROTOCOL, wire
from inlay.api.app import ROUTERS
from inlay.api.identity import Identity
from inlay.edits.edit import kinds
from inlay.jobs.events import ENDS
from inlay.jobs.states import State
from inlay.jobs.store import ImageInfo
from inlay.pixels.formats import Depth, Model, PixelFormat
from inlay_krita import wire as plugin

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text("utf-8")


def names_of(value_class):
    return {field.name for field in dataclasses.fields(value_class)}


def documented(start):
    """The quoted names of the JSON object that follows `start` on the page, at its top level."""
    text = PAGE[PAGE.index(start) + len(start) :]
    text = text[text.index("{") :]
    depth, names = 0, set()
    for match in re.finditer(r'[{}\[\]]|"(\w+)"(?=[:,}\s])', text):
        token = match[0]
        if match[1]:
            before = text[: match.start()].rstrip()
            if depth == 1 and before[-1] in "{,":
                names.add(match[1])
        else:
            depth += 1 if token in "{[" else -1
            if depth == 0:
                return names
    raise AssertionError(f"no object after {start}")


def test_both_speak_the_same_version():
    assert plugin.PROTOCOL == PROTOCOL
    assert f"\nVersion {PROTOCOL}." in PAGE


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (wire.Box, plugin.Box),
        (wire.Canvas, plugin.CanvasInfo),
        (wire.Plan, plugin.Plan),
        (wire.Result, plugin.Result),
    ],
)
def test_engine_and_plugin_name_the_same_fields(ours, theirs):
    assert set(ours.model_fields) == names_of(theirs)


@pytest.mark.parametrize("theirs", plugin.EDITS.values())
def test_edits_have_the_same_fields_and_defaults(theirs):
    edit = theirs()
    ours = kinds()[edit.kind]
    assert names_of(theirs) == names_of(ours) | {"kind"}
    assert {name: getattr(edit, name) for name in names_of(ours)} == dataclasses.asdict(ours())


def test_the_plugin_knows_every_edit():
    assert set(plugin.EDITS) == set(kinds())


def test_both_know_when_a_job_has_ended():
    assert set(plugin.ENDED) == ENDS == {state.value for state in State if not state.is_open}


def test_both_give_an_image_the_same_name():
    info = ImageInfo(PixelFormat(Model.RGBA, Depth.U16), 3, 2)
    raw = bytes(range(48))
    assert info.digest(raw) == plugin.image_digest("RGBA", "U16", 3, 2, raw)


def test_a_plan_of_ours_is_read_by_the_plugin(client):
    request = {
        "edit": {"kind": "extend", "left_px": 3},
        "canvas": {"width": 9, "height": 8, "model": "LABA", "depth": "U16", "profile": ""},
        "selection": None,
    }
    _, answer = client.ask("POST", "/plan", request)
    assert dataclasses.asdict(plugin.Plan.from_json(answer)) == answer


@pytest.mark.parametrize(
    ("start", "names"),
    [
        ("`Box`: ", set(wire.Box.model_fields)),
        ("`Canvas`: ", set(wire.Canvas.model_fields)),
        ("`PlanRequest`: ", set(wire.PlanRequest.model_fields)),
        ("`Job`: ", set(wire.Job.model_fields)),
        ("`Model`: ", set(wire.ModelInfo.model_fields)),
        ("`Install`: ", set(wire.Install.model_fields)),
        ("`Selected`: ", set(wire.Selected.model_fields)),
        ("`result` is null or", set(wire.Result.model_fields)),
        ("| `GET /health` | ", set(wire.Health.model_fields)),
        ("readable by its owner alone:", names_of(Identity)),
        ("with an HTTP status of 4xx or 5xx:", {"error"}),
        ('{"error": ', set(wire.Error.model_fields)),
    ],
)
def test_the_page_names_every_field(start, names):
    assert documented(start) == names


@pytest.mark.parametrize(
    "name", [*wire.Plan.model_fields, *{name for kind in kinds().values() for name in names_of(kind)}]
)
def test_the_page_has_a_line_for_every_field_of_plans_and_edits(name):
    assert re.search(rf"^\| .*`{name}`.* \|$", PAGE, re.MULTILINE)


def test_the_page_names_every_route():
    ours = {f"{method} {route.path}" for router in ROUTERS for route in router.routes for method in route.methods}
    said = set(re.findall(r"^\| `((?:GET|HEAD|PUT|POST|DELETE) [^`?]+)[^`]*` \|", PAGE, re.MULTILINE))
    assert ours == said


def test_openapi_describes_every_route_and_the_edits(client):
    status, openapi = client.ask("GET", "/openapi.json")
    assert status == 200
    ours = {(route.path, method.lower()) for router in ROUTERS for route in router.routes for method in route.methods}
    described = {(path, method) for path, methods in openapi["paths"].items() for method in methods}
    assert described == ours
    text = json.dumps(openapi)
    for kind in kinds().values():
        assert f'"{kind.__name__}"' in text
    assert "application/octet-stream" in text
    assert "text/event-stream" in text
    assert all("4XX" in one["responses"] for methods in openapi["paths"].values() for one in methods.values())
