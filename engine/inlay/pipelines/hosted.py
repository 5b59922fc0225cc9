"""A model on somebody's server, reached by an `images/edits` endpoint. Off unless the user has set one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inlay.pipelines.card import Card, Description, Range, Settings
from inlay.pipelines.family import FamilyError, Watch
from inlay.pipelines.models import Model
from inlay.pipelines.parts.endpoint import Endpoint, EndpointError, key_of, saved
from inlay.pipelines.parts.model_family import ModelFamily
from inlay.pipelines.parts.sitting import Rgb, Sitting
from inlay.pipelines.shelf import Shelf
from inlay.pixels.geometry import Box

if TYPE_CHECKING:
    from inlay.pixels.resampling import Fit

LARGEST_PIXELS = 64_000_000  # that an answer may unpack to
LOADERS = {b"\x89PNG\r\n\x1a\n": "pngload_buffer", b"\xff\xd8\xff": "jpegload_buffer", b"RIFF": "webpload_buffer"}
_ONE = Range(1.0, 1.0, 1.0)


class Hosted(ModelFamily):
    """See `ModelFamily`. What it returns is fitted, mended and composited as every model's is."""

    card = Card(
        family="hosted",
        title="Hosted model",
        edits=("replace", "instruct"),
        rank=-1,  # whatever is here goes first
        multiple=16,
        native_px=1024,
        largest_px=1536,
        memory_bytes=0,
        licence="the provider's terms",
        num_inference_steps=_ONE,
        guidance_scale=_ONE,
        strength=_ONE,
        source="OpenAI's API reference, images/edits",
        has_negative_prompt=False,
        moves_picture=True,
        leaves_machine=True,
    )

    def __init__(self, endpoint: Endpoint, folder: Path, shelf: Shelf) -> None:
        """folder: where the key lies, if it lies in a file."""
        super().__init__(Model(endpoint.name, folder, Description(), 0, self.card.licence), shelf)
        self.endpoint = endpoint

    def version(self) -> str:
        """See `Family.version`. No seed makes a hosted model's picture again, and nobody tells which model ran."""
        return f"{self.card.family} {self.endpoint.name}"

    def steps(self, crop_box: Box, settings: Settings | None) -> int:
        """See `Family.steps`: nothing is heard until it is done."""
        return settings.tries if settings else 1

    def fit(self, width: int, height: int, share: float = 1.0) -> Fit:
        """See `ModelFamily.fit`. Of fixed sizes, the one that the window fills best; the rest of it is padding."""
        from inlay.pixels.resampling import LARGEST_ENLARGEMENT, Fit

        if not self.endpoint.sizes:
            return super().fit(width, height, share)

        def fitted(size: tuple[int, int]) -> Fit:
            scale = min(size[0] / width, size[1] / height, LARGEST_ENLARGEMENT)
            return Fit(width, height, max(1, round(width * scale)), max(1, round(height * scale)), *size)

        def filled(fit: Fit) -> float:
            return fit.inner_width * fit.inner_height / (fit.width * fit.height)

        return max(map(fitted, self.endpoint.sizes), key=filled)

    def paint(self, sitting: Sitting, watch: Watch) -> Rgb:
        """See `ModelFamily.paint`."""
        from inlay.pipelines.parts.images_edits import Question, edited

        try:
            key = key_of(self.endpoint, self.model.path)
        except EndpointError as error:
            fault = error.fault
            raise FamilyError(fault.code, fault.message, field="edit.model", remedy=fault.remedy) from None
        question = Question(
            sitting.settings.prompt,
            _png(sitting.image),
            _mask_png(sitting.mask > 0),
            sitting.width,
            sitting.height,
            sitting.seed,
        )
        watch.progress(0.0, f"waiting for {self.endpoint.host}")
        return self._decoded(edited(self.endpoint, key, question, watch), sitting)

    def _decoded(self, file: bytes, sitting: Sitting) -> Rgb:
        """The picture at the sitting's size, whatever size it came in; where it is transparent, what was sent."""
        import pyvips

        from inlay.pixels.resampling import resized

        loader = next((name for magic, name in LOADERS.items() if file.startswith(magic)), None)
        try:
            if loader is None:
                raise ValueError("neither PNG nor JPEG nor WebP")
            values = _values(getattr(pyvips.Image, loader)(file))
        except (pyvips.Error, ValueError) as error:
            raise FamilyError(
                "endpoint_picture",
                f"{self.endpoint.host} sent a picture that cannot be read.",
                field="edit.model",
                remedy="Try again, or choose an installed model.",
            ) from error
        shown = resized(values, sitting.width, sitting.height)
        opacity = shown[..., 3:]
        picture: Rgb = shown[..., :3] * opacity + sitting.image * (1 - opacity)
        return picture


def hosted_families(folder: Path, shelf: Shelf) -> tuple[ModelFamily, ...]:
    """The family for the endpoint that the user has set; none where none is set. folder: of the user's data."""
    endpoint = saved(folder)
    return (Hosted(endpoint, folder, shelf),) if endpoint else ()


def _values(image: Any) -> NDArray[np.float32]:
    """(h, w, 4) in [0, 1], sRGB and opacity. Raises ValueError for one that is too large to unpack."""
    if image.width * image.height > LARGEST_PIXELS:
        raise ValueError("too large")
    opaque = image.colourspace("srgb")
    with_alpha = opaque if opaque.hasalpha() else opaque.addalpha()
    values: NDArray[np.float32] = with_alpha.cast("uchar").numpy().astype(np.float32) / np.float32(255)
    return values


def _png(picture: Rgb) -> bytes:
    return _saved(np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8))


def _mask_png(hole: NDArray[np.bool_]) -> bytes | None:
    """Transparent where something new shall be; None where that is everywhere."""
    if hole.all():
        return None
    mask = np.zeros((*hole.shape, 4), np.uint8)
    mask[..., 3] = np.where(hole, 0, 255)
    return _saved(mask)


def _saved(values: NDArray[np.uint8]) -> bytes:
    import pyvips

    height, width, bands = values.shape
    image = pyvips.Image.new_from_memory(np.ascontiguousarray(values).data, width, height, bands, "uchar")
    file: bytes = image.copy(interpretation="srgb").pngsave_buffer()
    return file
