"""Words as models read them: the text encoders of Stable Diffusion 1.x, 2.x and XL. Encoded once, kept in the memo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from inlay.pipelines.models import Model
from inlay.pipelines.parts.loading import Parts
from inlay.pipelines.shelf import Shelf


@dataclass(frozen=True)
class Conditioning:
    """A prompt and its opposite, equally long."""

    wanted: Any  # (1, L, D)
    unwanted: Any  # (1, L, D)
    wanted_pooled: Any = None  # (1, P), SDXL
    unwanted_pooled: Any = None


def conditioning(parts: Parts, model: Model, shelf: Shelf, prompt: str, negative_prompt: str) -> Conditioning:
    """Both prompts encoded. Longer ones than the encoder takes are read in pieces of its length."""
    wanted, pooled = _encoded(parts, model, shelf, prompt)
    unwanted, unwanted_pooled = _encoded(parts, model, shelf, negative_prompt)
    if (
        "text_encoder_2" in parts
        and not negative_prompt
        and parts["settings"].get("force_zeros_for_empty_prompt", True)
    ):
        unwanted, unwanted_pooled = unwanted * 0, unwanted_pooled * 0  # as SDXL was trained (diffusers' default)
    length = max(wanted.shape[1], unwanted.shape[1])
    wanted, unwanted = (_lengthened(one, length, parts, model, shelf) for one in (wanted, unwanted))
    return Conditioning(wanted, unwanted, pooled, unwanted_pooled)


def _encoded(parts: Parts, model: Model, shelf: Shelf, prompt: str) -> tuple[Any, Any]:
    return shelf.memo.get((model.id, "prompt", prompt), lambda: _encode(parts, prompt))


def _lengthened(embeddings: Any, length: int, parts: Parts, model: Model, shelf: Shelf) -> Any:
    """Padded with the empty prompt, which is what is said where nothing more is said."""
    import torch

    if embeddings.shape[1] == length:
        return embeddings
    empty, _ = _encoded(parts, model, shelf, "")
    count = (length - embeddings.shape[1]) // empty.shape[1]
    return torch.cat([embeddings, *[empty] * count], dim=1)


def _encode(parts: Parts, prompt: str) -> tuple[Any, Any]:
    """(embeddings (1, L, D), pooled (1, P) or None)."""
    import torch

    first = _read(parts["tokenizer"], parts["text_encoder"], prompt)
    if "text_encoder_2" not in parts:
        return torch.cat([piece.last_hidden_state for piece in first], dim=1), None
    second = _read(parts["tokenizer_2"], parts["text_encoder_2"], prompt)
    if parts["text_encoder"] is None:
        hidden = [piece.hidden_states[-2] for piece in second]
    else:  # the last layer but one of both (Podell et al. 2023, section 2.1)
        pairs = zip(first, second, strict=True)
        hidden = [torch.cat([one.hidden_states[-2], other.hidden_states[-2]], dim=-1) for one, other in pairs]
    return torch.cat(hidden, dim=1), second[0].text_embeds


def _read(tokenizer: Any, encoder: Any, prompt: str) -> list[Any]:
    """The encoder's outputs, a piece of its length each."""
    import torch

    if encoder is None:
        return []
    words = tokenizer(prompt, add_special_tokens=False, truncation=False, verbose=False).input_ids
    size = tokenizer.model_max_length - 2
    pieces = [words[start : start + size] for start in range(0, max(len(words), 1), size)]
    outputs = []
    for piece in pieces:
        padded = [tokenizer.bos_token_id, *piece, tokenizer.eos_token_id]
        padded += [tokenizer.pad_token_id] * (tokenizer.model_max_length - len(padded))
        tokens = torch.tensor([padded], device=encoder.device)
        outputs.append(encoder(tokens, output_hidden_states=True))
    return outputs
