"""`inlay compare`: one sheet of everything that was tried."""

from __future__ import annotations

from pathlib import Path

import pytest
import pyvips
from click.testing import CliRunner, Result
from inlay.cli import main


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    waves = pyvips.Image.sines(160, 120).linear(60, 120).cast("uchar")
    waves.bandjoin([waves, waves]).copy(interpretation="srgb").write_to_file(str(tmp_path / "photo.png"))
    return tmp_path / "photo.png"


def compare(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["compare", *map(str, arguments)], prog_name="inlay")


def test_the_sheet_has_the_picture_and_every_combination(photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "sheet.png"
    vary = ("--vary", "seed=1,2,3", "--vary", "grow_px=0,4")
    result = compare("remove", photo, "--box", "60,40,20,20", *vary, "--columns", 3, "-o", out)
    assert result.exit_code == 0, result.output
    sheet = pyvips.Image.new_from_file(str(out))
    one_row = tmp_path / "row.png"
    narrow = compare("remove", photo, "--box", "60,40,20,20", "--vary", "seed=1,2", "--columns", 3, "-o", one_row)
    assert narrow.exit_code == 0, narrow.output
    row = pyvips.Image.new_from_file(str(one_row))
    assert (sheet.width, sheet.height) == (row.width, 3 * row.height)  # 1 + 6 pictures, and 1 + 2
    assert sheet.interpretation == "srgb"


@pytest.mark.parametrize(
    ("vary", "told"),
    [
        ("colour=1,2", "seed"),
        ("seed", "then ="),
        ("seed=a", "takes numbers"),
        ("seed=-1", "goes from 0"),
        ("grow_px=999", "256"),
        ("seed=" + ",".join(map(str, range(65))), "64 is the most"),
        ("model=sdxl", "not installed"),
        ("strength=0.5", "no such setting"),
    ],
)
def test_a_wrong_value_is_found_before_any_work(photo: Path, tmp_path: Path, vary: str, told: str) -> None:
    result = compare("remove", photo, "--box", "60,40,20,20", "--vary", vary, "-o", tmp_path / "sheet.png")
    assert result.exit_code == 2, result.output
    assert told in " ".join(result.output.split())
    assert not (tmp_path / "sheet.png").exists()
