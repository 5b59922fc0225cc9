"""What is told about jobs that wait follows what others like them took."""

from dataclasses import replace

import pytest
from inlay.edits.edit import Canvas
from inlay.edits.plan import Plan
from inlay.edits.remove import RemoveEdit
from inlay.jobs.forecast import Forecast, ends
from inlay.jobs.states import Job, Request, Result
from inlay.pixels.formats import Depth, Model, PixelFormat
from inlay.pixels.geometry import Box

BOX = Box(0, 0, 30, 20)
PLAN = Plan("remove", "sdxl", "sdxl-inpaint", BOX, BOX, BOX, BOX, 1024, 512, 0, 0, 0, 20, "", None, ())
REQUEST = Request(RemoveEdit(), Canvas(30, 20, PixelFormat(Model.RGBA, Depth.U8)), BOX, "", None, "")


def done(plan, seconds):
    return Job("0" * 32, REQUEST, plan, 0.0, result=Result("", "", BOX, seconds, {}))


def test_twice_the_steps_or_pixels_take_twice_as_long():
    forecast = Forecast()
    forecast.note(done(PLAN, 8.0))
    assert forecast.seconds(PLAN) == pytest.approx(8.0)
    assert forecast.seconds(replace(PLAN, steps=40)) == pytest.approx(16.0)
    assert forecast.seconds(replace(PLAN, working_height=1024)) == pytest.approx(16.0)


def test_other_models_and_jobs_without_an_end_tell_nothing():
    forecast = Forecast()
    forecast.note(done(PLAN, 8.0))
    forecast.note(Job("0" * 32, REQUEST, replace(PLAN, model="flux"), 0.0))
    assert forecast.seconds(replace(PLAN, model="flux")) is None
    assert forecast.seconds(replace(PLAN, family="repaint")) is None


def test_the_first_run_with_its_loading_is_soon_forgotten():
    forecast = Forecast()
    for seconds in (60.0, 8.0):
        forecast.note(done(PLAN, seconds))
    assert forecast.seconds(PLAN) == pytest.approx(8.0)
    for seconds in (9.0, 9.0, 9.0):  # the machine has become slower
        forecast.note(done(PLAN, seconds))
    assert forecast.seconds(PLAN) == pytest.approx(9.0)


def test_one_after_the_other():
    assert ends([4.0], [5.0, 6.0], 1) == [9.0, 15.0]
    assert ends([], [5.0, 6.0], 1) == [5.0, 11.0]


def test_nothing_is_told_of_what_comes_after_something_unknown():
    assert ends([None], [5.0], 1) == [None]
    assert ends([1.0], [5.0, None, 6.0], 1) == [6.0, None, None]


def test_several_executors_share_what_waits():
    assert ends([4.0, 1.0], [5.0, 6.0], 2) == [6.0, 10.0]
    assert ends([4.0], [5.0], 2) == [5.0]
    assert ends([None, 1.0], [5.0, 6.0], 2) == [6.0, 12.0]
