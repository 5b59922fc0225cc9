"""Drawings of painters, as ControlNets were taught to read them."""

import numpy as np
import pytest
from inlay.pixels.drawing import as_control

LINE = (slice(10, 12), slice(4, 28))


def lines_drawn(line, ground, alpha_of_ground):
    drawn, alpha = np.full((32, 32, 3), ground, np.float32), np.full((32, 32), alpha_of_ground, np.float32)
    drawn[LINE], alpha[LINE] = line, 1
    return drawn, alpha


@pytest.mark.parametrize(
    ("line", "ground", "alpha"),
    [(0.0, 1.0, 1.0), (1.0, 0.0, 1.0), (0.0, 0.0, 0.0), (1.0, 1.0, 0.0), (0.3, 0.9, 0.0)],
    ids=["ink on paper", "chalk on slate", "ink on nothing", "white on nothing", "grey on nothing"],
)
def test_lines_become_white_on_black_however_they_were_drawn(line, ground, alpha):
    control = as_control(*lines_drawn(line, ground, alpha), "lines")
    assert control.shape == (32, 32, 3)
    assert (control[LINE] > 0.95).all()
    outside = np.ones((32, 32), np.bool_)
    outside[LINE] = False
    assert (control[outside] < 0.15).all()


@pytest.mark.parametrize("control", ["pose", "depth"])
def test_poses_and_depths_lie_on_black_and_keep_their_colours(control):
    drawn, alpha = lines_drawn((1.0, 0.3, 0.0), 1.0, 0.0)
    seen = as_control(drawn, alpha, control)
    np.testing.assert_allclose(seen[LINE], np.broadcast_to([1.0, 0.3, 0.0], seen[LINE].shape), atol=1e-6)
    assert not seen[0].any()
