"""Previews: small, opaque, and few."""

import numpy as np
import pytest
from inlay.jobs.previews import Previews


@pytest.mark.parametrize(
    ("shape", "size"),
    [((8, 6), (6, 8)), ((512, 300), (300, 512)), ((513, 300), (150, 257)), ((3000, 2000), (334, 500))],
)
def test_a_preview_is_at_most_512_px_long(shape, size):
    previews = Previews(4)
    rgb = np.zeros((*shape, 3), np.uint8)
    rgb[..., 0] = 200
    info, raw = previews.find(previews.add(rgb))
    assert (info.width, info.height) == size
    assert raw[:4] == b"\x00\x00\xc8\xff"
    assert len(raw) == info.size_bytes


def test_the_oldest_make_room():
    previews = Previews(2)
    digests = [previews.add(np.full((2, 2, 3), value, np.uint8)) for value in range(3)]
    assert [previews.find(digest) is not None for digest in digests] == [False, True, True]
