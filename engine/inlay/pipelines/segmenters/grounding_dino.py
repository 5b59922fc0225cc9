"""Grounding DINO (Liu et al. 2023): where what words describe lies. Boxes alone: a segmenter makes masks of them."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from inlay.pipelines.beside import APACHE, MB, beside_card
from inlay.pipelines.card import GB, Offer
from inlay.pipelines.family import FamilyError
from inlay.pipelines.parts.devices import Device
from inlay.pipelines.parts.pretrained import normalised, pretrained
from inlay.pipelines.parts.selecting import SelectingModel
from inlay.pipelines.segmenter import Sighting, View
from inlay.pixels.geometry import Box
from inlay.pixels.resampling import Floats, resized

SHORTEST_PX, LONGEST_PX = 800, 1333  # the sides that it was trained with: its preprocessor_config.json
LABEL_SCORE = 0.25  # a word that fits so well names what was found: the model card
MOST = 50  # sightings, of 900 that it gives: the rest is noise
BETWEEN = re.compile(r"\s*(?:,|;|\.|\band\b|\bor\b)\s*")
FILES = ("*.json", "model.safetensors", "vocab.txt")


def _offer(id: str, size: str, repository: str, size_bytes: int) -> Offer:
    title = f"Grounding DINO, {size}: finds what words describe"
    return Offer(id, title, repository, "main", size_bytes, "Apache-2.0", APACHE, patterns=FILES)


OFFERS = (
    _offer("grounding-dino-tiny", "tiny", "IDEA-Research/grounding-dino-tiny", 690 * MB),
    _offer("grounding-dino-base", "base", "IDEA-Research/grounding-dino-base", 933 * MB),
)


class GroundingDino(SelectingModel):
    """Sees the picture and the words together, so that each new word costs a whole look."""

    listing = beside_card(
        "grounding-dino",
        "Grounding DINO: finds what words describe",
        OFFERS,
        3 * GB,
        architecture="grounding-dino",
    )
    working_px = LONGEST_PX

    def load(self, device: Device) -> Any:
        """The network and its tokenizer. Single precision: its deformable attention takes no other."""
        import transformers

        network = pretrained(transformers.GroundingDinoForObjectDetection, self.model.path)
        tokenizer = transformers.AutoTokenizer.from_pretrained(str(self.model.path), local_files_only=True)
        return network.to(device.kind), tokenizer

    def sightings(self, view: View, words: str) -> list[Sighting]:
        """See `Finder.sightings`. Words with commas, "and" or "or" between them are several things to find."""
        asked = prompt_of(words)
        if not asked:
            raise FamilyError("no_words", "There are no words to look for.", field="words", remedy="Say what to find.")
        with self.at_work():
            boxes, scores, labels = self.remembered(f"{view.key} {asked}", lambda: self._seen(view, asked))
        height, width = view.picture.shape[:2]
        return [
            Sighting(box_of(box, width, height), float(score), label)
            for box, score, label in zip(boxes, scores, labels, strict=True)
        ]

    def _seen(self, view: View, asked: str) -> tuple[Floats, Floats, list[str]]:
        """What may be meant, the best first: boxes as shares of the picture (n, 4), scores (n,) and labels."""
        import torch

        network, tokenizer = self.network()
        height, width = view.picture.shape[:2]
        pixels = normalised(resized(view.picture, *shown_size(width, height)))
        text = tokenizer(asked, return_tensors="pt", truncation=True, max_length=network.config.max_text_len)
        found = network(
            pixel_values=torch.from_numpy(pixels)[None].to(network.device),
            **{name: each.to(network.device) for name, each in text.items()},
        )
        fits = found.logits[0].sigmoid().cpu().numpy()[:, : text["input_ids"].shape[1]]  # (queries, tokens)
        scores = fits.max(axis=1)
        best = np.argsort(-scores)[:MOST]
        labels = [_label(fits[at], text["input_ids"][0].tolist(), tokenizer) for at in best]
        return found.pred_boxes[0].cpu().numpy()[best], scores[best], labels


def prompt_of(words: str) -> str:
    """As it was trained to read: small letters, and a dot after each thing. "" where there is nothing to find."""
    things = [each for each in BETWEEN.split(words.strip().lower()) if each]
    return "".join(f"{thing}. " for thing in things).strip()


def shown_size(width: int, height: int) -> tuple[int, int]:
    """(width, height): the short side 800 px, unless the long one would pass 1333; rounded as DETR's pictures are."""
    short, long = sorted((width, height))
    side = min(SHORTEST_PX, LONGEST_PX * short / long)
    shown = max(1, round(side)), max(1, int(side * long / short))
    return shown if width <= height else shown[::-1]


def box_of(middle: Any, width: int, height: int) -> Box:
    """In pixels of the view. middle: the box's (x, y, width, height) as shares of the picture, x and y its middle's."""
    across, down, wide, tall = (float(each) for each in middle)
    left, right = (round(width * min(max(at, 0.0), 1.0)) for at in (across - wide / 2, across + wide / 2))
    top, bottom = (round(height * min(max(at, 0.0), 1.0)) for at in (down - tall / 2, down + tall / 2))
    left, top = min(left, width - 1), min(top, height - 1)
    return Box.from_edges(left, top, max(left + 1, right), max(top + 1, bottom))


def _label(fits: Any, tokens: list[int], tokenizer: Any) -> str:
    """The words that fit what was found; the best alone where none fits well."""
    special = set(tokenizer.all_special_ids)
    kept = [token for token, fit in zip(tokens, fits, strict=True) if fit >= LABEL_SCORE and token not in special]
    return str(tokenizer.decode(kept or [tokens[int(fits.argmax())]], skip_special_tokens=True)).strip(" .")


FINDER = GroundingDino
