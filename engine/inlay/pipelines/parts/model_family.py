"""What every family with a checkpoint shares. A family adds `card` and `paint`, and is done."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING

from inlay.pipelines.card import Card, Settings
from inlay.pipelines.family import Task, Watch
from inlay.pipelines.models import Adapter, Model, architecture_of
from inlay.pipelines.parts.sitting import Rgb, Sitting
from inlay.pipelines.shelf import Shelf
from inlay.pixels.formats import Pixels
from inlay.pixels.geometry import Box

if TYPE_CHECKING:
    from inlay.pixels.resampling import Fit

REDUCED_MOST = 1.5  # a window is shown to a model at most this much smaller: beyond, its detail would be missed


class ModelFamily(ABC):
    """A family bound to one checkpoint. Cheap to make: torch is imported when it first paints.

    `paint` may count on sides that are multiples of the card's, an infilled picture, a denoise mask and settings within
    the card's ranges. It need not care for colour models, depths, sizes, seams, colour shifts and grain.
    """

    card: Card  # the kind's; a checkpoint may have one of its own

    def __init__(self, model: Model, shelf: Shelf, adapters: Iterable[Adapter] = ()) -> None:
        """adapters: what there is; of it, `self.adapters` keeps what fits this checkpoint."""
        self.model = model
        self.shelf = shelf
        self.adapters = tuple(adapter for adapter in adapters if adapter.fits(model.description))

    @classmethod
    def runs(cls, model: Model) -> bool:
        """Whether this family can run that checkpoint."""
        return cls.card.takes(model.description)

    @abstractmethod
    def paint(self, sitting: Sitting, watch: Watch) -> Rgb:
        """The picture repainted: (h, w, 3) float32 sRGB in [0, 1], of the sitting's size.

        Raises Cancelled within a step of being told to, and FamilyError where it cannot be done.
        """

    @property
    def name(self) -> str:
        return self.model.id

    @property
    def architecture(self) -> str:
        """See `Family.architecture`."""
        return architecture_of(self.model.description)

    @property
    def native_px(self) -> int:
        """The side of the square that this checkpoint was trained at."""
        return self.model.description.native_px or self.card.native_px

    @property
    def largest_px(self) -> int:
        """The longest side it is shown: as much longer than its native one as the card allows."""
        return round(self.card.largest_px * self.native_px / self.card.native_px)

    @property
    def largest_part_px(self) -> int:
        """See `Family.largest_part_px`."""
        return round(REDUCED_MOST * self.largest_px) ** 2

    def fit(self, width: int, height: int, share: float = 1.0) -> Fit:
        """How a window of this size is laid into the model's canvas: padded to its multiple, never squashed.

        share: of the sides that it would have, 1 or less: where memory is short.
        """
        from inlay.pixels.resampling import fit

        most = max(round(share * self.largest_px), self.card.multiple)
        return fit(width, height, round(share * self.native_px), self.card.multiple, most)

    def version(self) -> str:
        """See `Family.version`."""
        return f"{self.card.family} {self.model.revision[:12]}".strip()

    def context_px(self, hole_box: Box) -> int:
        """See `Family.context_px`. The design's own rule is enough."""
        return 0

    def working_size(self, crop_box: Box) -> tuple[int, int]:
        """See `Family.working_size`."""
        fit = self.fit(crop_box.width, crop_box.height)
        return fit.width, fit.height

    def steps(self, crop_box: Box, settings: Settings | None) -> int:
        """See `Family.steps`."""
        assert settings is not None
        return settings.tries * max(1, int(settings.num_inference_steps * settings.strength))

    def repaint(self, task: Task, watch: Watch) -> Pixels:
        """See `Family.repaint`. Where memory runs out, it is done again with less, and noted."""
        from inlay.pipelines.parts import memory, studio

        def paint(share: float) -> Pixels:
            fit = self.fit(task.hole.shape[1], task.hole.shape[0], share)
            return studio.repainted(task, fit, self.paint, watch, may_move=self.card.moves_picture)

        return memory.within_memory(paint, self.model, self.card.memory_bytes, self.shelf, watch)
