"""A run as a command for the `inlay` program, as far as a command can say it."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import PurePath
from typing import Any

from .recipes import told_of
from .state import PastResult
from .translation import tr

READABLE = (".png", ".tif", ".tiff", ".jpg", ".jpeg", ".webp", ".ora")
BUILTIN = "builtin"
BOX_ALONE = tr("It tells the box around the selection; for its shape give --mask with a picture of it instead.")
OPTIONS = {  # what an edit's fields are called on the command line
    "grow_px": "--grow",
    "feather_px": "--feather",
    "prompt": "--prompt",
    "negative_prompt": "--negative",
    "source_prompt": "--source-prompt",
    "strength": "--strength",
    "guidance_scale": "--guidance",
    "image_guidance_scale": "--image-guidance",
    "num_inference_steps": "--steps",
    "scheduler": "--scheduler",
    "tries": "--tries",
    "control": "--control",
    "control_scale": "--control-scale",
    "control_from": "--control-from",
    "control_until": "--control-until",
    "left_px": "--left",
    "top_px": "--top",
    "right_px": "--right",
    "bottom_px": "--bottom",
    "seed": "--seed",
}


def command_line(past: PastResult, document_name: str) -> str:
    """The command that makes it again. Raises RecipeError for a recipe that cannot be read.

    The picture is named as the document is; a selection is told by the box around it.
    """
    told = told_of(past.recipe)
    picture = _picture(document_name)
    words = ["inlay", told.edit.kind, picture]
    if told.selection:
        box = told.selection
        words += ["--box", f"{box.x},{box.y},{box.width},{box.height}"]
    if told.model != BUILTIN:
        words += _given("--model", told.model) + _given("--as", told.family)
    for name, option in OPTIONS.items():
        words += _given(option, getattr(told.edit, name, None))
    for seed, strength in told.edit.variations:
        words += ["--variation", str(seed), f"{strength:g}"]
    words += ["-o", f"{PurePath(picture).stem}-{told.edit.kind}.ora"]
    return quoted(words)


def what_it_lacks(past: PastResult, document_name: str) -> str:
    """What the painter must know before it gives the same; empty where nothing is missing."""
    told, lacks = told_of(past.recipe), []
    if PurePath(document_name).suffix.lower() not in READABLE:
        lacks.append(tr("Export the picture as {picture} first.").format(picture=_picture(document_name)))
    if told.selection:
        lacks.append(BOX_ALONE)
    if told.edit.reads:
        lacks.append(tr("It reads the whole picture, and this run read one layer."))
    if past.recipe.get("control_image") or past.recipe.get("references"):
        lacks.append(tr("Give what was drawn with --control-image, and references with --reference."))
    return " ".join(lacks)


def quoted(words: list[str], platform: str = sys.platform) -> str:
    """Words as one line that a shell of this platform takes apart again."""
    if platform == "win32":
        return subprocess.list2cmdline([" ".join(word.split()) or word for word in words])
    return shlex.join(words)


def _picture(document_name: str) -> str:
    """The file's name: a .kra, or what has no suffix, is thought of as exported."""
    name = PurePath(document_name)
    plain = document_name if name.suffix.lower() in READABLE else f"{name.stem or 'picture'}.png"
    return f"./{plain}" if plain.startswith("-") else plain


def _given(option: str, value: Any) -> list[str]:
    """An option with its value; nothing where the value leaves the choice to the plan."""
    if value is None or value in ("", 0):
        return []
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return [option, text]
