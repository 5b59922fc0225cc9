"""What segmenters, finders of words and matters share: a checkpoint, loaded when it first has to work."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from inlay.pipelines.card import Card
from inlay.pipelines.family import FamilyError
from inlay.pipelines.models import Model
from inlay.pipelines.parts.devices import Device, chosen_device
from inlay.pipelines.parts.faults import is_device_lost, is_of_device, reading, reason_of
from inlay.pipelines.shelf import Shelf

T = TypeVar("T")
_log = logging.getLogger(__name__)


class SelectingModel(ABC):
    """One checkpoint that helps to select. Cheap to make: torch is imported when it first works, on its thread."""

    listing: Card  # what users are shown of its kind: what it is for, what can be installed

    def __init__(self, model: Model, shelf: Shelf) -> None:
        self.model = model
        self.shelf = shelf

    @classmethod
    def runs(cls, model: Model) -> bool:
        """Whether this kind can run that checkpoint."""
        return cls.listing.takes(model.description)

    @property
    def name(self) -> str:
        """The model, as users name it."""
        return self.model.id

    @abstractmethod
    def load(self, device: Device) -> Any:
        """The checkpoint's network on the device, ready to work. Whatever it raises says that the files are damaged."""

    def network(self) -> Any:
        """From the shelf, or loaded. Raises FamilyError where the files are damaged."""
        return self.shelf.take(self.model.id, self._loaded)

    def remembered(self, key: str, compute: Callable[[], T]) -> T:
        """What was computed for this key before, or is now; kept while there is room, and as long as the network."""
        return self.shelf.memo.get((self.model.id, key), compute)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Without gradients; what a device says when it cannot go on becomes a FamilyError."""
        self.shelf.drop_outdated()
        try:
            import torch

            with torch.inference_mode():
                yield
        except ImportError as error:
            raise FamilyError(
                "no_torch",
                f"Models that select need torch, transformers and segment_anything: {reason_of(error)}.",
                remedy='Install them with: pip install "inlay[models]"',
            ) from error
        except (MemoryError, RuntimeError) as error:
            if not is_of_device(error):
                raise
            self.shelf.clear_around("")
            raise FamilyError(
                "device_lost" if is_device_lost(error) else "out_of_memory",
                f"The device gave up while {self.name} looked at the picture: {reason_of(error)}",
                remedy="Close other programs that use the device, or take a smaller model or GrabCut.",
            ) from error

    def _loaded(self) -> Any:
        device = chosen_device()
        _log.info("Loading %s from %s for %s", self.model.id, self.model.path, device.kind)
        self.shelf.make_room(self.model.size_bytes)
        with reading(self.model.path, self._broken):
            return self.load(device)

    def _broken(self, reason: str) -> FamilyError:
        return FamilyError(
            "model_broken",
            f"The model {self.model.id} does not load: {reason}",
            field="model",
            remedy="`inlay models verify` tells which file is damaged; install it again, or choose another model.",
        )
