"""Plans over HTTP, and what is refused before any pixel travels."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

CANVAS = {"width": 1000, "height": 800, "model": "RGBA", "depth": "U8", "profile": "sRGB"}
REMOVE = {"edit": {"kind": "remove"}, "canvas": CANVAS, "selection": {"x": 10, "y": 20, "width": 30, "height": 40}}
EXTEND = {"edit": {"kind": "extend", "left_px": 10}, "canvas": CANVAS, "selection": None}


def changed(request, path, value):
    """A copy of a request with one field set; `...` leaves it out."""
    *way, last = path.split(".")
    request = {name: dict(part) if isinstance(part, dict) else part for name, part in request.items()}
    part = request
    for name in way:
        part = part[name]
    if value is ...:
        del part[last]
    else:
        part[last] = value
    return request


def test_a_plan_says_what_will_be_done(client):
    status, plan = client.ask("POST", "/plan", REMOVE)
    assert status == 200
    assert plan["edit"] == "remove"
    assert plan["paste_box"] == REMOVE["selection"]
    assert plan["canvas_box"] == {"x": 0, "y": 0, "width": 1000, "height": 800}
    assert plan["why"].endswith(".")


BAD = [
    (REMOVE, "canvas.width", 100_000, "canvas.width", "32768"),
    (REMOVE, "canvas.width", 0, "canvas.width", "least"),
    (REMOVE, "edit.variations", [[1, 0.5]], "edit.variations", "no such setting"),
    (REMOVE, "edit.variations", [[1, 0.5]] * 9, "edit.variations", "8"),
    (REMOVE, "edit.variations", [["1", 0.5]], "edit.variations.0.0", ""),
    (REMOVE, "edit.variations", [[1]], "edit.variations.0.1", ""),
    (REMOVE, "edit.variations", "1:0.5", "edit.variations", ""),
    (REMOVE, "canvas.width", "10", "canvas.width", ""),
    (REMOVE, "canvas.width", True, "canvas.width", ""),
    (REMOVE, "canvas.width", 10.5, "canvas.width", ""),
    (REMOVE, "canvas.height", 40_000, "canvas.height", "32768"),
    (REMOVE, "canvas.model", "RGB", "canvas.model", "RGBA"),
    (REMOVE, "canvas.model", "MASK", "canvas.model", "RGBA"),
    (REMOVE, "canvas.depth", "U32", "canvas.depth", "U16"),
    (REMOVE, "canvas", 5, "canvas", ""),
    (REMOVE, "canvas.colour", "red", "canvas.colour", "not known"),
    (REMOVE, "extra", 1, "extra", "not known"),
    (REMOVE, "edit.prompt", "dog", "edit.prompt", "built-in fill has no such setting"),
    (REMOVE, "edit.colour", "dog", "edit.colour", "not known"),
    (REMOVE, "edit.kind", "destroy", "edit", "extend"),
    (REMOVE, "edit.kind", ..., "edit", "extend"),
    (REMOVE, "edit", ..., "edit", "missing"),
    (REMOVE, "edit.seed", 2**31, "edit.seed", "2147483647"),
    (REMOVE, "edit.seed", -1, "edit.seed", "least"),
    (REMOVE, "edit.grow_px", 257, "edit.grow_px", "256"),
    (REMOVE, "edit.feather_px", -1, "edit.feather_px", "0"),
    (REMOVE, "selection", None, "selection", "selected"),
    (REMOVE, "selection", ..., "selection", "missing"),
    (REMOVE, "selection.width", 0, "selection", "selected"),
    (REMOVE, "selection.x", 1000, "selection", "outside"),
    (REMOVE, "selection.x", 2**40, "selection.x", "most"),
    (EXTEND, "edit.left_px", 0, "edit", "left_px"),
    (EXTEND, "edit.left_px", 1001, "edit.left_px", "1000"),
    (EXTEND, "edit.top_px", 801, "edit.top_px", "800"),
    (EXTEND, "edit.left_px", -5, "edit.left_px", "0"),
    (EXTEND, "selection", {"x": 0, "y": 0, "width": 1, "height": 1}, "selection", "null"),
]


@pytest.mark.parametrize(("request_", "path", "value", "field", "says"), BAD)
def test_bad_requests_are_refused_with_field_and_remedy(client, request_, path, value, field, says):
    status, answer = client.ask("POST", "/plan", changed(request_, path, value))
    assert status in (400, 422)
    error = answer["error"]
    assert set(error) == {"code", "message", "field", "remedy"}
    assert error["field"] == field
    assert error["message"]
    assert error["remedy"]
    assert says in error["message"] + error["remedy"]


def test_a_picture_of_one_pixel_is_refused(client):
    one = CANVAS | {"width": 1, "height": 1}
    for request in (REMOVE | {"selection": {"x": 0, "y": 0, "width": 1, "height": 1}}, EXTEND):
        status, answer = client.ask("POST", "/plan", request | {"canvas": one})
        assert (status, answer["error"]["code"], answer["error"]["field"]) == (400, "canvas_size", "canvas")


def test_an_edit_that_takes_too_much_memory_is_refused(client):
    huge = {"width": 30_000, "height": 30_000, "model": "RGBA", "depth": "F32", "profile": ""}
    everything = {"x": 0, "y": 0, "width": 30_000, "height": 30_000}
    status, answer = client.ask("POST", "/plan", REMOVE | {"canvas": huge, "selection": everything})
    assert (status, answer["error"]["code"], answer["error"]["field"]) == (400, "too_large", "selection")
    assert "GiB" in answer["error"]["message"]


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"text"', "\x00"])
def test_a_body_that_is_no_object_is_refused(client, body):
    status, answer = client.ask("POST", "/plan", body.encode())
    assert status == 422
    assert answer["error"]["field"] == "body"
    assert answer["error"]["remedy"]


def test_a_body_that_is_too_large_is_refused(client):
    status, answer = client.ask("POST", "/plan", b" " * (2 << 20))
    assert (status, answer["error"]["code"]) == (413, "body_too_large")


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just({}) | st.just([])
anything = st.recursive(values, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner))
fields = st.sampled_from(
    ["edit", "canvas", "selection", "edit.kind", "edit.seed", "canvas.width", "selection.x", "new"]
)


@settings(deadline=None, max_examples=150)
@given(st.sampled_from([REMOVE, EXTEND]), fields, anything)
def test_whatever_is_sent_the_answer_is_a_plan_or_a_plain_refusal(client, request_, path, value):
    assume("." not in path or request_[path.split(".")[0]])
    status, answer = client.ask("POST", "/plan", changed(request_, path, value))
    assert status in (200, 400, 422)
    assert status == 200 or set(answer["error"]) == {"code", "message", "field", "remedy"}
