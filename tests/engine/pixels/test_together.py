"""Independent work at the same time."""

from threading import Barrier, get_ident

import pytest
from inlay.pixels.together import together


def test_what_comes_back_is_in_order_and_was_done_side_by_side():
    meeting = Barrier(2, timeout=10)  # neither passes alone

    def work(name):
        meeting.wait()
        return name, get_ident()

    (one, mine), (two, other) = together(lambda: work("one"), lambda: work("two"))
    assert (one, two) == ("one", "two")
    assert mine == get_ident() != other


@pytest.mark.parametrize("bad", [0, 1])
def test_what_one_raises_is_raised(bad):
    def work(number):
        if number == bad:
            raise ValueError(number)

    with pytest.raises(ValueError, match=str(bad)):
        together(lambda: work(0), lambda: work(1))
