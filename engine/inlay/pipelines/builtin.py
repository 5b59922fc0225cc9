"""The built-in fill as a family: always there, no model, no download."""

from __future__ import annotations

from math import log2

from inlay.pipelines.card import Card, Range, Settings
from inlay.pipelines.family import Cancelled, FamilyError, Task, Watch
from inlay.pipelines.models import Adapter
from inlay.pixels.formats import Pixels
from inlay.pixels.geometry import Box

COARSEST_PX = 20  # the fill halves the window until its long side is about this
LARGEST_PART_PX = 3072 * 3072  # the fill takes about 110 bytes a pixel (measured): 1 GB
_ONE = Range(1.0, 1.0, 1.0)
CARD = Card(
    family="builtin",
    title="Built-in fill",
    edits=("remove", "extend"),
    rank=0,
    multiple=1,
    native_px=1,
    largest_px=3072,
    memory_bytes=0,
    licence="MIT",
    num_inference_steps=_ONE,
    guidance_scale=_ONE,
    source="docs/benchmarks.md",
    needs_prompt=False,
    has_negative_prompt=False,
    denoise_grow_px=0,
)


class BuiltinFill:
    """`inlay.pixels.fill`, loaded when it is first asked for anything: an engine that only plans never pays for it."""

    name = "builtin"
    card = CARD
    largest_part_px = LARGEST_PART_PX
    architecture = ""
    adapters: tuple[Adapter, ...] = ()

    def version(self) -> str:
        """`native` (the compiled kernel) or `portable` (numpy)."""
        from inlay.pixels.fill import backend

        return backend()

    def context_px(self, hole_box: Box) -> int:
        """The fill's own rule."""
        from inlay.pixels.fill import context_px

        return context_px(hole_box.width, hole_box.height)

    def working_size(self, crop_box: Box) -> tuple[int, int]:
        """The window's own: the fill works at every resolution from coarse to full."""
        return crop_box.width, crop_box.height

    def steps(self, crop_box: Box, settings: Settings | None = None) -> int:
        """Levels of its pyramid."""
        return max(1, round(log2(max(crop_box.width, crop_box.height, 1) / COARSEST_PX)) + 1)

    def repaint(self, task: Task, watch: Watch) -> Pixels:
        """See `Family.repaint`."""
        from inlay.pixels import fill

        try:
            return fill.fill(
                task.pixels,
                task.hole,
                seed=task.seed,
                unknown=task.bare,
                model=task.model,
                is_linear=task.is_linear,
                on_progress=watch.progress,
                on_preview=watch.preview,
                is_cancelled=watch.is_cancelled,
            )
        except fill.Cancelled as stopped:
            raise Cancelled from stopped
        except fill.FillError as error:
            raise FamilyError(
                "fill", f"The built-in fill cannot work here: {error}.", field="mask", remedy="Select something else."
            ) from error
