"""What works beside models, and can be installed as they are: it reads pictures, or shows what is being painted."""

from __future__ import annotations

from inlay.pipelines.card import GB, Card, Offer, Range, Signature

MB = 10**6
APACHE = "https://www.apache.org/licenses/LICENSE-2.0"
_NONE = Range(1.0, 1.0, 1.0)


def beside_card(
    family: str,
    title: str,
    offers: tuple[Offer, ...],
    memory_bytes: int = GB,
    edits: tuple[str, ...] = (),
    rank: int = 0,
    architecture: str = "",
) -> Card:
    """The card of what paints nothing: it has none of the settings of those that do.

    architecture: of the checkpoints that it runs by itself, as catalogue/selectors.py calls it.
    """
    return Card(
        family=family,
        title=title,
        edits=edits,
        rank=rank,
        multiple=1,
        native_px=1,
        largest_px=1,
        memory_bytes=memory_bytes,
        licence="each its own",
        num_inference_steps=_NONE,
        guidance_scale=_NONE,
        source="the model cards",
        signatures=(Signature(architecture=architecture),) if architecture else (),
        offers=offers,
    )


CARD = beside_card(
    "beside",
    "Beside models",
    offers=(
        Offer(
            "depth-estimator",
            "Depth Anything V2, small: reads the depth off a picture",
            "depth-anything/Depth-Anything-V2-Small-hf",
            "main",
            99 * MB,
            "Apache-2.0",
            APACHE,
        ),
        Offer(
            "pose-estimator",
            "ViTPose, base: reads the pose off a picture",
            "usyd-community/vitpose-base-simple",
            "main",
            344 * MB,
            "Apache-2.0",
            APACHE,
        ),
        Offer(
            "captioner",
            "BLIP, large: puts a picture into words",
            "Salesforce/blip-image-captioning-large",
            "main",
            round(1.9 * GB),
            "BSD-3-Clause",
            "https://github.com/salesforce/BLIP/blob/main/LICENSE.txt",
        ),
        Offer(
            "taesd",
            "TAESD: sharp previews for Stable Diffusion 1.5",
            "madebyollin/taesd",
            "main",
            10 * MB,
            "MIT",
            "https://github.com/madebyollin/taesd/blob/main/LICENSE",
            patterns=("config.json", "diffusion_pytorch_model.safetensors"),
        ),
        Offer(
            "taesdxl",
            "TAESDXL: sharp previews for Stable Diffusion XL",
            "madebyollin/taesdxl",
            "main",
            10 * MB,
            "MIT",
            "https://github.com/madebyollin/taesd/blob/main/LICENSE",
            patterns=("config.json", "diffusion_pytorch_model.safetensors"),
        ),
    ),
)
