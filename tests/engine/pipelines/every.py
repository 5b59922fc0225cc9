"""A folder with a tiny model of every kind that a family runs."""

from __future__ import annotations

from pathlib import Path

from inlay.pipelines.roster import model_families

from tests.engine.pipelines import tiny, tiny_control, tiny_transformers

WAYS = [(family.card.family, edit) for family in model_families() for edit in family.card.edits]


def save_every(models: Path) -> Path:
    """Pipelines with random weights, a ControlNet for depth, and what reads the depth."""
    for name, is_xl in (("sd", False), ("xl", True)):
        for kind, channels in (("plain", 4), ("instruct", 8), ("inpaint", 9)):
            tiny.save(models / f"tiny-{name}-{kind}", channels, is_xl)
    for name in tiny_transformers.MAKERS:
        tiny_transformers.save(models / name, name)
    tiny_control.save_net(models / "controlnet-depth", models / "tiny-sd-plain")
    tiny_control.save_depth(models / "depth-reader")
    return models
