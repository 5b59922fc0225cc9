"""How a model is asked: what the user set, what the family recommends, and what the kind of edit needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from inlay.edits.edit import LARGEST_SEED, Edit, EditError, bounded
from inlay.edits.wearing import FLOWS, Sampling, dressed, few_steps
from inlay.pipelines.card import Card, Infill, Range, Settings
from inlay.pipelines.family import Families, Family
from inlay.pipelines.schedulers import SAMPLERS

SMALL_SHARE = 0.05  # of the window: a mask below it saturates at high guidance
SMALL_GUIDANCE = 0.7  # so much of the family's guidance is left there
LONGEST_PROMPT = 4000
MOST_TRIES = 8
MOST_VARIATIONS = 8
MOST_REFERENCES = 8
READS = ("", "below", "layer")
BY_MODELS_ALONE = (
    "prompt",
    "negative_prompt",
    "strength",
    "guidance_scale",
    "num_inference_steps",
    "scheduler",
    "variations",
    "references",
)


def words(meaning: str, longest: int = LONGEST_PROMPT) -> Any:
    """A text field of an edit."""
    return field(default="", metadata={"max_length": longest, "description": meaning})


def number(lowest: float, highest: float, meaning: str) -> Any:
    """A field of an edit that the family decides where the user says nothing (null)."""
    return field(default=None, metadata={"ge": lowest, "le": highest, "description": meaning})


def pairs(meaning: str) -> Any:
    """A field of an edit that holds a few pairs, and none where the user says nothing."""
    return field(default=(), metadata={"max_length": MOST_VARIATIONS, "description": meaning})


@dataclass(frozen=True, kw_only=True)
class Asked(Edit):
    """An edit that a model may do: the fields that they share. What is empty or null is the plan's choice."""

    done_by: ClassVar[str] = ""  # which of a card's edits is needed, where that is not the kind itself

    @property
    def keeps(self) -> str:
        """What of the picture must be kept by a ControlNet: "pose", "depth", or "" for nothing."""
        return ""

    model: str = words("An installed model; empty lets the plan choose", 200)
    family: str = words("How the model is used, where it can be in several ways", 100)
    prompt: str = words("What to paint; describe the whole picture, not only the new thing")
    negative_prompt: str = words("What to keep away")
    strength: float | None = number(0.0, 1.0, "0 keeps the picture, 1 ignores it")
    guidance_scale: float | None = number(0.0, 100.0, "How closely the prompt is followed")
    num_inference_steps: int = bounded(0, 0, 1000, "Steps of denoising; 0 is the family's default")
    scheduler: str = words("A sampler by name; empty is the model's own", 100)
    variations: tuple[tuple[int, float], ...] = pairs("Seeds, and how far from 0 to 1 the noise goes towards theirs")
    references: int = bounded(0, 0, MOST_REFERENCES, "How many other pictures are sent to be looked at")
    reads: str = words("What the image shows: below (a layer and all below it), layer (that alone), or empty", 20)
    layer: str = words("Which layer that is, as the client calls it; it comes back in the recipe", 100)


def settled(
    edit: Asked, family: Family, roster: Families, infill: Infill, share: float, **recipe: Any
) -> Settings | None:
    """The settings that an edit amounts to for a family, or None for the built-in fill, which takes none.

    share: how much of the window is repainted, 0 to 1. recipe: fields of `Settings` that this kind of edit decides.
    Raises EditError where something is out of bounds, before any work.
    """
    card = family.card
    _check_reads(edit)
    if card.family == "builtin":
        _check_nothing_is_asked(edit)
        return None
    _check_variations(edit, card)
    _check_references(edit, card, roster)
    wished = _sampling(edit, family)
    steps = edit.num_inference_steps or wished.num_inference_steps or round(card.num_inference_steps.default)
    asked: dict[str, Any] = {
        "prompt": edit.prompt,
        "negative_prompt": edit.negative_prompt if card.has_negative_prompt else "",
        "strength": within_card("strength", edit.strength, card.strength),
        "guidance_scale": _guidance(edit, card, share, wished.guidance_scale),
        "num_inference_steps": steps,
        "scheduler": wished.scheduler,
        "infill": infill,
        "variations": edit.variations,
    }
    settings = dressed(Settings(**asked | recipe), family, roster)
    _check_prompt(settings, card, edit.kind)
    _check_steps(settings, card)
    return settings


def _sampling(edit: Asked, family: Family) -> Sampling:
    """What the user's sampler wants, or else a LoRA that was distilled for few steps."""
    if edit.scheduler and edit.scheduler not in SAMPLERS:
        raise _unknown_scheduler(edit.scheduler)
    own = family.card.own_sampler
    if edit.scheduler and (family.architecture in FLOWS or own not in ("", edit.scheduler)):
        raise _unfit_scheduler(edit.scheduler, family.card)
    if own:
        return Sampling(own)
    distilled = few_steps(edit.prompt, family)
    if distilled and edit.scheduler in ("", distilled.scheduler):
        return distilled
    if not edit.scheduler:
        return Sampling()
    sampler = SAMPLERS[edit.scheduler]
    return Sampling(edit.scheduler, sampler.few_steps, sampler.guidance_scale)


def _check_nothing_is_asked(edit: Asked) -> None:
    """The built-in fill heeds no words and no model's settings: refuse them, so that nobody believes it did."""
    for name in BY_MODELS_ALONE:
        if getattr(edit, name):
            raise EditError(
                "setting_unused",
                f"`{name}` was set, and the built-in fill has no such setting.",
                field=f"edit.{name}",
                remedy="Leave it empty, or choose a model (`inlay models list` shows them).",
            )


def _check_reads(edit: Asked) -> None:
    if edit.reads not in READS:
        raise EditError(
            "reads",
            f"There is no {edit.reads!r} to read.",
            field="edit.reads",
            remedy='Set it to "below" or "layer", or leave it empty for the whole picture.',
        )


def _check_references(edit: Asked, card: Card, roster: Families) -> None:
    if edit.references <= card.references:
        return
    takes = f"at most {card.references}" if card.references else "none"
    skill = edit.done_by or edit.kind
    able = [one.title for one in roster.cards if skill in one.edits and one.references >= edit.references]
    raise EditError(
        "references",
        f"{edit.references} other pictures were sent to be looked at, and {card.title} takes {takes}.",
        field="edit.references",
        remedy=f"Send fewer, or choose {' or '.join(able)}." if able else "Send fewer.",
    )


def _check_variations(edit: Asked, card: Card) -> None:
    """Each has a seed and a strength within bounds, and a model that draws its noise here."""
    if edit.variations and card.leaves_machine:
        raise EditError(
            "setting_unused",
            f"{card.title} draws its noise where it runs, so no result near another one can be asked for.",
            field="edit.variations",
            remedy="Run it again with another seed, or choose a model on this machine.",
        )
    for number, (seed, strength) in enumerate(edit.variations):
        if not 0 <= seed <= LARGEST_SEED or not 0 <= strength <= 1:
            raise EditError(
                "variations_range",
                f"Variation {number + 1} is a seed of {seed} with a strength of {strength:g}.",
                field=f"edit.variations.{number}",
                remedy=f"Give a seed from 0 to {LARGEST_SEED} and a strength from 0 to 1.",
            )


def _unknown_scheduler(name: str) -> EditError:
    known = ", ".join(SAMPLERS)
    message, remedy = f"There is no scheduler {name!r}.", f"Choose one of {known}, or leave it empty."
    return EditError("scheduler", message, field="edit.scheduler", remedy=remedy)


def _unfit_scheduler(name: str, card: Card) -> EditError:
    return EditError(
        "scheduler",
        f"{card.title} cannot be sampled by {name!r}: it has a sampler of its own.",
        field="edit.scheduler",
        remedy="Leave it empty, or choose another family.",
    )


def within_card(name: str, wanted: float | None, allowed: Range) -> float:
    """The wanted value, or the family's own. Raises EditError where the family does not go so far."""
    if wanted is None:
        return allowed.default
    if not allowed.lowest <= wanted <= allowed.highest:
        raise EditError(
            f"{name}_range",
            f"`{name}` is {wanted:g}, and this model takes {allowed.lowest:g} to {allowed.highest:g}.",
            field=f"edit.{name}",
            remedy=f"Set it within that range, or leave it out for {allowed.default:g}.",
        )
    return wanted


def _guidance(edit: Asked, card: Card, share: float, few_step_scale: float | None) -> float:
    """The user's, else what a few-step sampler wants, else the family's, lowered for small masks."""
    if edit.guidance_scale is not None or few_step_scale is None:
        scale = within_card("guidance_scale", edit.guidance_scale, card.guidance_scale)
        is_lowered = edit.guidance_scale is None and edit.kind == "replace" and share < SMALL_SHARE
        return max(card.guidance_scale.lowest, SMALL_GUIDANCE * scale) if is_lowered else scale
    return few_step_scale


def _check_prompt(settings: Settings, card: Card, kind: str) -> None:
    if card.needs_prompt and kind not in ("remove", "extend") and not settings.prompt.strip():
        raise EditError(
            "prompt_empty",
            f"{card.title} needs words to {kind}.",
            field="edit.prompt",
            remedy="Say what the picture shall show there.",
        )
    if card.needs_source_prompt and not settings.source_prompt.strip():
        raise EditError(
            "source_prompt_empty",
            f"{card.title} needs to know what the picture shows now.",
            field="edit.source_prompt",
            remedy="Describe the picture as it is; then let the prompt say the same with other words.",
        )


def _check_steps(settings: Settings, card: Card) -> None:
    lowest, highest = card.num_inference_steps.lowest, card.num_inference_steps.highest
    if not lowest <= settings.num_inference_steps <= highest:
        raise EditError(
            "num_inference_steps_range",
            f"{settings.num_inference_steps} steps were asked for, and {card.title} takes {lowest:g} to {highest:g}.",
            field="edit.num_inference_steps",
            remedy="Set it within that range, or to 0 for the default.",
        )
    if settings.num_inference_steps * settings.strength < 1:
        raise EditError(
            "no_step",
            f"A strength of {settings.strength:g} over {settings.num_inference_steps} steps leaves less than one step.",
            field="edit.strength",
            remedy=f"Use at least {1 / settings.num_inference_steps:.2f}, or more steps.",
        )
