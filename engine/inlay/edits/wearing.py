"""Which adapters an edit puts on its model: the LoRAs and embeddings that its prompts name, found before any work."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from inlay.edits.edit import EditError
from inlay.edits.lora_tags import Weighted, loras_in, refuse_loras, without_loras
from inlay.pipelines.card import Settings
from inlay.pipelines.family import Families, Family
from inlay.pipelines.models import Adapter, AdapterKind
from inlay.pipelines.schedulers import SAMPLERS
from inlay.pipelines.spoken import spoken_in

DISTILLED = ("lcm", "lightning", "hyper")  # samplers, and what files say that make a model fit for them
FLOWS = ("sd3", "flux", "flux2", "qwen", "z-image")  # flow matching: they keep their own sampler and take fewer steps
STEPS = re.compile(r"(\d+)[-_ ]?steps?", re.IGNORECASE)  # "Hyper-SDXL-8steps-lora", "sdxl_lightning_4step_lora"
NAMES_SHOWN = 8


@dataclass(frozen=True)
class Sampling:
    """What a sampler or a distilled LoRA wants where the user says nothing."""

    scheduler: str = ""  # a name of pipelines/schedulers.py; "" is the checkpoint's own
    num_inference_steps: int = 0  # 0 is the family's default
    guidance_scale: float | None = None  # None is the family's default
    lora: str = ""  # whose wish it is


def few_steps(prompt: str, family: Family) -> Sampling | None:
    """What the first of the prompt's LoRAs that was distilled for few steps is made for, by its name."""
    for name, weight in loras_in(prompt):
        said = re.split(r"[^a-z]+", name.lower())
        distilled = next((each for each in DISTILLED if each in said), None)
        if distilled and weight:
            steps = STEPS.search(name)
            count = max(int(steps[1]), 1) if steps else SAMPLERS[distilled].few_steps
            if family.architecture not in FLOWS:
                return Sampling(distilled, count, SAMPLERS[distilled].guidance_scale, name)
            # Such LoRAs are trained to do without classifier-free guidance; a distilled one is a condition, and stays.
            card = family.card
            return Sampling("", count, None if card.is_guidance_distilled else card.guidance_scale.lowest, name)
    return None


def dressed(settings: Settings, family: Family, roster: Families) -> Settings:
    """The settings with the LoRAs and embeddings that their prompts name; the prompts are words alone then.

    Raises EditError for a LoRA that is not here, or was made for another kind of model.
    """
    refuse_loras(settings.negative_prompt, "edit.negative_prompt")
    refuse_loras(settings.source_prompt, "edit.source_prompt")
    loras = loras_in(settings.prompt)
    for name, _ in loras:
        if name not in _names(family.adapters, AdapterKind.LORA):
            raise _unfit(name, family, roster) if _is_here(name, roster) else _unknown(name, family)
    prompt = without_loras(settings.prompt)
    said = "\n".join((prompt, settings.negative_prompt, settings.source_prompt))
    embeddings = spoken_in(said, _names(family.adapters, AdapterKind.EMBEDDING))
    return replace(settings, prompt=prompt, loras=loras, embeddings=tuple(embeddings))


def wearers(families: Iterable[Family], loras: Iterable[Weighted]) -> list[Family]:
    """Those families that take all of these LoRAs."""
    wanted = {name for name, _ in loras}
    return [family for family in families if wanted <= set(_names(family.adapters, AdapterKind.LORA))]


def _names(adapters: Iterable[Adapter], kind: AdapterKind) -> list[str]:
    return [adapter.name for adapter in adapters if adapter.kind is kind]


def _is_here(name: str, roster: Families) -> bool:
    return name in _names(roster.adapters, AdapterKind.LORA)


def _unfit(name: str, family: Family, roster: Families) -> EditError:
    made_for = next(adapter.architecture for adapter in roster.adapters if adapter.name == name)
    models = dict.fromkeys(one.name for one in wearers(roster.families, [(name, 1.0)]))
    what = f"Choose a model that takes it ({', '.join(models)})" if models else "Install a model that it is made for"
    return EditError(
        "lora_unfit",
        f"The LoRA {name} is made for another kind of model{f' ({made_for})' if made_for else ''}"
        f" than {family.name} ({family.card.title}).",
        field="edit.prompt",
        remedy=f"{what}, or take its tag out of the prompt.",
    )


def _unknown(name: str, family: Family) -> EditError:
    known = _names(family.adapters, AdapterKind.LORA)
    like = difflib.get_close_matches(name, known, NAMES_SHOWN) or known[:NAMES_SHOWN]
    here = f"Choose one of {', '.join(like)}" if like else "Put its .safetensors file into a folder of models"
    return EditError(
        "lora_unknown",
        f"There is no LoRA called {name} on this machine.",
        field="edit.prompt",
        remedy=f"{here} (`inlay models list` shows what is here), or take its tag out of the prompt.",
    )
