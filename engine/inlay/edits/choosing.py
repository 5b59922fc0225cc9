"""Which model does an edit: the user's choice, or the best that is here."""

from __future__ import annotations

from collections.abc import Sequence

from inlay.edits.asking import Asked
from inlay.edits.edit import EditError
from inlay.edits.lora_tags import loras_in
from inlay.edits.wearing import wearers
from inlay.pipelines.card import GB, Card
from inlay.pipelines.device import has_accelerator
from inlay.pipelines.family import Families, Family
from inlay.pipelines.models import AdapterKind


def chosen(edit: Asked, roster: Families) -> Family:
    """Who does it: whom the edit names, else the highest rank, of those that take the prompt's LoRAs if any does.

    A server does it only where it is named, or where nobody on this machine can.
    Without a GPU the built-in fill removes and extends, unless a model or words are asked for: it takes seconds there,
    and a diffusion model minutes. Raises EditError where nobody here can, and says which models could.
    """
    skill = edit.done_by or edit.kind
    able = [one for one in roster.families if skill in one.card.edits and _keeps(one, edit.keeps)]
    if not able:
        raise _no_control(edit.keeps, roster) if edit.keeps else _no_model(edit.kind, skill, roster)
    wanted = edit.model, edit.family
    fitting = [one for one in able if wanted[0] in ("", one.name) and wanted[1] in ("", one.card.family)]
    if not fitting:
        raise _wrong_choice(edit, roster, able)
    if not any(wanted):
        fitting = [one for one in fitting if not one.card.leaves_machine] or fitting
        fitting = [one for one in fitting if one.card.references >= edit.references] or fitting
    loras = loras_in(edit.prompt)
    fitting = (wearers(fitting, loras) if loras else []) or fitting
    by_rank = sorted(fitting, key=lambda one: -one.card.rank)
    if any(wanted) or edit.prompt or has_accelerator():
        return by_rank[0]
    return next((one for one in fitting if one.card.family == "builtin"), by_rank[0])


def _keeps(family: Family, control: str) -> bool:
    """Whether it can keep that of a picture; who is for that alone does nothing else."""
    if not control:
        return not family.card.controls
    nets = [each.purpose for each in family.adapters if each.kind is AdapterKind.CONTROL_NET]
    return control in family.card.controls and control in nets


def _no_control(control: str, roster: Families) -> EditError:
    known = list(dict.fromkeys(each for card in roster.cards for each in card.controls))
    if control not in known:
        message, remedy = f"There is no control {control!r}.", f"Choose one of {', '.join(known)}, or leave it empty."
        return EditError("control", message, field="edit.control", remedy=remedy)
    offers = [offer for card in roster.cards for offer in card.offers if control in offer.id and card.controls]
    names = ", ".join(f"{offer.id} ({offer.size_bytes / GB:.1f} GB)" for offer in offers)
    return EditError(
        "no_control",
        f"No ControlNet for {control} is installed that fits an installed model.",
        field="edit.control",
        remedy=f"Install one with `inlay models install NAME`: {names}. It goes beside an inpainting model.",
    )


def _no_model(kind: str, skill: str, roster: Families) -> EditError:
    could = "; ".join(_offered(card) for card in roster.cards if skill in card.edits and card.offers)
    return EditError(
        "no_model",
        f"No installed model can {kind}.",
        field="edit.model",
        remedy=f"Install one with `inlay models install NAME`: {could}.",
    )


def _offered(card: Card) -> str:
    best = card.offers[0]
    return f"{best.id} ({best.size_bytes / GB:.1f} GB)"


def _wrong_choice(edit: Asked, roster: Families, able: Sequence[Family]) -> EditError:
    model, family = edit.model, edit.family
    wanted = " as ".join(filter(None, (model, family)))
    is_here = any(model in ("", one.name) and family in ("", one.card.family) for one in roster.families)
    names = ", ".join(dict.fromkeys(f"{one.name} ({one.card.family})" for one in able))
    what = f"{edit.kind} and keep the {edit.keeps}: no ControlNet for that fits it" if edit.keeps else edit.kind
    return EditError(
        "model_unfit" if is_here else "model_unknown",
        f"{wanted} cannot {what}." if is_here else f"{wanted} is not installed.",
        field="edit.model" if model else "edit.family",
        remedy=f"Choose one of {names}, or leave `model` and `family` empty.",
    )
