"""Words as models read them: the text encoders of Stable Diffusion 1.x, 2.x and XL. Encoded once, kept in the memo."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from inlay.pipelines.models import Model
from inlay.pipelines.parts.adapters import wardrobe
from inlay.pipelines.parts.loading import Parts
from inlay.pipelines.shelf import Shelf
from inlay.pipelines.spoken import parted

Token = tuple[int, Any]  # its number, and the vector (D,) that stands in its place; None for the encoder's own


@dataclass(frozen=True)
class Conditioning:
    """A prompt and its opposite, equally long."""

    wanted: Any  # (1, L, D)
    unwanted: Any  # (1, L, D)
    wanted_pooled: Any = None  # (1, P), SDXL
    unwanted_pooled: Any = None


def conditioning(parts: Parts, model: Model, shelf: Shelf, prompt: str, negative_prompt: str) -> Conditioning:
    """Both prompts encoded. Longer ones than the encoder takes are read in pieces of its length."""
    (wanted, unwanted), (pooled, unwanted_pooled) = read_together(parts, model, shelf, prompt, negative_prompt)
    if (
        "text_encoder_2" in parts
        and not negative_prompt
        and parts["settings"].get("force_zeros_for_empty_prompt", True)
    ):
        unwanted, unwanted_pooled = unwanted * 0, unwanted_pooled * 0  # as SDXL was trained (diffusers' default)
    return Conditioning(wanted, unwanted, pooled, unwanted_pooled)


def read_together(parts: Parts, model: Model, shelf: Shelf, *prompts: str) -> tuple[list[Any], list[Any]]:
    """Several prompts' embeddings, (1, L, D) each and equally long, and what is pooled of each, (1, P) or None."""
    read = [_encoded(parts, model, shelf, prompt) for prompt in prompts]
    length = max(embeddings.shape[1] for embeddings, _ in read)
    return [_lengthened(embeddings, length, parts, model, shelf) for embeddings, _ in read], [one for _, one in read]


def numbers(parts: Parts, prompt: str) -> list[int]:
    """The numbers of a prompt's tokens at the places (L) where its embeddings stand: begin, words, end and padding."""
    tokenizer = parts["tokenizer"]
    pieces = _pieces(tokenizer, _tokens(tokenizer, prompt, _own(parts, "")))
    return [number for piece in pieces for number, _ in piece]


def place(parts: Parts, prompt: str) -> int:
    """The place at which the first word after this beginning of a prompt stands."""
    tokenizer = parts["tokenizer"]
    length: int = tokenizer.model_max_length
    pieces, rest = divmod(len(_tokens(tokenizer, prompt, _own(parts, ""))), length - 2)
    return pieces * length + 1 + rest


def _encoded(parts: Parts, model: Model, shelf: Shelf, prompt: str) -> tuple[Any, Any]:
    key = (model.id, "prompt", prompt, *wardrobe(parts).key(prompt))
    return shelf.memo.get(key, lambda: _encode(parts, prompt))


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

    first = _read(parts, "", prompt)
    if "text_encoder_2" not in parts:
        return torch.cat([piece.last_hidden_state for piece in first], dim=1), None
    second = _read(parts, "_2", prompt)
    if parts["text_encoder"] is None:
        hidden = [piece.hidden_states[-2] for piece in second]
    else:  # the last layer but one of both (Podell et al. 2023, section 2.1)
        pairs = zip(first, second, strict=True)
        hidden = [torch.cat([one.hidden_states[-2], other.hidden_states[-2]], dim=-1) for one, other in pairs]
    return torch.cat(hidden, dim=1), second[0].text_embeds


def _read(parts: Parts, which: str, prompt: str) -> list[Any]:
    """The outputs of one encoder ("" or "_2"), a piece of its length each."""
    import torch

    tokenizer, encoder = parts[f"tokenizer{which}"], parts[f"text_encoder{which}"]
    if encoder is None:
        return []
    outputs = []
    for piece in _pieces(tokenizer, _tokens(tokenizer, prompt, _own(parts, which))):
        numbers = torch.tensor([[number for number, _ in piece]], device=parts["device"])
        with _in_place(encoder, {place: vector for place, (_, vector) in enumerate(piece) if vector is not None}):
            outputs.append(encoder(numbers, output_hidden_states=True))
    return outputs


def _own(parts: Parts, which: str) -> dict[str, Any]:
    """The embeddings that are worn, (n, D) by name, as one encoder knows them."""
    return {name: vectors[-1 if which else 0] for name, vectors in wardrobe(parts).embeddings.items()}


def _pieces(tokenizer: Any, tokens: list[Token]) -> list[list[Token]]:
    """The tokens in pieces of the encoder's length, each with its begin, end and padding."""
    size = tokenizer.model_max_length - 2
    pieces = []
    for start in range(0, max(len(tokens), 1), size):
        piece = [(tokenizer.bos_token_id, None), *tokens[start : start + size], (tokenizer.eos_token_id, None)]
        pieces.append(piece + [(tokenizer.pad_token_id, None)] * (tokenizer.model_max_length - len(piece)))
    return pieces


def _tokens(tokenizer: Any, prompt: str, embeddings: Mapping[str, Any]) -> list[Token]:
    """The prompt's tokens, those of embeddings among them. Nothing is added to the tokenizer."""
    tokens: list[Token] = []
    for words, name in parted(prompt, embeddings):
        numbers = tokenizer(words, add_special_tokens=False, truncation=False, verbose=False).input_ids
        tokens += [(number, None) for number in numbers]
        # The number is any that is not the end's, which encoders look for.
        tokens += [(tokenizer.bos_token_id, vector) for vector in (embeddings[name] if name else ())]
    return tokens


@contextmanager
def _in_place(encoder: Any, places: Mapping[int, Any]) -> Iterator[None]:
    """Let the encoder see these vectors (D,) at these places, whatever its own table says of the tokens there."""

    def put(module: Any, given: Any, seen: Any) -> Any:
        seen = seen.clone()  # (1, L, D)
        for place, vector in places.items():
            seen[0, place] = vector.to(seen)
        return seen

    hook = encoder.get_input_embeddings().register_forward_hook(put) if places else None
    try:
        yield
    finally:
        if hook:
            hook.remove()
