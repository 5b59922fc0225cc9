"""What must be known of a model family before any of it is loaded: plain values, no torch."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

GB = 10**9


class Infill(StrEnum):
    """What lies under the denoise mask when a model begins, by intent."""

    KEEP = "keep"  # the picture itself: restyle, instruct
    FILL = "fill"  # the built-in fill: remove
    BLUR = "blur"  # the surroundings, blurred: replace
    EDGE = "edge"  # the nearest colours, drawn on: extend
    NEUTRAL = "neutral"  # mid grey, as 9-channel models were trained


@dataclass(frozen=True)
class Range:
    """A setting that a family has: what is taken where the user says nothing, and how far it may go."""

    default: float
    lowest: float
    highest: float


@dataclass(frozen=True)
class Settings:
    """How a model is asked, with nothing left open: a plan holds it, and the same settings give the same result."""

    prompt: str = ""
    negative_prompt: str = ""
    source_prompt: str = ""  # what the picture shows now: Prompt-to-Prompt
    strength: float = 1.0  # 0 keeps the picture, 1 ignores it
    guidance_scale: float = 1.0
    image_guidance_scale: float = 1.0  # InstructPix2Pix' second scale
    num_inference_steps: int = 1
    scheduler: str = ""  # a name of parts/schedulers.py; "" is the checkpoint's own
    infill: Infill = Infill.BLUR
    tries: int = 1  # of which the best is kept
    is_soft: bool = False  # the denoise mask's soft values decide from which step on a cell is repainted
    control: str = ""  # "pose", "depth", "lines", or "" for none
    control_scale: float | None = None  # how much of what the net adds; None is the net's own
    control_from: float = 0.0  # the share of the steps after which it begins to add
    control_until: float = 1.0  # and that after which it stops
    loras: tuple[tuple[str, float], ...] = ()  # names and weights, in the prompt's order
    embeddings: tuple[str, ...] = ()  # textual inversions that the prompts name
    variations: tuple[tuple[int, float], ...] = ()  # seeds and how far towards their noise: parts/neighbourhood.py


@dataclass(frozen=True)
class Signature:
    """How a checkpoint is recognised: every field that is given must fit."""

    pipeline_class: str = ""  # `_class_name` in model_index.json
    in_channels: int | None = None  # of the U-Net or the transformer
    cross_attention_dim: int | None = None  # 768 is SD 1.x, 2048 is SDXL
    architecture: str = ""  # of what selects: see catalogue/selectors.py

    def fits(self, description: Description) -> bool:
        """Whether a checkpoint of this description is one."""
        return all(
            not wanted or wanted == found
            for wanted, found in (
                (self.pipeline_class, description.pipeline_class),
                (self.in_channels, description.in_channels),
                (self.cross_attention_dim, description.cross_attention_dim),
                (self.architecture, description.architecture),
            )
        )


@dataclass(frozen=True)
class Description:
    """What a folder or file on disk turned out to be."""

    pipeline_class: str = ""
    in_channels: int | None = None
    cross_attention_dim: int | None = None
    architecture: str = ""
    native_px: int | None = None  # the side it was trained at, where its configuration tells


@dataclass(frozen=True)
class Offer:
    """A checkpoint that can be installed for a family, from a model hub."""

    id: str  # what the user types: "sdxl-inpaint"
    title: str
    repository: str  # "owner/name"
    revision: str  # a commit, or a branch that is resolved to a commit when it is installed
    size_bytes: int  # on the wire and on disk, about
    licence: str  # SPDX where there is one, else its name
    licence_url: str
    is_gated: bool = False  # an account must have accepted the licence
    patterns: tuple[str, ...] = ()  # which of the repository's files; none means all that a pipeline needs


@dataclass(frozen=True)
class Card:
    """What a family can do and what it needs. `docs/models.md` is made from these."""

    family: str  # "sd15-inpaint"
    title: str  # "Stable Diffusion 1.5 inpainting"
    edits: tuple[str, ...]  # the kinds of edit that it does
    rank: int  # among the families that do an edit, the highest is taken: how good its pictures are known to be
    multiple: int  # both sides in model pixels are multiples of it
    native_px: int  # the side of the square it was trained at
    largest_px: int  # the longest side that still gives one picture, not two
    memory_bytes: int  # of the device, at the native size in half precision
    licence: str
    num_inference_steps: Range
    guidance_scale: Range  # the lowest is none at all, unless it is distilled
    source: str  # where the defaults come from: a model card, a paper
    strength: Range = Range(1.0, 0.0, 1.0)
    image_guidance_scale: Range | None = None
    needs_prompt: bool = True
    has_negative_prompt: bool = True
    is_guidance_distilled: bool = False  # a condition of the model (FLUX.1), and no classifier-free guidance
    needs_source_prompt: bool = False
    controls: tuple[str, ...] = ()  # what of a picture it can keep: "pose", "depth", "lines"; it does nothing else then
    references: int = 0  # pictures that it looks at beside the one that it paints, at most
    own_sampler: str = ""  # a name of pipelines/schedulers.py: the only one that fits what it does
    removal_prompt: str = ""  # what it is told where something is removed and the user said nothing
    removal_tries: int = 1
    moves_picture: bool = False  # an edit model that shifts or scales the picture: results are registered
    leaves_machine: bool = False  # it works on somebody's server: taken where it is named, or nobody else can
    denoise_grow_px: int = 8  # canvas pixels around the paste mask: a VAE's cell
    signatures: tuple[Signature, ...] = ()
    offers: tuple[Offer, ...] = ()

    def takes(self, description: Description) -> bool:
        """Whether this family can run such a checkpoint."""
        return any(signature.fits(description) for signature in self.signatures)
