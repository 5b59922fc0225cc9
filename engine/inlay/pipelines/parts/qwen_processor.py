"""Words and a picture as Qwen2.5-VL reads them. The processor of transformers cannot be made without torchvision."""

from __future__ import annotations

from pathlib import Path
from typing import Any

IMAGE = "<|image_pad|>"  # where a picture stands in the words: once for it in a template, once for each of its tokens


class QwenProcessor:
    """What `Qwen2VLProcessor` does with pictures and words, and nothing of what it does with films."""

    def __init__(self, folder: Path, tokenizer: Any) -> None:
        """folder: a checkpoint's `processor`, whose configuration says how pictures are cut."""
        from transformers import Qwen2VLImageProcessorPil

        self._cut = Qwen2VLImageProcessorPil.from_pretrained(str(folder), local_files_only=True)
        self._tokenizer = tokenizer

    def __call__(self, text: list[str], images: Any, padding: bool, return_tensors: str) -> Any:
        """The tokens of each text, and the patches of the pictures, which stand in the texts in their order.

        images: a PIL image, or a list of them; None for words alone.
        """
        from transformers import BatchFeature

        seen = {} if images is None else self._cut(images=images, return_tensors=return_tensors)
        counts = [] if images is None else (seen["image_grid_thw"].prod(dim=1) // self._cut.merge_size**2).tolist()
        spelled = [_with_places(one, counts) for one in text]
        tokens = self._tokenizer(spelled, padding=padding, return_tensors=return_tensors)
        return BatchFeature({**tokens, **seen})


def _with_places(text: str, counts: list[int]) -> str:
    """The text with as many places for each picture as it has tokens."""
    words = text.split(IMAGE)
    assert len(words) == len(counts) + 1
    places = [IMAGE * count for count in counts]
    return "".join(word + place for word, place in zip(words, [*places, ""], strict=True))
