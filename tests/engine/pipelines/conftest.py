"""Models as users have them: folders on disk, found by the catalogue and run by the roster's families."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import torch
from inlay.catalogue.installed import Catalogue
from inlay.config import Folders, Limits
from inlay.edits.edit import Canvas, Scope, Source
from inlay.pipelines.family import Cancelled
from inlay.pipelines.roster import Roster
from inlay.pipelines.shelf import Shelf
from inlay.pixels.formats import Depth, Model, PixelFormat
from inlay.pixels.geometry import Box

from tests.engine.pipelines import tiny, tiny_segmenters


@dataclass
class Listener:
    """A watch that remembers, and cancels when so many reports were made."""

    cancel_after: int = 10**9
    messages: list = field(default_factory=list)
    fractions: list = field(default_factory=list)
    previews: list = field(default_factory=list)
    notes: list = field(default_factory=list)

    def progress(self, fraction, message):
        self.fractions.append(fraction)
        self.messages.append(message)

    def preview(self, rgb):
        self.previews.append(rgb)

    def note(self, text):
        self.notes.append(text)

    def is_cancelled(self):
        return len(self.messages) >= self.cancel_after


@dataclass
class Counter:
    """How often a part of a model was run."""

    counts: dict

    def __getitem__(self, name):
        return self.counts[name]

    def reset(self):
        for name in self.counts:
            self.counts[name] = 0


@dataclass
class Easel:
    """A document with a hole, and how an edit is done on it."""

    roster: Roster
    pixels: np.ndarray  # (H, W, 4) uint8, BGRA
    mask: np.ndarray  # (H, W) uint8, the selection

    @property
    def canvas(self):
        height, width = self.mask.shape
        return Canvas(width, height, PixelFormat(Model.RGBA, Depth.U8))

    def plan(self, edit):
        rows, columns = np.flatnonzero(self.mask.any(1)), np.flatnonzero(self.mask.any(0))
        box = Box.from_edges(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
        selection = None if edit.kind == "extend" else box
        return edit.plan(Scope(self.canvas, selection, self.roster, Limits()))

    def perform(self, edit, watch=None):
        plan = self.plan(edit)
        read = plan.read_box
        mask = None if edit.kind == "extend" else self.mask[read.slices]
        source = Source(self.pixels[read.slices], mask, self.canvas)
        return edit.perform(plan, source, self.roster.find(plan.model, plan.family), watch or Listener())

    def laid(self, result):
        """The document as it looks with the result on it."""
        whole = self.pixels.copy()
        before, share = whole[result.box.slices].astype(np.float64), result.mask[..., None] / 255
        mixed = np.rint(before * (1 - share) + result.pixels * share).astype(np.uint8)
        whole[result.box.slices] = np.where(result.mask[..., None] > 0, mixed, whole[result.box.slices])
        return whole


def picture(height=72, width=88, seed=0):
    """A smooth coloured picture with grain, opaque."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:height, :width] / 40
    waves = [np.sin(rows * (1 + one)) * np.cos(columns * (2 - one)) for one in (0.2, 0.7, 1.3)]
    rgb = 128 + 80 * np.stack(waves, axis=2) + rng.normal(0, 2, (height, width, 3))
    opaque = np.full((height, width, 1), 255)
    return np.concatenate([np.clip(rgb, 0, 255), opaque], axis=2).astype(np.uint8)


@pytest.fixture
def make_listener():
    return Listener


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory):
    """One folder for every kind of Stable Diffusion checkpoint, random weights."""
    home = tmp_path_factory.mktemp("models")
    for name, is_xl in (("sd", False), ("xl", True)):
        for kind, channels in (("plain", 4), ("instruct", 8), ("inpaint", 9)):
            tiny.save(home / "data" / "models" / f"tiny-{name}-{kind}", channels, is_xl)
    return home


@pytest.fixture(scope="session")
def selecting_models(tmp_path_factory):
    """One of every kind that helps to select, random weights, and no checkpoint that paints."""
    home = tmp_path_factory.mktemp("selecting")
    for name, save in tiny_segmenters.SAVED.items():
        save(home / "data" / "models" / name)
    return home


def roster_of(home: Path, shelf: Shelf | None = None) -> Roster:
    """As `inlay serve` makes it."""
    folders = Folders(*(home / name for name in ("run", "data", "cache", "log")))
    return Roster(Catalogue(folders).installed, shelf or Shelf())


@pytest.fixture(scope="session", autouse=True)
def the_same_everywhere():
    """One thread, for tiny models gain nothing from more; and one precision, whatever this machine's best is."""
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("INLAY_DTYPE", "float32")
        yield


@pytest.fixture(scope="session")
def loaded(tiny_models):
    """One roster for all tests, so that each model is loaded once."""
    return roster_of(tiny_models)


@pytest.fixture
def studio(loaded):
    """A picture of an odd size with a hole in it, every tiny model installed, and nothing computed yet."""
    mask = np.zeros((72, 88), np.uint8)
    mask[20:45, 30:61] = 255
    loaded.shelf.memo.forget()
    return Easel(loaded, picture(), mask)


@pytest.fixture
def count_calls():
    """Counts the runs of a loaded model's parts: of its text encoders, of its VAE's two halves, and of its U-Net."""
    hooks = []

    def counting(family):
        from inlay.pipelines.parts.loading import parts_of

        parts = parts_of(family.model, family.shelf)
        counter = Counter({"text": 0, "encode": 0, "decode": 0, "unet": 0})

        def watch(module, name):
            def count(*_):
                counter.counts[name] += 1

            hooks.append(module.register_forward_hook(count))

        for name in ("text_encoder", "text_encoder_2"):
            if parts.get(name) is not None:
                watch(parts[name], "text")
        watch(parts["vae"].encoder, "encode")
        watch(parts["vae"].decoder, "decode")
        watch(parts["unet"], "unet")
        return counter

    yield counting
    for hook in hooks:
        hook.remove()


@pytest.fixture
def expect_cancelled():
    return lambda: pytest.raises(Cancelled)
