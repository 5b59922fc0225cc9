"""What the fill looks at: fast ways see what the plain one sees, and nothing hidden is looked at."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from inlay.pixels.fill import kernel
from inlay.pixels.fill.native import NativeFill
from inlay.pixels.fill.proxy import Look, make_proxy
from inlay.pixels.fill.watch import Watch
from inlay.pixels.formats import CHANNELS, Model, Pixels
from numpy.typing import NDArray

BY_CHANNEL = [Model.RGBA, Model.GRAYA, Model.LABA, Model.YCBCRA]
SCALES = {"u1": 255, "u2": 65535, "f2": 1, "f4": 1}


def noise(model: Model, dtype: str, *, with_alpha: bool = True, size: tuple[int, int] = (70, 90)) -> Pixels:
    """(H, W, C) of values from below 0 to above 1 where the depth has them; rows not contiguous."""
    values = np.random.default_rng(4).random((size[0], size[1] + 3, CHANNELS[model] - (not with_alpha)))
    stretched = values * 4 - 1 if dtype[0] == "f" else values
    return np.asarray(stretched * SCALES[dtype]).astype(dtype)[:, 3:]


def some(size: tuple[int, int] = (70, 90)) -> NDArray[np.bool_]:
    return np.random.default_rng(5).random(size) < 0.8


@pytest.mark.parametrize("model", BY_CHANNEL)
@pytest.mark.parametrize("dtype", ["u1", "u2", "f2"])
@pytest.mark.parametrize("is_linear", [False, True])
@pytest.mark.parametrize("with_alpha", [False, True])
def test_tables_say_what_the_formulas_say(
    model: Model, dtype: str, is_linear: bool, with_alpha: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels, known = noise(model, dtype, with_alpha=with_alpha), some()
    seen = [make_proxy(pixels, known, model, is_linear)]
    if library := kernel.load():
        look_up = partial(NativeFill(library, 0, 2).look_up, Watch(wants_previews=False))
        seen.append(make_proxy(pixels, known, model, is_linear, look_up, 2))
    monkeypatch.setattr(Look, "is_by_channel", False)
    plain = make_proxy(pixels, known, model, is_linear)
    assert all(proxy.tobytes() == plain.tobytes() for proxy in seen)
    assert (plain[~known] == 0).all()


@pytest.mark.parametrize("model", list(Model))
@pytest.mark.parametrize("dtype", ["f2", "f4"])
def test_hidden_pixels_do_not_count(backend: str, model: Model, dtype: str) -> None:
    known, proxies = some(), []
    for poison in (0, 900, np.nan):
        pixels = noise(model, dtype).copy()
        pixels[~known] = poison
        proxies.append(make_proxy(pixels, known, model, True))
    assert proxies[0].tobytes() == proxies[1].tobytes() == proxies[2].tobytes()


@pytest.mark.parametrize(("model", "dtype"), [(Model.RGBA, "f4"), (Model.CMYKA, "u1"), (Model.XYZA, "u2")])
def test_threads_change_nothing(model: Model, dtype: str) -> None:
    pixels, known = noise(model, dtype, size=(1100, 1000)), some((1100, 1000))
    one, three = (make_proxy(pixels, known, model, True, threads=threads) for threads in (1, 3))
    assert one.tobytes() == three.tobytes()
