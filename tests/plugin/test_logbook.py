"""What a document remembers: bounds, what cannot be read, and that nothing of it is ever lost."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from inlay_krita.logbook import MOST_BYTES, RECIPE_BYTES, RECIPES, THUMBNAIL_BYTES, THUMBNAILS, Logbook


class Kept:
    """Annotations in memory."""

    def __init__(self, **texts: bytes) -> None:
        self.texts = {name.replace("_", "-"): text for name, text in texts.items()}

    def read(self, name: str) -> bytes:
        return self.texts.get(name, b"")

    def write(self, name: str, about: str, text: bytes) -> None:
        assert about.startswith("Inlay: ")
        self.texts[name] = text


def opened(kept: Kept) -> Logbook:
    """As after reopening the file."""
    book = Logbook(kept)
    book.look()
    return book


def recipe(number: int, size: int = 0) -> dict[str, Any]:
    return {"number": number, "edit": {"kind": "remove", "prompt": "x" * size}}


def numbers(book: Logbook) -> list[int]:
    return [run.recipe["number"] for run in book.runs]


def test_runs_come_back_with_their_pictures_and_layers() -> None:
    kept = Kept()
    book = opened(kept)
    assert book.runs == ()
    assert book.add({**recipe(1), "layers": ["{a}"]}, b"picture")
    assert book.add({**recipe(2), "what": "naïve 猫, half a pair \ud83d"}, b"")
    assert book.link(book.runs[0].id, "{b}")
    again = opened(kept)
    assert again.runs == book.runs
    assert numbers(again) == [1, 2]
    assert base64.b64decode(again.runs[0].thumbnail) == b"picture"
    assert (again.runs[0].layers, again.runs[1].layers) == (("{a}", "{b}"), ())
    assert again.runs[1].recipe["what"].startswith("naïve 猫")
    assert len({run.id for run in again.runs}) == 2
    assert not again.link("nobody", "{c}")


def test_what_has_not_changed_is_not_parsed_again() -> None:
    kept = Kept()
    book = opened(kept)
    book.add(recipe(1), b"")
    runs = book.runs
    book.look()
    assert book.runs is runs
    opened(kept).add(recipe(2), b"")
    book.look()
    assert numbers(book) == [1, 2]


def test_recipes_of_before_there_were_ids_stay() -> None:
    kept = Kept(inlay_recipes=json.dumps([recipe(1), "what is this?", recipe(2)]).encode())
    book = opened(kept)
    assert numbers(book) == [1, 2]
    assert [run.id for run in book.runs] == ["", ""]
    book.add(recipe(3), b"")
    assert numbers(book) == [1, 2, 3]
    assert json.loads(kept.texts[RECIPES])[1] == "what is this?"


def test_the_oldest_recipes_make_room() -> None:
    kept = Kept()
    book = opened(kept)
    most = 0
    for number in range(400):
        assert book.add(recipe(number, 5000), b"")
        assert len(kept.texts[RECIPES]) <= MOST_BYTES
        most = max(most, len(book.runs))
    assert numbers(book) == list(range(400))[-len(book.runs) :]
    assert 100 < most <= MOST_BYTES // 5000
    assert len(book.runs) > most * 0.8
    assert numbers(opened(kept)) == numbers(book)
    assert opened(kept).runs == book.runs


def test_room_is_made_seldom() -> None:
    kept = Kept()
    book, texts = opened(kept), set()
    for number in range(200):
        book.add(recipe(number, 5000), b"x")
        texts.add(kept.texts[RECIPES][:100])  # begins otherwise when the oldest have gone
    assert len(texts) < 14


def test_what_stands_in_the_file_stays_as_it_was_written() -> None:
    kept = Kept(inlay_recipes=b'[ {"number":1,   "later": 1e400}  \n ]\n')
    opened(kept).add(recipe(2), b"")
    assert kept.texts[RECIPES].startswith(b'[ {"number":1,   "later": 1e400},\n{"id"')
    assert numbers(opened(kept)) == [1, 2]


def test_thumbnails_go_before_recipes_do() -> None:
    kept = Kept()
    book = opened(kept)
    for number in range(60):
        assert book.add(recipe(number), bytes([number]) * THUMBNAIL_BYTES)
        assert len(kept.texts[THUMBNAILS]) <= MOST_BYTES
    assert numbers(book) == list(range(60))
    pictured = [bool(run.thumbnail) for run in book.runs]
    assert pictured == sorted(pictured)
    assert 10 < sum(pictured) < 20
    assert base64.b64decode(book.runs[-1].thumbnail)[0] == 59


def test_too_large_a_recipe_or_thumbnail_is_not_kept_and_pushes_nothing_out() -> None:
    book = opened(Kept())
    book.add(recipe(1), b"small")
    assert not book.add(recipe(2, RECIPE_BYTES), b"")
    assert book.add(recipe(3), b"x" * (THUMBNAIL_BYTES + 1))
    assert numbers(book) == [1, 3]
    assert [bool(run.thumbnail) for run in book.runs] == [True, False]


DEEP = b"[" * 100_000
UNREADABLE = [
    (b"{", "The history in this picture is damaged."),
    (b"\xff\xfe", "The history in this picture is damaged."),
    (DEEP, "The history in this picture is damaged."),
    (b"3", "The history in this picture was written by another version of Inlay."),
    (b'{"version": 2, "runs": []}', "The history in this picture was written by another version of Inlay."),
    (b"[" + b" " * MOST_BYTES + b"]", "The history in this picture is 0.5 MB large, more than Inlay writes."),
]


@pytest.mark.parametrize(("text", "why"), UNREADABLE)
def test_what_cannot_be_read_is_kept_and_new_runs_beside_it(text: bytes, why: str) -> None:
    kept = Kept(inlay_recipes=text)
    book = opened(kept)
    assert (book.runs, book.problems) == ((), (why,))
    assert book.add(recipe(1), b"picture")
    assert book.add(recipe(2), b"")
    assert kept.texts[RECIPES] == text
    again = opened(kept)
    assert (numbers(again), again.problems) == ([1, 2], (why,))
    assert again.link(again.runs[0].id, "{a}")
    assert kept.texts[RECIPES] == text


@pytest.mark.parametrize("text", [b"[]", b"{", b'{"version": 2}'])
def test_thumbnails_that_cannot_be_read_are_kept_too(text: bytes) -> None:
    kept = Kept(inlay_thumbnails=text)
    book = opened(kept)
    assert len(book.problems) == 1
    book.add(recipe(1), b"picture")
    assert kept.texts[THUMBNAILS] == text
    assert opened(kept).runs[0].thumbnail


def test_where_nothing_can_be_read_nothing_is_written() -> None:
    texts = {f"{RECIPES}{end}": b"later" for end in ("", "-2", "-3")}
    kept = Kept(**{name.replace("-", "_"): text for name, text in texts.items()})
    assert not opened(kept).add(recipe(1), b"picture")
    assert kept.texts == texts


@pytest.mark.parametrize("odd", [{"id": 3}, {"layers": "x"}, {"layers": [1, None]}, {"id": None, "layers": None}])
def test_odd_ids_and_layers_are_none(odd: dict[str, Any]) -> None:
    (run,) = opened(Kept(inlay_recipes=json.dumps([odd]).encode(), inlay_thumbnails=b'{"": 3}')).runs
    assert (run.id, run.layers, run.thumbnail) == ("", (), "")
