"""LoRAs and embeddings on a loaded model for one job, and off it again without a trace."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from inlay.pipelines.card import Settings
from inlay.pipelines.family import FamilyError
from inlay.pipelines.models import Adapter, AdapterKind, Model
from inlay.pipelines.parts.faults import reading
from inlay.pipelines.parts.loading import Parts
from inlay.pipelines.spoken import spoken_in

ENCODERS = ("text_encoder", "text_encoder_2", "text_encoder_3")
EMBEDDING_KEYS = ("clip_l", "clip_g")  # in files for SDXL: of its first and its second encoder
KEY = "adapters"  # under which a model's parts tell what they wear
Worn = tuple[Adapter, float]  # a LoRA, and its weight


@dataclass(frozen=True)
class Wardrobe:
    """What the parts wear that changes how words are read."""

    loras: tuple[Hashable, ...] = ()  # those that change a text encoder: file and weight
    embeddings: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)  # by name: (n, D) for each encoder
    files: Mapping[str, Hashable] = field(default_factory=dict)  # by the embedding's name: what exactly was read

    def key(self, prompt: str) -> tuple[Hashable, ...]:
        """What else than the prompt decides how it is encoded."""
        return (self.loras, tuple(self.files[name] for name in spoken_in(prompt, self.embeddings)))


def wardrobe(parts: Parts) -> Wardrobe:
    """What the parts wear now."""
    worn: Wardrobe = parts.get(KEY, Wardrobe())
    return worn


@contextmanager
def adapted(
    parts: Parts, settings: Settings, adapters: Sequence[Adapter], pipeline: Callable[[], Any]
) -> Iterator[None]:
    """As long as this lasts, a model's parts wear what the settings name.

    adapters: where they are found. pipeline: any of diffusers around the parts, which knows how LoRAs of its kind are
    read; made only where there are LoRAs. Raises FamilyError for a file that is gone, damaged, or does not fit.
    """
    loras = [(_named(name, AdapterKind.LORA, adapters), weight) for name, weight in settings.loras if weight]
    embeddings = {name: _named(name, AdapterKind.EMBEDDING, adapters) for name in settings.embeddings}
    with _wearing(pipeline(), loras) if loras else nullcontext():
        parts[KEY] = Wardrobe(
            _of_encoders(parts, loras),
            {name: _vectors(adapter) for name, adapter in embeddings.items()},
            {name: _identity(adapter) for name, adapter in embeddings.items()},
        )
        try:
            yield
        finally:
            del parts[KEY]


def pipeline_around(parts: Parts, model: Model) -> Any:
    """A pipeline of diffusers that shares a model's loaded parts."""
    import diffusers

    kind = getattr(diffusers, model.description.pipeline_class)
    takes = inspect.signature(kind).parameters
    given = parts | parts["settings"]
    return kind(**{name: part for name, part in given.items() if name in takes})


@contextmanager
def _wearing(pipeline: Any, loras: Sequence[Worn]) -> Iterator[None]:
    """The LoRAs on the pipeline's parts. Layers are wrapped and not changed, so no bit of them stays different."""
    names = [f"inlay_{number}" for number in range(len(loras))]
    try:
        for name, (adapter, _) in zip(names, loras, strict=True):
            _put_on(pipeline, adapter, name)
        pipeline.set_adapters(names, [weight for _, weight in loras])
        yield
    finally:
        _take_off(pipeline)


def _named(name: str, kind: AdapterKind, adapters: Sequence[Adapter]) -> Adapter:
    for adapter in adapters:
        if adapter.name == name and adapter.kind is kind and adapter.path.is_file():
            return adapter
    raise FamilyError(
        "adapter_gone",
        f"The {kind} {name} is not on this machine any more.",
        field="edit.prompt",
        remedy="Put its file back, or take its name out of the prompt.",
    )


def _take_off(pipeline: Any) -> None:
    """All of them, and for FLUX.1 the layers that a control LoRA made wider, too."""
    takes = inspect.signature(pipeline.unload_lora_weights).parameters
    everything = {"reset_to_overwritten_params": True} if "reset_to_overwritten_params" in takes else {}
    pipeline.unload_lora_weights(**everything)


def _put_on(pipeline: Any, adapter: Adapter, name: str) -> None:
    """Read one file, and wrap the layers that it changes."""
    damage = reading(adapter.path, partial(_unusable, adapter))
    with damage, _looking_wide(pipeline), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Already found a `peft_config`")  # several LoRAs are what we mean
        warnings.filterwarnings("ignore", "Adapter .* was active which is now deleted")  # peft's own clearing up
        # From the file and not from its tensors: so diffusers sees what else it says, such as the LoRA's scale.
        pipeline.load_lora_weights(
            str(adapter.path.parent),
            weight_name=adapter.path.name,
            adapter_name=name,
            use_safetensors=True,
            local_files_only=True,
        )
    if not any(name in worn for worn in pipeline.get_list_adapters().values()):
        raise _unusable(adapter, "it changes no layer of this model")
    if getattr(pipeline.components.get("transformer"), "_overwritten_params", None):
        raise _unusable(adapter, "it is a control LoRA, which wants a picture of its own")


@contextmanager
def _looking_wide(pipeline: Any) -> Iterator[None]:
    """Weights that rest in 8 bits look as wide as they are computed with.

    peft gives a LoRA the precision of the weight beside it, and in 8 bits most of a LoRA would become 0.
    """
    import torch

    resting = []
    for network in pipeline.components.values():
        if not isinstance(network, torch.nn.Module):
            continue
        for name, weight in network.named_parameters():
            if weight.is_floating_point() and weight.itemsize == 1:
                resting.append((weight, weight.data))
                nothing = torch.empty(1, dtype=network.dtype, device=weight.device).expand(weight.shape)
                # diffusers copies what a control LoRA widens, the embedders, and puts the copy back when it goes.
                weight.data = weight.data.to(network.dtype) if "embed" in name else nothing
    try:
        yield
    finally:
        for weight, data in resting:
            weight.data = data


def _unusable(adapter: Adapter, reason: str) -> FamilyError:
    return FamilyError(
        "adapter_broken",
        f"The {adapter.kind} {adapter.name} cannot be used: {reason}.",
        field="edit.prompt",
        remedy="Download it again, or take its name out of the prompt.",
    )


def _of_encoders(parts: Parts, loras: Sequence[Worn]) -> tuple[Hashable, ...]:
    """What names those LoRAs that have changed a text encoder."""
    changed = {name for encoder in ENCODERS for name in getattr(parts.get(encoder), "peft_config", None) or ()}
    worn = enumerate(loras)
    return tuple((_identity(adapter), weight) for number, (adapter, weight) in worn if f"inlay_{number}" in changed)


def _identity(adapter: Adapter) -> Hashable:
    """Another file under the same name is another adapter."""
    told = adapter.path.stat()
    return (str(adapter.path), told.st_mtime_ns, told.st_size)


def _vectors(adapter: Adapter) -> tuple[Any, ...]:
    """What an embedding puts in a token's place, (n, D) for each encoder."""
    from safetensors.torch import load_file

    with reading(adapter.path, partial(_unusable, adapter)):
        tensors = load_file(adapter.path)
    found = [tensors[key] for key in EMBEDDING_KEYS if key in tensors] or list(tensors.values())[:1]
    return tuple(vectors.reshape(-1, vectors.shape[-1]) for vectors in found)
