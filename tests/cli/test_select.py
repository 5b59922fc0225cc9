"""`inlay select`, and `--select` on the edits, as people and scripts call them."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from click.testing import CliRunner, Result
from inlay.cli import main
from inlay.files.picture import Picture
from inlay.files.reading import read_mask, read_picture
from inlay.files.writing import write_picture
from inlay.pixels.formats import Model

from tests.engine.pipelines import tiny, tiny_segmenters
from tests.models.toy_sam.train import WEIGHTS

WIDTH, HEIGHT = 160, 120
THING = np.s_[30:90, 50:100]


def inlay(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], prog_name="inlay")


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A green thing on grey grain, 16 bit."""
    rng = np.random.default_rng(2)
    pixels = np.clip(rng.normal(24000, 900, (HEIGHT, WIDTH, 3)), 0, 65535).astype(np.uint16)
    pixels[THING] = pixels[THING] // 2 + np.array([0, 30000, 6000], np.uint16)
    write_picture(tmp_path / "photo.tif", Picture(pixels, Model.RGBA))
    return tmp_path / "photo.tif"


def overlap(mask: np.ndarray) -> float:
    truth = np.zeros((HEIGHT, WIDTH))
    truth[THING] = 1
    found = mask / 255
    return float(np.minimum(found, truth).sum() / np.maximum(found, truth).sum())


@pytest.mark.parametrize(
    "pointing",
    [
        ("--at", "70,60"),
        ("--at", "70,60", "--at", "60,40", "--not-at", "10,10"),
        ("--box", "40,22,70,76"),
        (),
    ],
    ids=["click", "clicks", "box", "subject"],
)
def test_the_thing_is_selected(photo: Path, tmp_path: Path, pointing: tuple[str, ...]) -> None:
    out = tmp_path / "mask.png"
    result = inlay("select", photo, *pointing, "-o", out)
    assert result.exit_code == 0, result.output
    assert "GrabCut" in result.output
    assert overlap(read_mask(out, WIDTH, HEIGHT)) > 0.9
    assert read_picture(out).pixels.shape == (HEIGHT, WIDTH, 1)


def test_a_rough_mask_becomes_tight_and_can_be_inverted(photo: Path, tmp_path: Path) -> None:
    rough = np.zeros((HEIGHT, WIDTH, 1), np.uint8)
    rough[20:100, 40:112] = 255
    write_picture(tmp_path / "rough.png", Picture(rough, Model.GRAYA))
    tight, rest = tmp_path / "tight.png", tmp_path / "rest.png"
    assert inlay("select", photo, "--mask", tmp_path / "rough.png", "-o", tight).exit_code == 0
    assert inlay("select", photo, "--mask", tmp_path / "rough.png", "--invert", "-o", rest).exit_code == 0
    assert overlap(read_mask(tight, WIDTH, HEIGHT)) > 0.9
    assert np.array_equal(read_mask(rest, WIDTH, HEIGHT), 255 - read_mask(tight, WIDTH, HEIGHT))


def test_the_mask_is_one_that_the_edits_take(photo: Path, tmp_path: Path) -> None:
    mask = tmp_path / "mask.png"
    assert inlay("select", photo, "--at", "70,60", "--grow", "6", "-o", mask).exit_code == 0
    out = tmp_path / "out.tif"
    assert inlay("remove", photo, "--mask", mask, "-o", out).exit_code == 0
    before, after = read_picture(photo).pixels, read_picture(out).pixels
    assert after[THING][..., 1].mean() < before[THING][..., 1].mean() - 10000
    outside = read_mask(mask, WIDTH, HEIGHT) == 0
    assert np.array_equal(before[outside], after[outside])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--at", "900,10"), "outside the picture"),
        (("--at", "70,60", "--not-at", "70,60"), "as on the thing and as beside it"),
        (("--at", "seventy"), "X,Y"),
        (("--words", "the thing"), "inlay models install"),
        (("--model", "no-such"), "no-such"),
        (("--at", "70,60", "--choice", "16"), "--choice 16"),
        (("--mask", "nowhere.png"), "does not exist"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_written(
    photo: Path, tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    out = tmp_path / "mask.png"
    result = inlay("select", photo, *arguments, "-o", out)
    assert result.exit_code == 2, result.output
    assert told in result.output
    assert not out.exists()


@pytest.mark.parametrize("name", ["mask.ora", "mask.jpg"])
def test_a_mask_is_a_flat_picture(photo: Path, tmp_path: Path, name: str) -> None:
    result = inlay("select", photo, "--at", "70,60", "-o", tmp_path / name)
    assert result.exit_code == 2 and not (tmp_path / name).exists()


def test_an_edit_takes_words_or_a_mask_and_not_both(photo: Path, tmp_path: Path) -> None:
    for arguments in (("--select", "the thing", "--box", "1,2,3,4"), (), ("--select", " ")):
        result = inlay("remove", photo, *arguments, "-o", tmp_path / "out.tif")
        assert result.exit_code == 2 and "--select" in result.output
    result = inlay("remove", photo, "--select", "the thing", "-o", tmp_path / "out.tif")
    assert result.exit_code == 2 and "grounding-dino" in result.output  # none is installed here


def test_the_background_becomes_transparent(photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "cut.tif"
    result = inlay("background", photo, "--transparent", "-o", out)
    assert result.exit_code == 0, result.output
    before, after = read_picture(photo).pixels, read_picture(out).pixels
    assert after.shape[2] == 4
    assert overlap(after[..., 3] / 257) > 0.9
    assert np.array_equal(after[..., :3], before)


def test_in_layers_the_picture_is_kept_and_hidden(photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "cut.ora"
    assert inlay("background", photo, "--transparent", "--box", "40,20,70,80", "-o", out).exit_code == 0
    with zipfile.ZipFile(out) as archive:
        layers = list(ElementTree.fromstring(archive.read("stack.xml")).iter("layer"))
    assert [(layer.get("name"), layer.get("visibility")) for layer in layers] == [
        ("Inlay: background removed", "visible"),
        ("photo.tif", "hidden"),
    ]


def test_transparent_paints_nothing(photo: Path, tmp_path: Path) -> None:
    result = inlay("background", photo, "--transparent", "--prompt", "a beach", "-o", tmp_path / "cut.tif")
    assert result.exit_code == 2 and "--prompt" in result.output


@pytest.fixture
def with_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Small models in the user's folder: one that paints, one that finds words, and the toy SAM."""
    models = tmp_path / "home" / "data" / "models"
    tiny.save(models / "tiny-inpaint", 9)
    tiny_segmenters.save_grounding_dino(models / "finder")
    shutil.copy(WEIGHTS, models)
    monkeypatch.setenv("INLAY_HOME", str(tmp_path / "home"))
    return models


def test_replace_by_words_in_one_command(with_models: Path, photo: Path, tmp_path: Path) -> None:
    """An untrained finder: what is found is anything, and what is painted noise; that it stays inside is not."""
    mask, out = tmp_path / "mask.png", tmp_path / "out.tif"
    result = inlay("select", photo, "--words", "the red car", "-o", mask)
    assert result.exit_code == 0, result.output
    assert "Segment Anything" in result.output
    result = inlay("replace", photo, "--select", "the red car", "--prompt", "a dog", "--steps", "2", "-o", out)
    assert result.exit_code == 0, result.output
    selected = read_mask(mask, WIDTH, HEIGHT)
    before, after = read_picture(photo).pixels, read_picture(out).pixels
    assert np.array_equal(before[selected == 0], after[selected == 0])
    assert (before[selected == 255] != after[selected == 255]).any()
