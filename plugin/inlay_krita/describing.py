"""What surrounds the selection, in words: a prompt that describes the whole picture gives a better result."""

from __future__ import annotations

import contextlib

from .client import Engine
from .contract import Capture
from .errand import Engines
from .wire import CanvasInfo, caption_request

TIMEOUT_S = 600.0  # it waits for the edit that runs, and the captioner may have to be loaded


def surroundings(engines: Engines, canvas: CanvasInfo, shown: Capture) -> str:
    """The engine's caption for what is around the selection. For a worker thread; raises EngineError."""
    with contextlib.closing(Engine(engines.connect().endpoint, TIMEOUT_S)) as engine:
        width, height = shown.box.width, shown.box.height
        image = engine.upload(canvas.model, canvas.depth, width, height, shown.pixels)
        mask = engine.upload("MASK", "U8", width, height, shown.mask)
        return engine.caption(caption_request(image, mask, canvas))
