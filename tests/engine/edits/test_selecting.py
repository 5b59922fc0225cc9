"""From what points at a thing to its mask: checks, windows, words, sizes. The segmenter is one that behaves."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from inlay.edits.edit import Canvas, Source
from inlay.edits.selecting import Asked, SelectionError, ready, selected
from inlay.edits.views import Shown, Views
from inlay.pipelines.family import FamilyError
from inlay.pipelines.segmenter import Candidate, SegmenterCard, Sighting
from inlay.pixels.formats import Depth, Model, PixelFormat
from inlay.pixels.geometry import Box
from inlay.pixels.selecting.prompts import Point

CARD = SegmenterCard("by-colour", "By colour", 1, 64, looks_close=False, memory_bytes=0, licence="")


@dataclass
class ByColour:
    """Takes every pixel of about the colour that is pointed at; within the boxes, where there are some."""

    card: SegmenterCard = CARD
    name: str = "by-colour"
    prepared: list[str] = field(default_factory=list)
    shapes: list[tuple[int, ...]] = field(default_factory=list)

    def prepare(self, view):
        self.prepared.append(view.key)

    def candidates(self, view, prompts):
        self.shapes.append(view.picture.shape)
        allowed = np.ones(view.picture.shape[:2], bool)
        if prompts.boxes:
            allowed[:] = False
            for box in prompts.boxes:
                allowed[box.slices] = True
        if prompts.rough is not None:
            allowed &= prompts.rough > 127
        places = [(int(point.y), int(point.x)) for point in prompts.points if point.is_on]
        if not places:
            rows, columns = np.nonzero(allowed & (view.picture[..., 0] > 0.7))
            places = [(rows[0], columns[0])] if rows.size else []
        found = []
        for row, column in places[:1]:
            near = np.abs(view.picture - view.picture[row, column]).max(axis=-1) < 0.2
            found = [near & allowed, allowed]
        return [Candidate(mask.astype(np.float32), 0.9 - 0.2 * place) for place, mask in enumerate(found)]


@dataclass
class Words:
    """Finds what it is told to."""

    found: list[Sighting]
    name: str = "words"
    working_px: int = 128

    def sightings(self, view, words):
        assert max(view.picture.shape) <= self.working_px
        return self.found


@dataclass
class Here:
    """Who is here."""

    one: ByColour = field(default_factory=ByColour)
    words: Words | None = None

    def segmenter(self, name):
        assert name in ("", self.one.name)
        return self.one

    def finder(self):
        return self.words

    def matter(self):
        return None


THING = Box(60, 40, 50, 60)


def shown(width=200, height=160, things=(THING,), at=(0, 0), rough=None):
    """Red things on grey that gets lighter to the right."""
    pixels = np.full((height, width, 4), 255, np.uint8)
    pixels[..., :3] = (60 + 60 * np.arange(width) / width)[None, :, None]
    for thing in things:
        pixels[thing.slices] = (200, 40, 40, 255)
    canvas = Canvas(2000, 2000, PixelFormat(Model.RGBA, Depth.U8))
    mask = None
    if rough is not None:
        mask = np.zeros((height, width), np.uint8)
        mask[rough.slices] = 255
    return Shown(Source(pixels, mask, canvas), Box(*at, width, height), f"{things} {at} {width}")


def click(x, y, is_on=True):
    return Point(x + 0.5, y + 0.5, is_on)


def covered(one, scene, thing):
    """IoU with a thing, in pixels of what is shown."""
    whole = np.zeros((scene.box.height, scene.box.width), np.float32)
    whole[one.box.relative_to(scene.box).slices] = one.mask / 255
    truth = np.zeros_like(whole)
    truth[thing.slices] = 1
    return float(np.minimum(whole, truth).sum() / np.maximum(whole, truth).sum())


def test_a_click_gives_the_thing_where_it_lies_on_the_canvas():
    scene = shown(at=(300, 500))
    found = selected(Asked((click(380, 570),)), scene, Here(), Views())
    assert covered(found.choices[0], scene, THING) > 0.95
    box = found.choices[0].box
    assert abs(box.x - 360) <= 1 and abs(box.y - 540) <= 1
    assert found.choices[0].score == 0.9 and found.model == "by-colour" and "1 other could be meant" in found.why


def test_the_mask_has_the_full_picture_s_size_and_sharpness():
    thing = Box(603, 405, 501, 607)
    scene = shown(2000, 1600, (thing,))
    found = selected(Asked((click(800, 700),)), scene, Here(), Views()).choices[0]
    assert covered(found, scene, thing) > 0.98  # the segmenter saw 64 x 51 px: a pixel of it is 31 of these


@pytest.mark.parametrize("model", [Model.GRAYA, Model.CMYKA, Model.LABA])
def test_other_colour_models(model):
    channels = {Model.GRAYA: 2, Model.CMYKA: 5, Model.LABA: 4}[model]
    pixels = np.full((100, 120, channels), 20000, np.uint16)
    pixels[..., 1:] = 32768
    pixels[..., -1] = 65535
    thing = Box(30, 20, 40, 50)
    pixels[thing.slices][..., 0] = 60000
    source = Source(pixels, None, Canvas(120, 100, PixelFormat(model, Depth.U16)))
    scene = Shown(source, Box(0, 0, 120, 100), model)
    found = selected(Asked((click(50, 45),)), scene, Here(), Views()).choices[0]
    assert covered(found, scene, thing) > 0.9


def test_grow_and_feather_are_in_the_mask():
    scene = shown()
    plain = selected(Asked((click(80, 70),)), scene, Here(), Views()).choices[0]
    grown = selected(Asked((click(80, 70),), grow_px=8), scene, Here(), Views()).choices[0]
    soft = selected(Asked((click(80, 70),), feather_px=10), scene, Here(), Views()).choices[0]
    assert (grown.box.x, grown.box.width) == (plain.box.x - 8, plain.box.width + 16)
    assert soft.box.intersected(plain.box) == soft.box
    middle = soft.mask[soft.mask.shape[0] // 2]
    assert middle[3] < middle[6] < 255 and middle[len(middle) // 2] == 255


def test_growing_stops_at_the_picture_s_border():
    scene = shown(things=(Box(0, 0, 50, 60),), at=(10, 20))
    grown = selected(Asked((click(30, 40),), grow_px=30), scene, Here(), Views()).choices[0]
    assert (grown.box.x, grown.box.y) == (10, 20)


def test_a_rough_selection_becomes_tight():
    scene = shown(rough=Box(45, 25, 80, 90))
    found = selected(Asked(), scene, Here(), Views()).choices[0]
    assert covered(found, scene, THING) > 0.95


def test_two_things_with_a_box_each():
    things = Box(20, 20, 30, 30), Box(120, 80, 40, 40)
    scene = shown(things=things)
    found = selected(Asked(boxes=tuple(thing.grown(5) for thing in things)), scene, Here(), Views()).choices[0]
    assert found.box.contains(Box(22, 22, 130, 90))


def test_who_looks_close_is_shown_a_window_and_once_more_where_the_thing_is_small():
    near = ByColour(replace(CARD, looks_close=True))
    thing = Box(1003, 402, 120, 90)
    scene = shown(1600, 1200, (thing,))
    found = selected(Asked(boxes=(thing.grown(4),)), scene, Here(near), Views()).choices[0]
    assert near.shapes == [(64, 64, 3)] or max(near.shapes[0][:2]) == 64
    assert covered(found, scene, thing) > 0.9
    near.shapes.clear()
    found = selected(Asked((click(1060, 450),)), scene, Here(near), Views()).choices[0]
    assert len(near.shapes) == 2  # the whole picture, and what it found there: a few pixels of it
    assert covered(found, scene, thing) > 0.8


def test_a_closer_look_that_tells_nothing_leaves_what_was_found():
    class ShortSighted(ByColour):
        def candidates(self, view, prompts):
            if prompts.rough is not None:
                raise FamilyError("nothing_found", "Nothing stands out there.")
            return super().candidates(view, prompts)

    thing = Box(1003, 402, 120, 90)
    here = Here(ShortSighted(replace(CARD, looks_close=True)))
    found = selected(Asked((click(1060, 450),)), shown(1600, 1200, (thing,)), here, Views()).choices[0]
    assert len(here.one.shapes) == 1
    assert found.box.intersected(thing).area > thing.area / 2


def test_a_point_outside_is_told_where_the_part_lies():
    assert "from 100, 0 on, 200 x 160 px" in refusal(Asked((click(30, 10),)), shown(at=(100, 0))).message


def test_ready_looks_ahead_and_the_click_asks_for_the_same_view():
    here, views, scene = Here(), Views(), shown()
    assert ready(scene, "", here, views) == "by-colour"
    selected(Asked((click(80, 70),)), scene, here, views)
    assert len(here.one.prepared) == 1
    close = Here(ByColour(replace(CARD, looks_close=True)))
    ready(scene, "", close, views)
    assert close.one.prepared == []


def sighted(*boxes_and_scores):
    return Here(words=Words([Sighting(box, score, "red thing") for box, score in boxes_and_scores]))


THINGS = Box(20, 20, 30, 30), Box(120, 80, 40, 40)


def half(box):
    """In the finder's view, which is 128 px wide where the picture has 256."""
    return Box(box.x // 2, box.y // 2, box.width // 2, box.height // 2)


def test_words_give_the_best_thing_and_the_others_as_alternatives():
    scene = shown(256, 160, THINGS)
    here = sighted((half(THINGS[1].grown(6)), 0.8), (half(THINGS[0].grown(6)), 0.5), (Box(0, 0, 9, 9), 0.2))
    found = selected(Asked(words="the red thing"), scene, here, Views())
    assert [round(covered(one, scene, thing)) for one, thing in zip(found.choices, THINGS[::-1], strict=True)] == [1, 1]
    assert found.choices[0].label == "red thing"


def test_all_gives_everything_together():
    scene = shown(256, 160, THINGS)
    here = sighted((half(THINGS[1].grown(6)), 0.8), (half(THINGS[0].grown(6)), 0.5))
    found = selected(Asked(words="All red things"), scene, here, Views())
    assert len(found.choices) == 1
    assert found.choices[0].box.contains(Box(22, 22, 136, 96))


def test_several_things_are_the_best_of_each_together():
    scene = shown(256, 160, (*THINGS, Box(200, 20, 30, 30)))
    seen = [(THINGS[1], 0.8, "bus"), (THINGS[0], 0.7, "car"), (Box(200, 20, 30, 30), 0.5, "car")]
    here = Here(words=Words([Sighting(half(box.grown(6)), score, label) for box, score, label in seen]))
    found = selected(Asked(words="a car and the bus"), scene, here, Views())
    assert (found.choices[0].label, len(found.choices)) == ("car, bus", 4)
    assert found.choices[0].box.contains(Box(22, 22, 136, 96)) and found.choices[0].box.right < 190


def test_a_click_says_which_of_them():
    scene = shown(256, 160, THINGS)
    here = sighted((half(THINGS[1].grown(6)), 0.8), (half(THINGS[0].grown(6)), 0.5))
    found = selected(Asked((click(30, 30),), words="thing"), scene, here, Views())
    assert covered(found.choices[0], scene, THINGS[0]) > 0.9


def refusal(asked, scene, here=None):
    with pytest.raises(SelectionError) as caught:
        selected(asked, scene, here or Here(), Views())
    fault = caught.value.fault
    assert fault.message.endswith(".") and fault.remedy.endswith(".")
    return fault


def test_words_that_match_nothing_tell_the_best_score():
    fault = refusal(Asked(words="a dragon"), shown(256, 160), sighted((Box(0, 0, 9, 9), 0.21)))
    assert (fault.code, fault.field) == ("nothing_found", "words")
    assert '"a dragon"' in fault.message and "0.21" in fault.message and "0.35" in fault.message


def test_words_elsewhere_than_the_click():
    fault = refusal(Asked((click(5, 5),), words="thing"), shown(256, 160), sighted((Box(60, 40, 20, 20), 0.9)))
    assert (fault.code, fault.field) == ("nothing_found", "words") and "where you clicked" in fault.message


@pytest.mark.parametrize(
    ("asked", "scene", "code", "field"),
    [
        (Asked((click(900, 10),)), shown(), "outside", "points"),
        (Asked((click(-1, 10),)), shown(), "outside", "points"),
        (Asked((click(30, 10),)), shown(at=(100, 0)), "outside", "points"),
        (Asked(boxes=(Box(500, 500, 10, 10),)), shown(), "outside", "boxes"),
        (Asked(boxes=(Box(10, 10, 0, 10),)), shown(), "outside", "boxes"),
        (Asked((click(80, 70), click(81, 70, False))), shown(), "contradiction", "points"),
        (Asked((click(80, 70, False),)), shown(), "contradiction", "points"),
        (Asked(), shown(rough=Box(0, 0, 0, 0)), "rough_empty", "rough"),
        (Asked(), shown(rough=Box(0, 0, 200, 160)), "rough_full", "rough"),
        (Asked(words="the car"), shown(), "no_finder", "words"),
    ],
)
def test_bad_input_names_its_field(asked, scene, code, field):
    fault = refusal(asked, scene)
    assert (fault.code, fault.field) == (code, field)


def test_a_picture_of_one_colour():
    scene = shown(things=())
    scene.source.pixels[..., :3] = 90
    assert refusal(Asked((click(80, 70),)), scene).code == "one_colour"


def test_nothing_there():
    class Nothing(ByColour):
        def candidates(self, view, prompts):
            return [Candidate(np.zeros(view.picture.shape[:2], np.float32), 0.1)]

    assert refusal(Asked((click(80, 70),)), shown(), Here(Nothing())).code == "nothing_found"


def test_candidates_that_are_the_same_are_shown_once():
    class Twice(ByColour):
        def candidates(self, view, prompts):
            first, *_ = super().candidates(view, prompts)
            return [first, first]

    assert len(selected(Asked((click(80, 70),)), shown(), Here(Twice()), Views()).choices) == 1


def test_views_are_kept_and_bounded():
    views, scene = Views(), shown()
    first = views.of(scene, Box(0, 0, 200, 160), 64)
    assert views.of(scene, Box(0, 0, 200, 160), 64) is first
    for side in range(10, 30):
        views.of(scene, Box(0, 0, side, side), 64)
    assert views.of(scene, Box(0, 0, 200, 160), 64) is not first
