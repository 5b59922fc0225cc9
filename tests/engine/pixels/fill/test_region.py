"""Windows around the hole, found without looking at the rest of the picture."""

from __future__ import annotations

import numpy as np
import pytest
from inlay.pixels.fill import FillError
from inlay.pixels.fill.region import parts


def test_the_parts_share_the_hole_out() -> None:
    hole = np.zeros((3000, 3100), bool)
    for row, column, side in ((131, 70, 40), (180, 150, 3), (2700, 2900, 90), (2999, 3099, 1)):
        hole[row : row + side, column : column + side] = True
    total = np.zeros(hole.shape, int)
    pieces = parts(hole, None)
    for piece in pieces:
        total[piece.window] += piece.hole
        assert piece.count == piece.hole.sum() == piece.hole[piece.inner].sum()
        assert (piece.known == ~hole[piece.window]).all()
    assert len(pieces) == 2
    assert (total == hole).all()


def test_unknown_pixels_are_not_known() -> None:
    hole, unknown = np.zeros((2, 600, 700), bool)
    hole[50:60, 50:60] = True
    unknown[:, 200:] = True
    (piece,) = parts(hole, unknown)
    assert (piece.known == ~(hole | unknown)[piece.window]).all()


def test_the_window_grows_until_something_is_known() -> None:
    hole, unknown = np.zeros((2, 900, 2000), bool)
    hole[100:110, 100:110] = True
    unknown[:, :-1] = ~hole[:, :-1]
    (piece,) = parts(hole, unknown)
    assert piece.known.any()
    unknown[:, -1] = True
    with pytest.raises(FillError, match="no known pixel"):
        parts(hole, unknown)
