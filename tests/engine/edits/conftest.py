"""Scopes, sources and families for edits."""

from dataclasses import replace

import numpy as np
import pytest
from inlay.config import Limits
from inlay.edits.edit import Canvas, Scope
from inlay.pipelines.builtin import CARD
from inlay.pipelines.family import Cancelled
from inlay.pipelines.roster import Roster
from inlay.pixels.formats import Depth, Model, PixelFormat
from inlay.pixels.geometry import Box

RGBA_U8 = PixelFormat(Model.RGBA, Depth.U8)


class PaintFamily:
    """Paints all it is given with one value, the hole and the rest: what must stay has to be kept by the edit."""

    name = "paint"
    architecture = ""
    adapters = ()
    largest_part_px = 3072 * 3072

    def __init__(self, value=77, context_px=0, denoise_grow_px=0):
        self.value = value
        self.least_px = context_px
        self.card = replace(CARD, denoise_grow_px=denoise_grow_px)
        self.tasks = []

    def version(self):
        return "1"

    def context_px(self, hole_box):
        return self.least_px

    def working_size(self, crop_box):
        return crop_box.width, crop_box.height

    def steps(self, crop_box, settings=None):
        return 3

    def repaint(self, task, watch):
        self.tasks.append(task)
        watch.progress(1.0, "painted")
        if watch.is_cancelled():
            raise Cancelled
        return np.full_like(task.pixels, self.value)


class Listener:
    """A watch that remembers."""

    def __init__(self, is_cancelled=False):
        self.cancelled = is_cancelled
        self.fractions = []

    def progress(self, fraction, message):
        self.fractions.append(fraction)

    def preview(self, rgb):
        pass

    def is_cancelled(self):
        return self.cancelled


@pytest.fixture
def family():
    return PaintFamily()


@pytest.fixture
def make_family():
    return PaintFamily


@pytest.fixture
def make_listener():
    return Listener


@pytest.fixture
def listener():
    return Listener()


@pytest.fixture
def scope(family):
    """Makes a scope: canvas size, selection as (x, y, width, height) or None."""

    def make(width, height, selection=None, pixel_format=RGBA_U8, limits=None, by=family):
        canvas = Canvas(width, height, pixel_format)
        return Scope(canvas, Box(*selection) if selection else None, Roster.of(by), limits or Limits())

    return make
