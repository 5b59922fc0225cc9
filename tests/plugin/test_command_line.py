"""A run as a command: what the `inlay` program makes of it is what the panel made."""

from __future__ import annotations

import dataclasses
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from inlay.cli import main
from inlay.cli.editing import _edit, edit_command
from inlay.files.picture import Picture
from inlay.files.reading import read_picture
from inlay.files.writing import write_picture
from inlay.pixels.formats import Model
from inlay_krita.command_line import command_line, quoted, what_it_lacks
from inlay_krita.session import Session
from inlay_krita.state import PastResult
from inlay_krita.wire import EDITS

from tests.plugin.conftest import MemoryDocument, Wait
from tests.plugin.test_history import BOX, told

ODD_WORDS = """  it's "so" $HOME; `ls` | \\ *
--negative is --not an option é 猫 %PATH% !"""
ASKED: dict[str, Any] = {
    "seed": 7,
    "model": "my model, fine-tuned",
    "family": "repaint",
    "prompt": ODD_WORDS,
    "negative_prompt": "-o",
    "strength": 0.35,
    "guidance_scale": 4.5,
    "num_inference_steps": 12,
    "scheduler": "dpm++",
    "variations": ((11, 0.25), (12, 1.0)),
}
EDGE = {"grow_px": 3, "feather_px": 4}
MORE: dict[str, dict[str, Any]] = {
    "remove": {**EDGE, "tries": 2},
    "replace": {**EDGE, "control": "pose", "control_scale": 0.75, "control_from": 0.1, "control_until": 0.8},
    "restyle": {**EDGE, "source_prompt": "a field"},
    "instruct": {**EDGE, "source_prompt": "a field", "image_guidance_scale": 1.5},
    "background": EDGE,
    "extend": {"left_px": 10, "top_px": 0, "right_px": 30, "bottom_px": 40},
}


def past(kind: str, **asked: Any) -> PastResult:
    made = told(kind, **asked)
    selection = None if kind == "extend" else BOX
    recipe = {**made.recipe, "selection": selection, "model": asked.get("model") or "sd15", "family": "repaint"}
    return dataclasses.replace(made, recipe=recipe if selection else {**recipe, "mask": None})


@pytest.mark.parametrize("kind", list(EDITS))
def test_the_program_understands_every_kind(kind: str) -> None:
    asked = {**ASKED, **MORE[kind]}
    program, command, *words = shlex.split(command_line(past(kind, **asked), "my photo.png"))
    assert (program, command) == ("inlay", kind)
    context = edit_command(kind).make_context(kind, words)
    assert context.params["image"] == Path("my photo.png")
    assert context.params["out"] == Path(f"my photo-{kind}.ora")
    picture = Picture(np.zeros((240, 320, 3), np.uint8), Model.RGBA)
    edit = _edit(kind, picture, context.params)
    assert dataclasses.asdict(edit) == {
        name: asked.get(name, value) for name, value in dataclasses.asdict(edit).items()
    }
    assert context.params.get("box") == (None if kind == "extend" else (1, 2, 30, 40))


def test_the_model_that_was_chosen_is_named_and_what_the_plan_chose_is_left_to_it() -> None:
    command = command_line(past("restyle", prompt="rain"), "a.png")
    assert command == "inlay restyle a.png --box 1,2,30,40 --model sd15 --as repaint --prompt rain -o a-restyle.ora"


@pytest.mark.parametrize(
    ("name", "picture", "lacks"),
    [
        ("photo.tif", "photo.tif", ""),
        ("painting.kra", "painting.png", "Export the picture as painting.png first. "),
        ("", "picture.png", "Export the picture as picture.png first. "),
        ("-x.png", "./-x.png", ""),
        ("v1.2", "v1.png", "Export the picture as v1.png first. "),
    ],
)
def test_what_the_picture_is_called(name: str, picture: str, lacks: str) -> None:
    made = past("remove")
    assert shlex.split(command_line(made, name))[2] == picture
    assert what_it_lacks(made, name).startswith(f"{lacks}It tells the box")
    assert what_it_lacks(past("extend", left_px=1), name) == lacks.strip()


def test_quotes_for_windows() -> None:
    assert (
        quoted(["inlay", "a b", 'say "it"', "two\nlines", ""], "win32") == 'inlay "a b" "say \\"it\\"" "two lines" ""'
    )


@pytest.mark.parametrize("kind", ["remove", "extend"])
def test_the_program_makes_the_same(
    session: Session, document: MemoryDocument, tmp_path: Path, wait: Wait, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.chdir(tmp_path)
    rgb = np.ascontiguousarray(document.pixels[..., 2::-1])
    write_picture(tmp_path / "photo.png", Picture(rgb, Model.RGBA))
    monkeypatch.setattr(session.canvas, "name", lambda _: "photo.png")
    if kind == "extend":
        session.extend_settings = dataclasses.replace(session.extend_settings, left=10, bottom=5)
    session.extend() if kind == "extend" else session.remove()
    wait(lambda: not session.works)
    command = session.history.command(session.history.runs()[0])
    assert session.history.said.startswith("Copied.")
    done = CliRunner().invoke(main, shlex.split(command)[1:])
    assert done.exit_code == 0, done.output
    made = read_picture(tmp_path / f"photo-{kind}.ora").pixels[..., :3]
    placed = document.placements[0]
    box, canvas_box = placed.result.box, placed.plan.canvas_box
    x, y = box.x - canvas_box.x, box.y - canvas_box.y
    mask = np.frombuffer(placed.mask, np.uint8).reshape(box.height, box.width)
    laid = np.frombuffer(placed.pixels, np.uint8).reshape(box.height, box.width, 4)[..., 2::-1]
    window = made[y : y + box.height, x : x + box.width]
    assert (window[mask == 255] == laid[mask == 255]).all()
    assert made.shape[:2] == (canvas_box.height, canvas_box.width)
