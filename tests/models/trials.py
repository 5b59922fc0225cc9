"""Trials of the toy models through the real families, and the figures that tell whether they did what was asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from inlay.catalogue.recognise import recognise
from inlay.pipelines.card import Infill, Settings
from inlay.pipelines.families.repaint import JUMP_LENGTH, RePaint, repainted
from inlay.pipelines.family import Watch
from inlay.pipelines.models import Model
from inlay.pipelines.parts.easel import Easel, Latents
from inlay.pipelines.parts.latent_family import LatentFamily
from inlay.pipelines.parts.loading import parts_of
from inlay.pipelines.parts.neighbourhood import near
from inlay.pipelines.parts.sitting import Sitting
from inlay.pipelines.roster import Roster
from inlay.pixels.infill import blurred_surroundings
from inlay.pixels.latent_masks import latent_mask
from numpy.typing import NDArray

from tests.models import Kind, toy
from tests.models.world import CELL_PX, COLOURS, EMPTY, SHAPES, SIDE_PX, Coverage, Rgb, Scene, drawn_scene

Region = NDArray[np.bool_]  # (h, w), model pixels
MARGIN_PX = 3  # of a hole around its thing
ENOUGH_PX = 30  # of a colour: a thing is there; the smallest that is drawn has 64
STEPS = 20
GUIDANCE = 5.0
REMOVAL_GUIDANCE = 2.0  # grounds are muted: more guidance takes them too far
NEAR = 0.3  # of the colour cube's side: farther from every thing's colour, a pixel is none's


class Silent:
    """Listens to nothing and never stops the work."""

    def progress(self, fraction: float, message: str) -> None:
        pass

    def preview(self, rgb: NDArray[np.uint8]) -> None:
        pass

    def note(self, text: str) -> None:
        pass

    def is_cancelled(self) -> bool:
        return False


class Toys:
    """The toy models, recognised and run as a user's are."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        paths = [toy(kind, folder) for kind in Kind]
        models = [Model(path.name, path, recognise(path), 0) for path in paths]
        self._roster = Roster(lambda: models)

    def family(self, name: str, kind: Kind) -> LatentFamily:
        """A family bound to a toy. Raises RosterError where the family does not take it."""
        found = self._roster.find(f"toy-{kind}", name)
        assert isinstance(found, LatentFamily)
        return found

    def repaint_once(self) -> LatentFamily:
        """RePaint without jumps: known cells are put back at every step, and that is all."""
        family = self.family("repaint", Kind.PLAIN)
        return RePaintOnce(family.model, family.shelf)

    def untrain(self, kind: Kind) -> None:
        """Give a toy's U-Net random weights, for comparison."""
        model = self.family("blended" if kind is Kind.PLAIN else "sd15-inpaint", kind).model
        unet = parts_of(model, self._roster.shelf)["unet"]
        torch.manual_seed(0)
        unet.load_state_dict(type(unet).from_config(unet.config).state_dict())


class RePaintOnce(RePaint):
    """Each stretch is denoised once."""

    def denoise(self, easel: Easel, watch: Watch) -> Latents:
        return repainted(easel, watch, JUMP_LENGTH, jump_count=1)


@dataclass(frozen=True)
class Trial:
    """One scene, painted by a family."""

    scene: Scene
    hole: Region
    painted: Rgb

    def labels(self) -> NDArray[np.intp]:
        """What each pixel looks most like, (h, w): 0 the ground, or nothing known; else a colour's number + 1."""
        ground = self.scene.ground.picture(SIDE_PX)
        looks = [ground, *(np.asarray(colour, np.float32) for colour in COLOURS.values())]
        distances = np.stack([np.linalg.norm(self.painted - look, axis=2) for look in looks])
        found: NDArray[np.intp] = np.where(distances[1:].min(axis=0) < NEAR, distances.argmin(axis=0), 0)
        return found

    def shows(self, colour: str) -> bool:
        """Whether a thing of this colour is in the hole, and no larger one of another."""
        counts = np.bincount(self.labels()[self.hole], minlength=len(COLOURS) + 1)[1:]
        number = list(COLOURS).index(colour)
        return bool(counts[number] >= ENOUGH_PX and counts.argmax() == number)

    def left_over(self) -> float:
        """The share of the hole that does not look like the ground."""
        return float((self.labels()[self.hole] > 0).mean())

    def distance(self, where: Region) -> float:
        """Root mean square difference to the scene, of white."""
        return float(np.sqrt(np.square(self.painted - self.scene.picture())[where].mean()))

    def likeness(self, where: Region) -> float:
        """How much what varies in it varies as in the scene, whatever its contrast: a correlation, at most 1."""
        return float(np.corrcoef(self.painted[where].ravel(), self.scene.picture()[where].ravel())[0, 1])

    def psnr(self, where: Region) -> float:
        """The same in decibels."""
        return -20 * float(np.log10(self.distance(where)))


def unseen(number: int) -> Scene:
    """A scene with one thing, which no U-Net has been trained on."""
    return drawn_scene(np.random.default_rng([99, number]), 1)


def other_colour(scene: Scene, number: int) -> str:
    """A colour that the scene's thing does not have; all come equally often."""
    colours = [colour for colour in COLOURS if colour != scene.things[0].colour]
    return colours[number % len(colours)]


def hole_of(scene: Scene) -> Region:
    """A box around the scene's thing."""
    thing = scene.things[0]
    rows, columns = np.mgrid[:SIDE_PX, :SIDE_PX] + 0.5
    reach = thing.radius + MARGIN_PX
    hole: Region = np.maximum(abs(columns - thing.x), abs(rows - thing.y)) < reach
    return hole


def tried(family: LatentFamily, scene: Scene, mask: Region | Coverage, seed: int, settings: Settings) -> Trial:
    """A scene painted where the mask says so; what lies under it is infilled as the settings say."""
    picture = scene.picture()
    if settings.infill is Infill.BLUR:
        picture = blurred_surroundings(picture, mask > 0)
    painted = family.paint(Sitting(picture, mask.astype(np.float32), settings, seed), Silent())
    return Trial(scene, mask > 0, painted)


def replaced(family: LatentFamily, number: int, prompt: str | None = None, **asked: object) -> tuple[Trial, str]:
    """An unseen scene whose thing is replaced, by default by one of another colour; and that colour."""
    scene = unseen(number)
    colour = other_colour(scene, number)
    words = f"a {colour} {SHAPES[number % 3]}" if prompt is None else prompt
    settings = Settings(prompt=words, **{"guidance_scale": GUIDANCE, "num_inference_steps": STEPS, **asked})  # type: ignore[arg-type]
    return tried(family, scene, hole_of(scene), number, settings), colour


# Figures: means over unseen scenes


def shown(family: LatentFamily, count: int, prompt: str | None = None, **asked: object) -> float:
    """The share of scenes whose hole shows the asked colour afterwards."""
    trials = [replaced(family, number, prompt, **asked) for number in range(count)]
    return float(np.mean([trial.shows(colour) for trial, colour in trials]))


def left_over(family: LatentFamily, count: int, **asked: object) -> float:
    """The share of the hole that still looks like a thing after "empty background"."""
    asked = {"guidance_scale": REMOVAL_GUIDANCE, **asked}
    trials = [replaced(family, number, EMPTY, **asked)[0] for number in range(count)]
    return float(np.mean([trial.left_over() for trial in trials]))


def kept_db(family: LatentFamily, count: int, *, is_masked: bool) -> float:
    """PSNR in decibels to the scene outside the widened hole; without a mask the whole picture is repainted."""
    found = []
    for number in range(count):
        scene = unseen(number)
        hole = hole_of(scene)
        words = f"a {other_colour(scene, number)} circle"
        asked = Settings(words, guidance_scale=GUIDANCE, num_inference_steps=STEPS, strength=0.8, infill=Infill.KEEP)
        trial = tried(family, scene, hole if is_masked else np.ones_like(hole), number, asked)
        found.append(trial.psnr(~widened(hole)))
    return float(np.mean(found))


def filled_apart(family: LatentFamily, count: int) -> tuple[float, float]:
    """(distance to the ground in the hole, excess of the step across its border), where the ground alone is filled in.

    The ground's stripes and shades go on through the hole: what agrees with its surroundings is near to it.
    """
    found = []
    for number in range(count):
        scene = unseen(number)
        bare, hole = replace(scene, things=()), hole_of(scene)
        asked = Settings(f"{EMPTY} on {scene.ground.kind}", num_inference_steps=25)
        trial = tried(family, bare, hole, number, asked)
        found.append((trial.distance(widened(hole)), step_across(trial, widened(hole))))
    distance, step = np.mean(found, axis=0)
    return float(distance), float(step)


def step_across(trial: Trial, region: Region) -> float:
    """Mean difference between neighbours on the two sides of a region's border, beyond what the scene has there."""
    error = trial.painted - trial.scene.picture()
    across = [np.abs(np.diff(error, axis=axis)).mean(axis=2)[np.diff(region, axis=axis)] for axis in (0, 1)]
    return float(np.concatenate(across).mean())


def restyled(family: LatentFamily, count: int, strength: float) -> tuple[float, float]:
    """(distance to the scene in the hole, share of scenes that show the asked colour), after SDEdit."""
    trials = [replaced(family, number, strength=strength, infill=Infill.KEEP) for number in range(count)]
    distances = [trial.distance(trial.hole) for trial, _ in trials]
    return float(np.mean(distances)), float(np.mean([trial.shows(colour) for trial, colour in trials]))


def instructed(family: LatentFamily, count: int, words: float, picture: float) -> tuple[float, float]:
    """Guidance scales for words and picture: (share that shows the asked colour most, likeness around the thing)."""
    whole = np.ones((SIDE_PX, SIDE_PX), np.bool_)
    found = []
    for number in range(count):
        scene = unseen(number)
        colour = other_colour(scene, number)
        asked = Settings(
            f"make it {colour}",
            guidance_scale=words,
            image_guidance_scale=picture,
            num_inference_steps=STEPS,
            infill=Infill.KEEP,
        )
        trial = tried(family, scene, whole, number, asked)
        found.append((trial.shows(colour), trial.likeness(~hole_of(scene))))
    share, likeness = np.mean(found, axis=0)
    return float(share), float(likeness)


def graded(family: LatentFamily, count: int, bands: int) -> list[float]:
    """Distance to the scene in bands from left to right, under a mask that rises from 0 to 1 in that direction."""
    ramp = np.tile(np.linspace(0, 1, SIDE_PX, dtype=np.float32), (SIDE_PX, 1))
    found = []
    for number in range(count):
        asked = Settings("", num_inference_steps=STEPS, infill=Infill.KEEP, is_soft=True)
        trial = tried(family, unseen(number), ramp, number, asked)
        squared = np.square(trial.painted - trial.scene.picture()).mean(axis=2)
        found.append([np.sqrt(band.mean()) for band in np.split(squared, bands, axis=1)])
    return [float(distance) for distance in np.mean(found, axis=0)]


def varied(family: LatentFamily, count: int, strength: float) -> float:
    """Distance to a seed's own picture, as a share of another seed's, when its noise is turned so far towards that.

    All of the scene but an edge is painted.
    """
    hole = np.zeros((SIDE_PX, SIDE_PX), np.bool_)
    hole[MARGIN_PX:-MARGIN_PX, MARGIN_PX:-MARGIN_PX] = True
    shares = []
    for number in range(count):
        scene = unseen(number)
        words = f"a {other_colour(scene, number)} {SHAPES[number % 3]}"
        asked = Settings(words, guidance_scale=GUIDANCE, num_inference_steps=STEPS)

        def painted(turned: float, number: int = number, scene: Scene = scene, asked: Settings = asked) -> Rgb:
            with near(number, ((100 + number, turned),)):
                return tried(family, scene, hole, number, asked).painted

        own = painted(0.0)
        some, whole = (float(np.abs(painted(turned) - own).mean()) for turned in (strength, 1.0))
        shares.append(some / whole)
    return float(np.mean(shares))


def widened(hole: Region) -> Region:
    """All pixels of the cells that a model repaints for a hole."""
    return np.kron(latent_mask(hole.astype(np.float32), CELL_PX), np.ones((CELL_PX, CELL_PX))) > 0
