"""Options that several commands share, and the types of their values."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])
ANCHORS = ("center", "left", "right", "top", "bottom", "top-left", "top-right", "bottom-left", "bottom-right")


class BoxType(click.ParamType[tuple[int, int, int, int]]):
    """`X,Y,W,H` in pixels."""

    name = "X,Y,W,H"

    def convert(
        self, value: Any, param: click.Parameter | None, context: click.Context | None
    ) -> tuple[int, int, int, int]:
        if isinstance(value, tuple):
            return value
        numbers = re.fullmatch(r"\s*(-?\d+)\s*,\s*(-?\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*", value)
        if numbers is None:
            self.fail(f"{value!r} is not X,Y,W,H: give four whole numbers, such as 120,80,200,150.", param, context)
        x, y, width, height = (int(number) for number in numbers.groups())
        return x, y, width, height


class PointType(click.ParamType[tuple[int, int]]):
    """`X,Y` in pixels."""

    name = "X,Y"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        numbers = re.fullmatch(r"\s*(-?\d+)\s*,\s*(-?\d+)\s*", value)
        if numbers is None:
            self.fail(f"{value!r} is not X,Y: give two whole numbers, such as 420,300.", param, context)
        return int(numbers[1]), int(numbers[2])


class SideType(click.ParamType[tuple[float, bool]]):
    """`PX` or `N%` of the side's length: (amount, whether it is a percentage)."""

    name = "PX|%"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> tuple[float, bool]:
        if isinstance(value, tuple):
            return value
        amount = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(px|%)?\s*", value)
        if amount is None or (amount[2] != "%" and "." in amount[1]):
            self.fail(f"{value!r} is neither pixels nor a percentage: give 200 or 25%.", param, context)
        return float(amount[1]), amount[2] == "%"


class AspectType(click.ParamType[tuple[int, int]]):
    """`W:H`."""

    name = "W:H"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        sides = re.fullmatch(r"\s*([1-9]\d{0,4})\s*[:x/]\s*([1-9]\d{0,4})\s*", value)
        if sides is None:
            self.fail(f"{value!r} is no aspect ratio: give two whole numbers, such as 16:9.", param, context)
        return int(sides[1]), int(sides[2])


def applied(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Several click options as one decorator, listed in the help in this order."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


FILE = click.Path(path_type=Path)
image = click.argument("image", type=FILE)
seed = click.option(
    "--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help="Another number, another result."
)
output = applied(
    click.option("-o", "--out", type=FILE, required=True, help="The result: .png, .tif, or .ora with layers."),
    click.option("--force", is_flag=True, help="Let the result replace the picture it was made from."),
)
selection = applied(
    click.option("--mask", type=FILE, help="A picture of the same size: white is repainted, grey partly, black kept."),
    click.option("--box", type=BoxType(), help="Repaint a rectangle instead: its left, top, width and height."),
    click.option("--select", "words", metavar="WORDS", help='Repaint what words describe instead: "the car".'),
)
edge = applied(
    click.option(
        "--grow", "grow_px", metavar="PX", type=click.IntRange(0, 256), default=0, show_default=True,
        help="Widen the selection by this first.",
    ),
    click.option(
        "--feather", "feather_px", metavar="PX", type=click.IntRange(0, 256), default=0, show_default=True,
        help="Soften the selection's edge inwards by this.",
    ),
)  # fmt: skip
sides = applied(
    *(
        click.option(f"--{side}", type=SideType(), help=f"New pixels at the {side}; % is of the picture's {length}.")
        for side, length in (("left", "width"), ("top", "height"), ("right", "width"), ("bottom", "height"))
    ),
    click.option("--aspect", type=AspectType(), help="Grow to this shape instead, such as 16:9."),
    click.option(
        "--anchor", type=click.Choice(ANCHORS), default="center", show_default=True,
        help="Where the old picture lies when --aspect grows it.",
    ),
)  # fmt: skip
as_json = click.option(
    "--json", "is_json", is_flag=True, help="Every field, for programs; docs/protocol.md explains them."
)
asking = applied(
    click.option("--prompt", default="", help="What to paint: the whole picture as it shall be, in words."),
    click.option("--negative", "negative_prompt", default="", help="What to keep away, in words."),
    click.option("--model", default="", metavar="NAME", help="An installed model; left out, the best one is taken."),
    click.option(
        "--as", "family", default="", metavar="FAMILY", help="How the model is used, where there are several ways."
    ),
    click.option("--strength", type=click.FloatRange(0, 1), help="How much may change: 0 nothing, 1 everything."),
    click.option(
        "--guidance", "guidance_scale", type=click.FloatRange(0, 100), help="How closely the prompt is followed."
    ),
    click.option("--steps", "num_inference_steps", type=click.IntRange(0, 1000), default=0, help="Steps of denoising."),
    click.option("--scheduler", default="", metavar="NAME", help="A sampler, such as dpm++, euler-a, lcm."),
    click.option(
        "--variation", "variations", type=(click.IntRange(0, 2**31 - 1), click.FloatRange(0, 1)), multiple=True,
        metavar="SEED STRENGTH", help="Near the result of --seed: its noise goes so far, 0 to 1, towards that of SEED.",
    ),
)  # fmt: skip
transparent = click.option("--transparent", is_flag=True, help="Paint nothing: let the background be transparent.")
tries = click.option(
    "--tries", type=click.IntRange(0, 8), default=0, help="Let a model try so often, and keep the best."
)
control = applied(
    click.option(
        "--control",
        type=click.Choice(["", "pose", "depth", "lines"]),
        default="",
        help="Keep the pose, the depth or the lines of what is there.",
    ),
    click.option("--control-scale", type=click.FloatRange(0, 2), help="How strongly it is kept."),
    click.option("--control-from", type=click.FloatRange(0, 1), help="The share of the steps after which it begins."),
    click.option("--control-until", type=click.FloatRange(0, 1), help="The share of the steps after which it ends."),
    click.option(
        "--control-image",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="FILE",
        help="A picture of the pose, the depth or the lines to keep, in the picture's size.",
    ),
)
references = click.option(
    "--reference", "references", type=click.Path(exists=True, dir_okay=False, path_type=Path), multiple=True,
    metavar="FILE", help="Another picture to be looked at, of any size; may be given several times.",
)  # fmt: skip
describe = click.option(
    "--describe", is_flag=True, help="Let the captioner say what surrounds it, and add that to the prompt."
)
source_prompt = click.option("--source-prompt", default="", help="What the picture shows now, in words.")
image_guidance = click.option(
    "--image-guidance", "image_guidance_scale", type=click.FloatRange(0, 100), help="How closely the picture is kept."
)
