"""Attention that is kept from one branch of a batch for another (Hertz et al. 2022, Prompt-to-Prompt)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from inlay.pipelines.parts.loading import Parts
from inlay.pipelines.parts.prompting import numbers, place

LARGEST_SELF = 32 * 32  # places; the paper keeps self-attention where it is coarse, and the finer one costs memory
WEIGHTED = re.compile(r"\(([^():]+):(-?\d+(?:\.\d+)?)\)")


@dataclass(frozen=True)
class Bond:
    """How the words of two prompts belong together, as tensors over their places."""

    moved: Any  # (source, target): what of the source's attention a target's word gets, columns sum to 1 or 0
    is_moved: Any  # (target,): 1 where a word has its counterpart in the source, 0 where it is new
    weights: Any  # (target,): how much more a word counts than it would


def unweighted(prompt: str) -> str:
    """The prompt's words alone: "(red:1.5) boat" is "red boat"."""
    return WEIGHTED.sub(r"\1", prompt)


def bond(parts: Parts, source: str, target: str, length: int) -> Bond:
    """Words that stay keep their attention, words that were swapped take their counterpart's, new ones have their own.

    source, target: prompts; the target's words may be weighted, "(red:1.5)". length: places of both.
    """
    import torch

    old, new = numbers(parts, source), numbers(parts, unweighted(target))
    moved, is_moved = torch.zeros(length, length), torch.zeros(length)
    for change, start, end, first, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if change in ("equal", "replace"):
            moved[start:end, first:last] = torch.eye(end - start) if change == "equal" else 1 / (end - start)
            is_moved[first:last] = 1
    moved[range(len(new), length), range(len(new), length)] = 1  # what pads the shorter one
    is_moved[len(new) :] = 1
    return Bond(moved, is_moved, _weights(parts, target, length))


def _weights(parts: Parts, target: str, length: int) -> Any:
    import torch

    weights = torch.ones(length)
    for match in WEIGHTED.finditer(target):
        before = unweighted(target[: match.start()])
        weights[place(parts, before) : place(parts, before + match[1])] = float(match[2])
    return weights


@dataclass
class Kept:
    """What the third part of a batch takes from the second: (unwanted, source, target)."""

    bond: Bond
    is_cross_kept: bool = True
    is_self_kept: bool = True

    def taken(self, shares: Any, is_cross: bool) -> Any:
        """shares: (3 * heads, places, words or places), what each place attends to."""
        import torch

        unwanted, source, target = shares.chunk(3)
        if is_cross:
            if self.is_cross_kept:
                is_moved = self.bond.is_moved.to(target)
                target = (source @ self.bond.moved.to(source)) * is_moved + target * (1 - is_moved)
            target = target * self.bond.weights.to(target)
        elif self.is_self_kept:
            target = source
        return torch.cat([unwanted, source, target])


@contextmanager
def keeping(unet: Any, kept: Kept) -> Iterator[None]:
    """As long as this lasts, the U-Net's attention goes through `kept`; afterwards it is what it was."""
    layers = [module for name, module in unet.named_modules() if name.endswith(("attn1", "attn2"))]
    before = [layer.processor for layer in layers]
    try:
        for layer, own in zip(layers, before, strict=True):
            layer.processor = _Attention(kept, own)
        yield
    finally:
        for layer, own in zip(layers, before, strict=True):
            layer.processor = own


class _Attention:
    """A layer's attention, written out where its shares are needed, and left to the layer's own where they are not."""

    def __init__(self, kept: Kept, own: Any) -> None:
        self._kept = kept
        self._own = own

    def __call__(self, layer: Any, seen: Any, encoder_hidden_states: Any = None, **more: Any) -> Any:
        is_cross = encoder_hidden_states is not None
        if not is_cross and (seen.shape[1] > LARGEST_SELF or not self._kept.is_self_kept):
            return self._own(layer, seen, encoder_hidden_states, **more)
        words = encoder_hidden_states if is_cross else seen  # (3, L, D)
        asked = layer.head_to_batch_dim(layer.to_q(seen))  # (3 * heads, N, d)
        answers, values = (layer.head_to_batch_dim(project(words)) for project in (layer.to_k, layer.to_v))
        shares = self._kept.taken(layer.get_attention_scores(asked, answers), is_cross)
        mixed = layer.batch_to_head_dim(shares @ values)  # (3, N, D)
        return layer.to_out[1](layer.to_out[0](mixed)) / layer.rescale_output_factor
