"""The time that is left follows the pace of late."""

import pytest
from inlay.jobs.pace import Pace


def test_even_steps():
    pace = Pace()
    told = [pace.seconds_left(step / 40, 100.0 + step) for step in range(41)]
    assert told[:3] == [None, None, None]  # loading, and too early to say
    assert told[3:] == pytest.approx([40 - step for step in range(3, 41)])


def test_a_pace_that_changes_is_followed():
    pace = Pace()
    for step in range(1, 51):
        pace.seconds_left(step / 100, step * 0.1)  # half of it in five seconds
    left = [pace.seconds_left(0.5 + step / 100, 5 + step) for step in range(1, 41)][-1]
    assert left == pytest.approx(10, abs=0.5)  # a second a step since


def test_what_begins_again_is_told_anew():
    pace = Pace()
    for step in range(1, 10):
        pace.seconds_left(step / 10, float(step))
    assert pace.seconds_left(0.1, 10.0) is None
    assert pace.seconds_left(0.2, 13.0) == pytest.approx(0.8 * 30)


def test_what_stands_still_is_not_guessed():
    pace = Pace()
    pace.seconds_left(0.3, 0.0)
    assert pace.seconds_left(0.3, 60.0) is None


def test_between_steps_the_rest_goes_on_getting_less():
    pace = Pace()
    assert pace.rest(0.0) is None
    for step in range(1, 6):
        pace.seconds_left(step / 10, float(step))
    assert pace.rest(5.0) == pytest.approx(5.0)
    assert pace.rest(8.0) == pytest.approx(2.0)
    assert pace.rest(90.0) == 0.0
    pace.seconds_left(0.1, 10.0)  # it was begun again
    assert pace.rest(10.0) is None
