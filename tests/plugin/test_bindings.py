"""The panel on the bindings that Kritas have: the same tests once more, on PyQt5 and on PyQt6, with a real engine."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FILES = ("test_panel.py", "test_pages.py", "test_queue_page.py", "test_variants_section.py", "test_inputs.py")


@pytest.mark.parametrize("binding", ["PyQt5", "PyQt6"])
def test_the_panel_on_another_binding(binding: str, tmp_path: Path) -> None:
    if importlib.util.find_spec(binding) is None:
        pytest.skip(f"{binding} is not installed: pip install '.[test]'")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--basetemp={tmp_path / 'tests'}"]
    done = subprocess.run(
        [*command, *(str(HERE / name) for name in FILES)],
        env=os.environ | {"INLAY_QT": binding},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
