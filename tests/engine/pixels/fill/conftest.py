"""Both kinds of fill, for the tests that hold for either."""

from __future__ import annotations

import pytest
from inlay.pixels.fill import kernel


@pytest.fixture(params=["native", "portable"])
def backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Runs a test twice: with the compiled kernel, and as if it could not be loaded."""
    if request.param == "portable":
        monkeypatch.setattr(kernel, "load", lambda: None)
    elif kernel.load() is None:
        pytest.skip("the kernel is not built: python setup.py build_ext --inplace")
    return str(request.param)
