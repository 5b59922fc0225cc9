"""Jobs to write down and images to keep."""

import numpy as np
import pytest
from inlay.config import Limits
from inlay.edits.edit import Canvas, Scope
from inlay.edits.remove import RemoveEdit
from inlay.jobs.states import Job, Request, Result, State, new_job_id
from inlay.jobs.store import ImageInfo, ImageStore
from inlay.pipelines.roster import Roster
from inlay.pixels.formats import Depth, Model, PixelFormat
from inlay.pixels.geometry import Box

RGBA_U8 = PixelFormat(Model.RGBA, Depth.U8)


@pytest.fixture
def make_job():
    """Makes a job; images are single letters here."""

    def make(state=State.QUEUED, image="a", mask="b", result=None, created=0.0, ended=None, **changes):
        canvas = Canvas(100, 80, RGBA_U8, "sRGB")
        selection_box = Box(-3, 10, 30, 20)
        edit = RemoveEdit(seed=5, grow_px=1, feather_px=2)
        request = Request(edit, canvas, selection_box, image, mask, "a label")
        plan = edit.plan(Scope(canvas, selection_box, Roster(), Limits()))
        made = Result(*result, Box(1, 2, 3, 4), 0.5, {"seed": 5}) if result else None
        return Job(new_job_id(), request, plan, created, state=state, ended=ended, result=made, **changes)

    return make


@pytest.fixture
def make_image():
    """Makes (digest, declaration, raw bytes) of a small image; the number makes it another one."""

    def make(number=0, width=4, height=4):
        raw = np.full((height, width, 4), number, np.uint8).tobytes()
        info = ImageInfo(RGBA_U8, width, height)
        return info.digest(raw), info, raw

    return make


@pytest.fixture
def store(tmp_path):
    return ImageStore(tmp_path / "images", capacity_bytes=1000)
