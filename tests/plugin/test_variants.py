"""Variants: several results to choose from, on a real engine; the document changes when one is kept."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from inlay_krita import variants as module
from inlay_krita.logbook import RECIPES
from inlay_krita.qt import QtGui
from inlay_krita.session import Session
from inlay_krita.variants import NEAR, Variant, VariantSet, strengths, turned
from inlay_krita.wire import ReplaceEdit

from tests.plugin.conftest import MemoryCanvas, MemoryDocument, Wait


@pytest.fixture
def several(session: Session) -> Session:
    session.variants.choose_count(3)
    return session


@pytest.fixture
def made(several: Session, document: MemoryDocument, wait: Wait) -> VariantSet:
    """Three removals of something with a hole and a soft part, all of them here."""
    document.select(110, 90, 15, 10, 0)
    document.select(130, 90, 15, 10, 100)
    several.remove()
    wait(lambda: several.variants.of_active() and len(several.variants.of_active()[0].ready) == 3)
    return several.variants.of_active()[0]


def shown_pixels(session: Session) -> np.ndarray:
    """What is seen over the picture: (H, W, 4) uint8, blue first, premultiplied."""
    shown = session.variants.showing.shown
    assert shown is not None
    image = shown.image
    assert image.format() == QtGui.QImage.Format.Format_ARGB32_Premultiplied
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)


def test_one_is_laid_in_at_once(session: Session, document: MemoryDocument, wait: Wait) -> None:
    session.remove()
    wait(lambda: document.placements)
    assert session.variants.of_active() == []
    assert document.placements[0].beside is None


def test_several_come_and_the_document_stays_as_it_is(
    made: VariantSet, several: Session, document: MemoryDocument
) -> None:
    assert document.placements == []
    assert several.works == []
    seeds = {variant.edit.seed for variant in made.variants}
    assert len(seeds) == 3
    pixels = {bytes(variant.delivery.pixels) for variant in made.variants if variant.delivery}
    assert len(pixels) > 1
    assert all(variant.delivery and variant.delivery.thumbnail for variant in made.variants)


def test_the_picture_is_sent_once(
    several: Session, document: MemoryDocument, wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    from inlay_krita.client import Engine

    sent: list[str] = []
    request = Engine._request

    def counted(engine: Engine, method: str, path: str, *more: object) -> object:
        sent.extend([path] if method == "PUT" else [])
        return request(engine, method, path, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(Engine, "_request", counted)
    document.pixels[5, 5] = 77  # no earlier test's picture
    several.remove()
    wait(lambda: several.variants.of_active() and len(several.variants.of_active()[0].ready) == 3)
    assert len([path for path in sent if "model=RGBA" in path]) == 1


def test_what_is_pointed_at_is_seen_in_its_place_and_leaves_nothing(
    made: VariantSet, several: Session, document: MemoryDocument, wait: Wait
) -> None:
    (first, second, _), showing = made.variants, several.variants.showing
    several.variants.point_at(made, first)
    wait(lambda: showing.shown)
    assert first.delivery
    shown, box = showing.shown, first.delivery.result.box
    assert shown is not None
    assert shown.document is document
    assert shown.box == box
    expected = np.frombuffer(first.delivery.pixels, np.uint8).reshape(box.height, box.width, 4).astype(int)
    mask = np.frombuffer(first.delivery.mask, np.uint8).reshape(box.height, box.width)
    seen = shown_pixels(several)
    assert {0, 100, 255} == set(np.unique(mask))
    assert (seen[..., 3] == mask).all()
    assert (seen[mask == 0] == 0).all()
    assert np.abs(seen[mask == 255].astype(int) - expected[mask == 255]).max() <= 1
    several.variants.point_at(made, second)
    wait(lambda: showing.shown is not None and showing.shown is not shown)
    several.variants.point_at(made, first)
    assert showing.shown is not None and showing.shown.image is shown.image  # remembered
    several.variants.point_at()
    assert showing.shown is None
    assert document.placements == []


def test_a_large_one_is_made_in_bands(
    made: VariantSet, several: Session, wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    heights: list[int] = []
    seen = MemoryCanvas.seen

    def banded(canvas: MemoryCanvas, document: MemoryDocument, width: int, height: int, pixels: object) -> object:
        heights.append(height)
        return seen(canvas, document, width, height, pixels)

    several.variants.point_at(made, made.variants[0])
    wait(lambda: several.variants.showing.shown)
    whole = shown_pixels(several).copy()
    monkeypatch.setattr("inlay_krita.showing.BAND_BYTES", 2800)
    monkeypatch.setattr("inlay_krita.showing.LEAST_ROWS", 1)
    monkeypatch.setattr(MemoryCanvas, "seen", banded)
    several.variants.showing._made.clear()
    several.variants.point_at()
    several.variants.point_at(made, made.variants[0])
    begun = shown_pixels(several)[-1]
    assert len(heights) == 1  # the window is not held for all of them
    assert not begun.any()
    wait(lambda: several.variants.showing._making is None)
    assert len(heights) > 2
    assert sum(heights) == whole.shape[0]
    assert (shown_pixels(several) == whole).all()


def test_the_first_is_kept_in_a_group_and_the_next_takes_its_place(
    made: VariantSet, several: Session, document: MemoryDocument
) -> None:
    first, second, _ = made.variants
    several.variants.keep(made, second)
    several.variants.keep(made, first)
    assert [placement.beside for placement in document.placements] == [(), (second.layer,)]
    assert [placement.pixels for placement in document.placements] == [
        variant.delivery.pixels for variant in (second, first) if variant.delivery
    ]
    assert document.placements[0].name == "Inlay: remove 60 x 40 px"
    several.variants.keep(made, second)  # it is there already
    assert len(document.placements) == 2
    assert document.active_layer == second.layer


def test_the_history_remembers_all_of_them_and_which_were_kept(
    made: VariantSet, several: Session, document: MemoryDocument
) -> None:
    runs = {past.id: past for past in several.history.runs()}
    assert set(runs) == {variant.run_id for variant in made.variants}
    assert all(past.thumbnail and past.layers == () for past in runs.values())
    several.variants.keep(made, made.variants[1])
    runs = {past.id: past for past in several.history.runs()}
    assert len(runs) == 3
    assert [runs[variant.run_id].layers for variant in made.variants] == [(), (made.variants[1].layer,), ()]


def waited_for(session: Session, made: VariantSet) -> list[bool]:
    """Of each, whether a Krita that crashes now would find it again."""
    kept = {path.stem for path in session._notes._folder.glob("*.json")}
    return [variant.delivery is not None and variant.delivery.job_id in kept for variant in made.variants]


def test_closing_a_set_lets_go_of_what_was_not_kept(made: VariantSet, several: Session) -> None:
    assert waited_for(several, made) == [True, True, True]
    several.variants.keep(made, made.variants[0])
    assert waited_for(several, made) == [False, True, True]
    several.variants.close(made)
    assert several.variants.of_active() == []
    assert waited_for(several, made) == [False, False, False]
    assert len(several.history.runs()) == 3


def test_what_nobody_looks_at_again_takes_no_memory(made: VariantSet, several: Session, wait: Wait) -> None:
    for variant in made.variants:
        several.variants.point_at(made, variant)
        wait(lambda: several.variants.showing.shown and several.variants.showing._making is None)
    assert len(several.variants.showing._made) == 3
    several.variants.throw_away(made, made.variants[0])
    assert len(several.variants.showing._made) == 2
    several.variants.close(made)
    assert several.variants.showing._made == {}


def test_krita_closes_and_no_result_comes_back_that_was_seen(made: VariantSet, several: Session) -> None:
    several.close()
    assert waited_for(several, made) == [False, False, False]


def test_one_is_thrown_away_or_cancelled(several: Session, wait: Wait) -> None:
    several.remove()
    wait(lambda: several.variants.of_active())
    (made,) = several.variants.of_active()
    several.variants.throw_away(made, made.variants[1])
    wait(lambda: not several.works)
    assert len(made.ready) == 2
    several.variants.throw_away(made, made.variants[0])
    several.variants.throw_away(made, made.variants[0])
    assert several.variants.of_active() == []


def test_cancelling_keeps_what_has_come(several: Session, wait: Wait) -> None:
    several.variants.choose_count(8)
    several.remove()
    wait(lambda: several.variants.of_active() and several.variants.of_active()[0].ready)
    several.cancel_active()
    wait(lambda: not several.works)
    (made,) = several.variants.of_active()
    assert len(made.variants) == len(made.ready) >= 1


def test_same_again_adds_others_and_there_is_an_end(made: VariantSet, several: Session, wait: Wait) -> None:
    several.variants.same_again(made)
    wait(lambda: len(made.ready) == 6)
    assert len({variant.edit.seed for variant in made.variants}) == 6
    several.variants.choose_count(8)
    for _ in range(4):
        several.variants.same_again(made)
    assert len(made.variants) == module.MOST_IN_A_SET
    assert several.notices[-1].message == "There are 24 variants here already."
    several.cancel_all()
    wait(lambda: not several.works)


def test_extending_twice_keeps_both_in_the_larger_canvas(
    several: Session, document: MemoryDocument, wait: Wait
) -> None:
    several.variants.choose_count(2)
    several.extend_settings = dataclasses.replace(several.extend_settings, right=20)
    several.extend()
    wait(lambda: several.variants.of_active() and len(several.variants.of_active()[0].ready) == 2)
    (made,) = several.variants.of_active()
    several.variants.point_at(made, made.variants[0])
    wait(lambda: several.variants.showing.shown)
    assert several.variants.showing.shown is not None
    assert several.variants.showing.shown.box.right == 320 + 64
    several.variants.keep(made, made.variants[0])
    assert document.placements[0].plan.edit == "extend"


def test_a_document_that_was_closed_gets_its_set_back(several: Session, document: MemoryDocument, wait: Wait) -> None:
    several.remove()
    wait(lambda: several.variants.of_active())
    canvas = several.canvas
    assert isinstance(canvas, MemoryCanvas)
    canvas.close(document)
    wait(lambda: not several.works)
    (parcel,) = several.parcels
    assert parcel.variants is not None and len(parcel.variants.ready) == 3
    again = MemoryDocument()
    canvas.opened.append(again)
    canvas.active = again
    several.arrivals.place(parcel)
    assert several.parcels == []
    (made,) = several.variants.of_active()
    several.variants.keep(made, made.variants[2])
    assert len(again.placements) == 1
    assert RECIPES in again.annotations


def test_sets_of_a_document_that_is_closed_after_all_came_are_gone(
    made: VariantSet, several: Session, document: MemoryDocument
) -> None:
    canvas = several.canvas
    assert isinstance(canvas, MemoryCanvas)
    canvas.close(document)
    several.refresh()
    assert several.parcels == []
    assert several.variants._sets == []


def test_strengths_go_from_weak_to_strong() -> None:
    assert strengths(4) == [0.3, 0.5, 0.7, 0.9]
    assert len(strengths(8)) == 8


def test_turning_goes_on_from_what_was_turned() -> None:
    edit = ReplaceEdit(seed=5)
    once = turned(edit, 7)
    twice = turned(once, 9)
    assert (once.seed, once.variations) == (5, ((7, NEAR),))
    assert twice.variations == ((7, NEAR), (9, NEAR))
    for seed in range(10, 20):
        twice = turned(twice, seed)
    assert len(twice.variations) == 8


def test_a_variant_is_itself_alone() -> None:
    assert Variant(ReplaceEdit()) != Variant(ReplaceEdit())
