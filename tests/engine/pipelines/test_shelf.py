"""What is loaded stays while there is room; what is worth least goes first; nothing is computed twice."""

import numpy as np
import pytest
import torch
from inlay.pipelines import shelf as shelves
from inlay.pipelines.memo import Memo, size_bytes
from inlay.pipelines.shelf import Shelf, loaded_bytes

KB = 1000


class Clock:
    """Time that passes when told."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def module(size_bytes):
    return torch.nn.Linear(size_bytes // 4, 1, bias=False)


@pytest.fixture
def clock():
    return Clock()


def taken(shelf, clock, key, size, seconds=1.0):
    loads = []

    def load():
        clock.now += seconds
        loads.append(key)
        return module(size)

    shelf.take(key, load)
    return bool(loads)


def test_a_model_is_loaded_once(clock):
    shelf = Shelf(10 * KB, clock=clock)
    assert taken(shelf, clock, "a", 4 * KB)
    assert not taken(shelf, clock, "a", 4 * KB)
    assert shelf.size_bytes == 4 * KB


def test_the_least_valuable_goes_first(clock):
    shelf = Shelf(10 * KB, clock=clock)
    taken(shelf, clock, "slow", 4 * KB, seconds=60)
    taken(shelf, clock, "quick", 4 * KB, seconds=1)
    taken(shelf, clock, "new", 4 * KB)
    assert not taken(shelf, clock, "slow", 4 * KB)
    assert taken(shelf, clock, "quick", 4 * KB)


def test_what_lies_unused_loses_its_value(clock):
    shelf = Shelf(10 * KB, clock=clock)
    taken(shelf, clock, "slow", 4 * KB, seconds=10)
    clock.now += 10_000
    taken(shelf, clock, "quick", 4 * KB, seconds=1)
    taken(shelf, clock, "new", 4 * KB)
    assert not taken(shelf, clock, "quick", 4 * KB)


def test_what_was_just_taken_stays_even_if_it_is_too_large(clock):
    shelf = Shelf(10 * KB, clock=clock)
    taken(shelf, clock, "small", 4 * KB)
    taken(shelf, clock, "huge", 40 * KB)
    assert not taken(shelf, clock, "huge", 40 * KB)
    assert taken(shelf, clock, "small", 4 * KB)


def test_what_works_together_stays_together(clock):
    shelf = Shelf(10 * KB, clock=clock)
    taken(shelf, clock, "model", 4 * KB)
    shelf.take("net", lambda: module(8 * KB), beside="model")
    assert not taken(shelf, clock, "model", 4 * KB)
    assert taken(shelf, clock, "other", 8 * KB)
    assert not taken(shelf, clock, "other", 8 * KB)
    assert shelf.size_bytes == 8 * KB  # neither of the two was in use any more


def test_a_load_finds_its_room_before_it_begins(clock):
    shelf = Shelf(10 * KB, clock=clock)
    taken(shelf, clock, "a", 8 * KB)
    seen = []

    def load():
        shelf.make_room(8 * KB)
        seen.append(shelf.size_bytes)
        return module(8 * KB)

    shelf.take("b", load)
    assert seen == [0]


def test_what_is_not_all_on_the_device_takes_less_of_the_budget(clock):
    shelf = Shelf(10 * KB, clock=clock)
    shelf.take("streamed", lambda: module(40 * KB), size_of=lambda _: 2 * KB)
    taken(shelf, clock, "small", 4 * KB)
    assert shelf.size_bytes == 6 * KB


def test_tightening_leaves_models_less_than_they_took(clock):
    shelf = Shelf(10 * KB, clock=clock)
    assert not shelf.tighten("nothing")
    taken(shelf, clock, "a", 8 * KB)
    assert shelf.tighten("a")
    assert shelf.budget_bytes == 8 * KB - 1
    assert taken(shelf, clock, "a", 8 * KB)


def test_clearing_around_a_model_leaves_it_alone(clock):
    shelf = Shelf(10 * KB, clock=clock)
    taken(shelf, clock, "a", 4 * KB)
    assert not shelf.clear_around("a")
    taken(shelf, clock, "b", 4 * KB)
    shelf.memo.get(("a", "prompt"), lambda: np.zeros(10))
    assert shelf.clear_around("a")
    assert (shelf.size_bytes, shelf.memo.size_bytes) == (4 * KB, 0)
    assert not taken(shelf, clock, "a", 4 * KB)


def test_a_models_results_go_with_it(clock):
    shelf = Shelf(10 * KB, clock=clock)
    taken(shelf, clock, "a", 4 * KB)
    shelf.memo.get(("a", "prompt"), lambda: np.zeros(10))
    shelf.memo.get(("b", "prompt"), lambda: np.zeros(10))
    shelf.drop("a")
    assert shelf.size_bytes == 0
    assert shelf.memo.get(("a", "prompt"), lambda: "again") == "again"
    assert not isinstance(shelf.memo.get(("b", "prompt"), lambda: "again"), str)


def test_the_budget_comes_from_the_environment_or_from_what_is_free(monkeypatch):
    monkeypatch.setenv("INLAY_MEMORY_BYTES", "12345")
    assert Shelf().budget_bytes == 12345
    monkeypatch.delenv("INLAY_MEMORY_BYTES")
    monkeypatch.setattr(shelves, "free_bytes", lambda: 1000)
    assert Shelf().budget_bytes == 800


def test_sizes():
    shared = module(4 * KB)
    assert loaded_bytes({"unet": shared, "name": "x", "nothing": None, "pair": [module(8 * KB)]}) == 12 * KB
    assert size_bytes({"a": torch.zeros(10), "b": (np.zeros(2), "word")}) == 56


def test_memo_is_bounded_and_forgets_what_was_not_used_for_longest():
    memo = Memo(most_bytes=100)
    for name in "ab":
        memo.get((name,), lambda: np.zeros(5))
    memo.get(("a",), lambda: pytest.fail("it is kept"))
    memo.get(("c",), lambda: np.zeros(5))
    assert memo.size_bytes == 80
    memo.get(("a",), lambda: pytest.fail("it is kept"))
    assert memo.get(("b",), lambda: "gone") == "gone"
    memo.get(("huge",), lambda: np.zeros(50))
    assert memo.size_bytes <= 100
