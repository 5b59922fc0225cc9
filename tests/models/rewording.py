"""Trials of Prompt-to-Prompt on the toy model: what other words change in a picture, and what they leave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from inlay.pipelines.card import Infill, Settings
from inlay.pipelines.families.prompt_to_prompt import PromptToPrompt, retold
from inlay.pipelines.family import Watch
from inlay.pipelines.parts.easel import Easel, Latents
from inlay.pipelines.parts.latent_family import LatentFamily

from tests.models.trials import GUIDANCE, STEPS, Trial, hole_of, other_colour, tried, unseen
from tests.models.world import COLOURS, SIDE_PX

STRENGTH = 0.8


class Forgetful(PromptToPrompt):
    """The same way to the noise and back, and no attention is kept on it."""

    def denoise(self, easel: Easel, watch: Watch) -> Latents:
        return retold(easel, watch, cross_share=0, self_share=0)


def forgetful(family: LatentFamily) -> LatentFamily:
    """Prompt-to-Prompt without what makes it so, for comparison."""
    return Forgetful(family.model, family.shelf)


def told(family: LatentFamily, number: int, words: str, guidance_scale: float = GUIDANCE) -> Trial:
    """An unseen scene told with other words, all of it free to change; the trial's hole is a box around its thing."""
    scene = unseen(number)
    asked = Settings(
        words,
        source_prompt=scene.things[0].words,
        strength=STRENGTH,
        guidance_scale=guidance_scale,
        num_inference_steps=STEPS,
        infill=Infill.KEEP,
    )
    trial = tried(family, scene, np.ones((SIDE_PX, SIDE_PX), np.bool_), number, asked)
    return replace(trial, hole=hole_of(scene))


def overlap(trial: Trial) -> float:
    """Of where the thing was and where a thing is now: intersection over union."""
    before, after = trial.scene.things[0].coverage(SIDE_PX) > 0.5, trial.labels() > 0
    return float((before & after).sum() / (before | after).sum())


# Figures: means over unseen scenes


def led_back(family: LatentFamily, count: int) -> float:
    """PSNR in decibels to the scene that is told with its own words, without guidance."""
    trials = [told(family, number, unseen(number).things[0].words, guidance_scale=1.0) for number in range(count)]
    return float(np.mean([trial.psnr(np.ones_like(trial.hole)) for trial in trials]))


def swapped(family: LatentFamily, count: int) -> tuple[float, float, float]:
    """Another colour's word: (share recoloured, overlap of old and new thing, likeness around the thing)."""
    found = []
    for number in range(count):
        thing, colour = unseen(number).things[0], other_colour(unseen(number), number)
        trial = told(family, number, replace(thing, colour=colour).words)
        found.append((trial.shows(colour), overlap(trial), trial.likeness(~trial.hole)))
    share, overlapping, likeness = np.mean(found, axis=0)
    return float(share), float(overlapping), float(likeness)


def refined(family: LatentFamily, count: int, ground: str) -> tuple[float, float, float]:
    """A kind of ground is added: (the ground's deviation from its mean, of white, overlap, share of the own colour)."""
    found = []
    for number in range(count):
        thing = unseen(number).things[0]
        trial = told(family, number, f"{thing.words} on {ground}")
        deviation = trial.painted.mean(axis=2)[~trial.hole].std()
        found.append((deviation, overlap(trial), trial.shows(thing.colour)))
    deviation, overlapping, share = np.mean(found, axis=0)
    return float(deviation), float(overlapping), float(share)


def weighed(family: LatentFamily, count: int, weights: Iterable[float]) -> list[float]:
    """The share of the box around the thing that has the asked colour, where the colour's word weighs so much."""
    found = []
    for number in range(count):
        thing, colour = unseen(number).things[0], other_colour(unseen(number), number)
        trials = [told(family, number, f"a ({colour}:{weight:g}) {thing.shape}") for weight in weights]
        index = list(COLOURS).index(colour) + 1
        found.append([(trial.labels() == index)[trial.hole].mean() for trial in trials])
    return [float(share) for share in np.mean(found, axis=0)]
