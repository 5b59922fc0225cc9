"""The document's runs: listed after reopening, laid in again, run again, changed, and found by their layer."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from inlay_krita.client import Engine, Image
from inlay_krita.history import FILLED, KEPT_AGAIN, LAYER_GONE, NOT_KEPT, RUN_AGAIN, SELECT
from inlay_krita.launcher import Launcher
from inlay_krita.logbook import RECIPES, THUMBNAILS
from inlay_krita.recipes import UNREADABLE, RecipeError, settings_of, told_of
from inlay_krita.session import Session
from inlay_krita.settings import ExtendSettings, PromptSettings, RemoveSettings, Unit
from inlay_krita.state import PastResult
from inlay_krita.thumbnails import LARGEST_PX, SIDE_PX, decoded, encoded
from inlay_krita.wire import EDITS, CanvasInfo, InstalledModel

from tests.plugin.conftest import MemoryCanvas, MemoryDocument, Wait


@pytest.fixture
def reopened(document: MemoryDocument, shared_launcher: Launcher) -> Iterator[Session]:
    """Another start of Krita, to be used after the first one's runs."""
    made = Session(MemoryCanvas(document), shared_launcher)
    yield made
    assert made.close()


def run(session: Session, wait: Wait) -> PastResult:
    """Remove what is selected; the run."""
    session.remove()
    wait(lambda: not session.works)
    assert session.notices == []
    return session.history.runs()[0]


def drop_images(launcher: Launcher, past: PastResult, *names: str) -> None:
    """As if the engine had needed the room."""
    folder = launcher.folders.data / "journal" / "images"
    for digest in names:
        for path in folder.glob(f"{digest}.*"):
            path.unlink()
    with contextlib.closing(Engine(launcher.ensure())) as engine:
        for digest in names:  # it finds out when it reads
            with contextlib.suppress(Exception):
                engine.download(digest)


def digests(past: PastResult) -> tuple[str, str]:
    return past.recipe["result"]["pixels"], past.recipe["result"]["mask"]


def test_a_run_is_remembered_with_its_picture(
    session: Session, reopened: Session, document: MemoryDocument, wait: Wait
) -> None:
    past = run(session, wait)
    assert past.layers == ("layer 1",)
    picture = decoded(past.thumbnail)
    assert (picture.width(), picture.height()) == (60, 40)
    laid = np.frombuffer(document.placements[0].pixels, np.uint8).reshape(40, 60, 4)
    seen = picture.pixelColor(30, 20)
    assert np.abs(np.array([seen.blue(), seen.green(), seen.red()]) - laid[16:24, 26:34, :3].mean((0, 1))).max() < 80
    (found,) = reopened.history.runs()
    assert dataclasses.replace(found, made=past.made) == past
    assert reopened.history.runs() is reopened.history.runs()


def test_reading_happens_only_when_something_is_new(
    session: Session, document: MemoryDocument, wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(session, wait)
    session.history.glance()
    reads: list[str] = []
    canvas, told = session.canvas, []
    real = canvas.annotation
    monkeypatch.setattr(canvas, "annotation", lambda *asked: (reads.append(asked[1]), real(*asked))[1])
    session.history.changed.connect(lambda: told.append(session.history.of_layer()))
    for _ in range(5):
        session.history.glance()
    assert (reads, told) == ([], [])
    document.active_layer = "another"
    session.history.glance()
    assert told == [None]
    document.active_layer = "layer 1"
    session.history.glance()
    assert told[1].layers == ("layer 1",)


def test_kept_again_from_what_the_engine_has(
    session: Session, reopened: Session, document: MemoryDocument, wait: Wait
) -> None:
    run(session, wait)
    reopened.history.keep(reopened.history.runs()[0])
    wait(lambda: not reopened.works)
    first, second = document.placements
    assert (second.pixels, second.mask, second.result.box) == (first.pixels, first.mask, first.result.box)
    assert reopened.history.said == KEPT_AGAIN
    (past,) = reopened.history.runs()
    assert past.layers == ("layer 1", "layer 2")


def test_kept_again_by_the_same_seed(
    session: Session, document: MemoryDocument, shared_launcher: Launcher, wait: Wait
) -> None:
    past = run(session, wait)
    drop_images(shared_launcher, past, *digests(past))
    session.history.keep(past)
    wait(lambda: not session.works)
    first, second = document.placements
    assert second.pixels == first.pixels
    assert session.history.said == RUN_AGAIN
    assert [each.recipe["edit"]["seed"] for each in session.history.runs()] == [past.recipe["edit"]["seed"]] * 2


def test_what_it_was_made_from_is_gone(session: Session, shared_launcher: Launcher, wait: Wait) -> None:
    past = run(session, wait)
    drop_images(shared_launcher, past, past.recipe["image"], *digests(past))
    session.history.again(past)
    wait(lambda: not session.works)
    assert "no longer has the picture" in session.notices[0].message
    assert "Edit and run" in session.notices[0].remedy


def test_an_extension_is_kept_again_on_the_larger_canvas(
    session: Session, document: MemoryDocument, wait: Wait
) -> None:
    session.extend_settings = ExtendSettings(ratio="16:9")
    session.extend()
    wait(lambda: not session.works)
    document.pixels = np.pad(document.pixels, ((0, 0), (53, 54), (0, 0)))
    session.history.keep(session.history.runs()[0])
    wait(lambda: not session.works)
    assert session.notices == []
    assert session.history.said == KEPT_AGAIN
    assert document.placements[1].result.box.x >= 0
    assert document.placements[1].plan.canvas_box.x == 0


def test_the_layer_is_shown_or_gone(session: Session, document: MemoryDocument, wait: Wait) -> None:
    past = run(session, wait)
    document.active_layer = "another"
    session.history.show(past)
    assert (document.active_layer, session.history.said) == ("layer 1", "")
    assert session.history.of_layer() == past
    document.layers.clear()
    session.history.show(past)
    assert session.history.said == LAYER_GONE


def test_change_puts_back_settings_and_selection(session: Session, document: MemoryDocument, wait: Wait) -> None:
    session.remove_settings = RemoveSettings(5, 7)
    past, before = run(session, wait), document.mask.copy()
    session.remove_settings = RemoveSettings(0, 1)
    session.history.change(past)
    assert session.remove_settings == RemoveSettings(5, 7)
    assert session.history.said == FILLED
    document.mask[:] = 0
    session.history.change(past)
    wait(lambda: document.mask.any())
    assert (document.mask == before).all()


def test_change_leaves_another_selection_alone_and_says_when_there_is_none(
    session: Session, document: MemoryDocument, shared_launcher: Launcher, wait: Wait
) -> None:
    past = run(session, wait)
    document.mask[:] = 0
    document.select(0, 0, 10, 10)
    session.history.change(past)
    assert session.history.said == FILLED
    assert document.mask.sum() == 100 * 255
    document.mask[:] = 0
    drop_images(shared_launcher, past, past.recipe["mask"])
    session.history.change(past)
    wait(lambda: session.history.said == f"{FILLED} {SELECT}")
    assert not document.mask.any()


def test_a_model_that_is_not_here_is_told(session: Session, document: MemoryDocument) -> None:
    session.engine.models = [InstalledModel("sdxl", "Stable Diffusion XL", ("replace",))]
    session.history.change(told("replace", model="sdxl"))
    assert session.history.said == FILLED
    session.history.change(told("replace", model="flux"))
    assert session.history.said == f"{FILLED} flux is not installed here: another model is chosen."


CANVAS = {"width": 320, "height": 240, "model": "RGBA", "depth": "U8", "profile": "sRGB"}
BOX = {"x": 1, "y": 2, "width": 30, "height": 40}


def told(kind: str, **asked: Any) -> PastResult:
    """A run of this kind."""
    edit = {"kind": kind, **dataclasses.asdict(EDITS[kind]()), **asked}
    plan = {"paste_box": BOX, "read_box": BOX, "grow_px": 0}
    recipe = {"edit": edit, "canvas": CANVAS, "selection": BOX, "image": "0" * 64, "mask": "1" * 64, "plan": plan}
    return PastResult(kind, "", recipe)


@pytest.mark.parametrize("kind", list(EDITS))
def test_every_kind_can_be_read(kind: str) -> None:
    assert told_of(told(kind).recipe).edit == EDITS[kind]()


def test_settings_of_a_prompt() -> None:
    asked = {"prompt": "a barn", "negative_prompt": "people", "strength": 0.4, "guidance_scale": 5, "control": "pose"}
    past = told("replace", model="sdxl", family="repaint", num_inference_steps=12, grow_px=3, feather_px=4, **asked)
    before = PromptSettings("typed", is_more_shown=True)
    prompt, remove, extend = settings_of(past, before, RemoveSettings(model="lama"), ExtendSettings(left=9))
    assert prompt == PromptSettings("a barn", "people", "", "sdxl", 40, True, "repaint", 12, 5.0, "pose")
    assert (remove, extend) == (RemoveSettings(3, 4, "lama"), ExtendSettings(left=9))


def test_settings_of_an_extension() -> None:
    past = told("extend", left_px=10, bottom_px=20, model="sdxl")
    extend = settings_of(past, PromptSettings("typed"), RemoveSettings(), ExtendSettings(ratio="16:9"))[2]
    assert extend == ExtendSettings(Unit.PIXELS, left=10, bottom=20, model="sdxl")


def test_settings_stay_in_their_bounds() -> None:
    past = told("restyle", strength=float("nan"), guidance_scale=1e300, num_inference_steps=10**9, grow_px=-5)
    prompt, remove, _ = settings_of(past, PromptSettings(), RemoveSettings(), ExtendSettings())
    assert (prompt.strength_percent, prompt.guidance, prompt.steps, remove.grow_px) == (0, 100.0, 150, 0)


ODD: list[dict[str, Any]] = [
    {},
    {"edit": None},
    {"edit": {"kind": "bake"}},
    {"edit": {"kind": ["remove"]}},
    {"edit": {"kind": "replace", "prompt": 3}},
    {"edit": {"kind": "replace", "seed": True}},
    {"edit": {"kind": "replace", "variations": [[1, 2]]}},
    {"edit": {"kind": "replace", "variations": [3]}},
    {"canvas": {"width": "wide"}},
    {"canvas": 3},
    {"selection": [1, 2]},
    {"selection": {"x": 0.5, "y": 0, "width": 1, "height": 1}},
]


@pytest.mark.parametrize("odd", ODD)
def test_what_another_version_wrote_is_told_and_breaks_nothing(
    session: Session, document: MemoryDocument, odd: dict[str, Any]
) -> None:
    recipe = {**told("replace").recipe, **odd} if odd else {}
    with pytest.raises(RecipeError):
        told_of(recipe)
    document.annotations[RECIPES] = json.dumps([recipe]).encode()
    history = session.history
    (past,) = history.runs()
    for act in (history.again, history.keep, history.change, history.command):
        act(past)
        assert UNREADABLE.partition(":")[0] in session.notices[0].message
        session.dismiss(session.notices[0])
    assert session.works == []
    history.show(past)
    assert history.said == LAYER_GONE


@pytest.mark.parametrize(
    "odd", [None, 3, {"pixels": "../jobs", "mask": "1" * 64, "box": BOX}, {"pixels": "0" * 64, "mask": "1" * 64}]
)
def test_an_odd_result_is_run_again_instead(session: Session, document: MemoryDocument, wait: Wait, odd: Any) -> None:
    past = run(session, wait)
    session.history.keep(dataclasses.replace(past, recipe={**past.recipe, "result": odd}))
    wait(lambda: not session.works)
    assert session.history.said == RUN_AGAIN
    assert len(document.placements) == 2


def test_a_document_of_another_size_or_colour_is_refused(
    session: Session, document: MemoryDocument, wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    past = run(session, wait)
    for info in (CanvasInfo(320, 241, "RGBA", "U8", ""), CanvasInfo(320, 240, "RGBA", "U16", "")):
        monkeypatch.setattr(session.canvas, "info", lambda _, info=info: info)
        session.history.keep(past)
        assert session.works == []
        assert session.notices.pop().message.startswith("The picture's size or colour space has changed")


def test_annotations_that_cannot_be_read_are_told(session: Session, document: MemoryDocument, wait: Wait) -> None:
    document.annotations[RECIPES] = b'{"version": 9}'
    run(session, wait)
    assert len(session.history.runs()) == 1
    (problem,) = session.history.problems()
    assert "another version" in problem
    assert document.annotations[RECIPES] == b'{"version": 9}'


def test_no_room_for_a_recipe(session: Session, document: MemoryDocument, wait: Wait) -> None:
    for end in ("", "-2", "-3"):
        document.annotations[f"{RECIPES}{end}"] = b"?"
    session.remove()
    wait(lambda: not session.works)
    assert len(document.placements) == 1
    assert session.history.said == NOT_KEPT


def test_what_was_said_is_about_one_document(shared_launcher: Launcher, wait: Wait) -> None:
    first, second = MemoryDocument(), MemoryDocument(seed=2)
    first.select(40, 40, 30, 30)
    canvas = MemoryCanvas(first, second)
    session = Session(canvas, shared_launcher)
    past = run(session, wait)
    first.layers.clear()
    session.history.show(past)
    canvas.active = second
    session.refresh()
    assert (session.history.said, session.history.runs()) == ("", ())
    canvas.active = first
    assert session.history.runs() == (past,)
    session.close()


def test_a_result_without_a_thumbnail_is_laid_in(
    session: Session, document: MemoryDocument, wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inlay_krita.thumbnails.SIDE_PX", 0)  # the engine refuses
    assert run(session, wait).thumbnail == ""
    assert THUMBNAILS not in document.annotations


def noise(width: int, height: int) -> bytes:
    return np.random.default_rng(0).integers(0, 256, width * height * 4, np.uint8).tobytes()


def test_a_thumbnail_fits_its_place() -> None:
    worst = encoded(Image("RGBA", "U8", SIDE_PX, SIDE_PX, noise(SIDE_PX, SIDE_PX)))
    assert 1000 < len(worst) < 18_000  # as base64 below logbook.THUMBNAIL_BYTES
    assert worst.startswith(b"\xff\xd8")


def test_thumbnails_from_somebody_else() -> None:
    import base64

    large = encoded(Image("RGBA", "U8", LARGEST_PX + 1, 1, noise(LARGEST_PX + 1, 1)))
    for text in ("", "?", "AAAA", base64.b64encode(large).decode(), base64.b64encode(b"<svg/>").decode(), "é"):
        assert decoded(text).isNull()
