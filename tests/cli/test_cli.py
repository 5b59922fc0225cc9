"""The `inlay` command, as people and scripts call it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import pyvips
from click.testing import CliRunner, Result
from inlay.cli import main
from inlay.files.icc import profile_name
from inlay.files.picture import Origin, Picture
from inlay.files.reading import read_picture
from inlay.files.writing import write_picture
from inlay.pixels.formats import Model

WIDTH, HEIGHT = 96, 72


def photo(dtype: str = "uint8", channels: int = 3, model: Model = Model.RGBA, profile: bytes = b"") -> Picture:
    """Smooth waves with grain and a bright square in the middle."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    waves = 0.5 + 0.2 * np.sin(columns / 7) + 0.1 * np.cos(rows / 5)
    values = np.repeat(waves[..., None], channels, axis=2) + np.random.default_rng(3).normal(
        0, 0.01, (HEIGHT, WIDTH, 1)
    )
    values[30:42, 40:56] = 1.0
    scale = 1.0 if dtype == "float32" else np.iinfo(dtype).max
    return Picture((np.clip(values, 0, 1) * scale).astype(dtype), model, Origin(profile))


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """A mask over the square."""
    mask = np.zeros((HEIGHT, WIDTH, 1), np.uint8)
    mask[27:45, 37:59] = 255
    write_picture(tmp_path / "mask.png", Picture(mask, Model.GRAYA))
    return tmp_path / "mask.png"


def saved(tmp_path: Path, name: str = "photo.png", **how: object) -> Path:
    write_picture(tmp_path / name, photo(**how))
    return tmp_path / name


def inlay(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], prog_name="inlay")


def refused(*arguments: object) -> str:
    """The message of a command that must end with status 2, in one line."""
    result = inlay(*arguments)
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    return " ".join(result.output.split())


FORMATS = [
    ("uint8", 3, Model.RGBA, ".png"),
    ("uint8", 4, Model.RGBA, ".png"),
    ("uint16", 3, Model.RGBA, ".png"),
    ("uint16", 4, Model.RGBA, ".tif"),
    ("uint8", 1, Model.GRAYA, ".png"),
    ("uint16", 2, Model.GRAYA, ".tif"),
    ("float32", 3, Model.RGBA, ".tif"),
    ("uint8", 4, Model.CMYKA, ".tif"),
]


@pytest.mark.parametrize(("dtype", "channels", "model", "suffix"), FORMATS)
def test_remove_keeps_all_but_the_mask(
    tmp_path: Path, box: Path, dtype: str, channels: int, model: Model, suffix: str
) -> None:
    source = saved(tmp_path, f"photo{suffix}", dtype=dtype, channels=channels, model=model)
    result = inlay("remove", source, "--mask", box, "-o", tmp_path / f"out{suffix}")
    assert result.exit_code == 0, result.output
    before, after = read_picture(source).pixels, read_picture(tmp_path / f"out{suffix}").pixels
    assert after.dtype == before.dtype
    assert after.shape == before.shape
    outside = read_picture(box).pixels[..., 0] == 0
    np.testing.assert_array_equal(after[outside], before[outside])
    assert (after[30:42, 40:56, 0] != before[30:42, 40:56, 0]).mean() > 0.9


def test_profile_and_depth_survive(tmp_path: Path, box: Path) -> None:
    image = pyvips.Image.black(4, 4, bands=3).copy(interpretation="srgb").icc_import(input_profile="srgb")
    wide = image.icc_export(output_profile="p3").get("icc-profile-data")
    assert "P3" in profile_name(wide)
    source = saved(tmp_path, dtype="uint16", profile=wide)
    assert inlay("remove", source, "--mask", box, "-o", tmp_path / "out.tif").exit_code == 0
    after = read_picture(tmp_path / "out.tif")
    assert after.origin.profile == wide
    assert after.pixels.dtype == np.uint16


def test_soft_mask_is_that_soft(tmp_path: Path) -> None:
    mask = np.zeros((HEIGHT, WIDTH, 1), np.uint8)
    mask[20:50, 30:70] = 255
    mask[20:50, 30:40, 0] = np.arange(10, 110, 10)
    write_picture(tmp_path / "soft.png", Picture(mask, Model.GRAYA))
    source = saved(tmp_path)
    assert inlay("remove", source, "--mask", tmp_path / "soft.png", "-o", tmp_path / "out.png").exit_code == 0
    assert inlay("remove", source, "--mask", tmp_path / "soft.png", "-o", tmp_path / "out.ora").exit_code == 0
    with zipfile.ZipFile(tmp_path / "out.ora") as archive:
        layer = pyvips.Image.pngload_buffer(archive.read("data/layer0.png")).numpy().astype(float)
    np.testing.assert_array_equal(layer[..., 3], mask[20:50, 30:70, 0])
    before = read_picture(source).pixels[20:50, 30:70].astype(float)
    share = layer[..., 3:] / 255
    expected = np.rint(before * (1 - share) + layer[..., :3] * share)
    np.testing.assert_allclose(read_picture(tmp_path / "out.png").pixels[20:50, 30:70], expected, atol=1)


def test_ora_holds_the_original_below_the_result(tmp_path: Path, box: Path) -> None:
    source = saved(tmp_path)
    assert inlay("remove", source, "--mask", box, "-o", tmp_path / "out.ora").exit_code == 0
    with zipfile.ZipFile(tmp_path / "out.ora") as archive:
        stack = archive.read("stack.xml").decode()
        below = pyvips.Image.pngload_buffer(archive.read("data/layer1.png")).numpy()
    assert stack.index("Inlay: remove photo.png") < stack.index('name="photo.png"')
    np.testing.assert_array_equal(below, photo().pixels)


def test_layers_of_an_ora_stay(tmp_path: Path) -> None:
    source = saved(tmp_path)
    options = ("remove", "--box", "37,27,22,18", "-o")
    assert inlay(*options, tmp_path / "one.ora", source).exit_code == 0
    assert inlay(*options, tmp_path / "two.ora", tmp_path / "one.ora", "--seed", 5).exit_code == 0
    with zipfile.ZipFile(tmp_path / "one.ora") as one, zipfile.ZipFile(tmp_path / "two.ora") as two:
        names = [layer.get("name") for layer in ElementTree.fromstring(two.read("stack.xml")).iter("layer")]
        assert names == ["Inlay: remove one.ora", "Inlay: remove photo.png", "photo.png"]
        assert two.namelist()[0] == "mimetype"
        assert sorted(set(two.namelist())) == sorted(two.namelist())
        for name in ("data/layer0.png", "data/layer1.png"):
            assert two.read(name) == one.read(name)
    assert inlay(*options, tmp_path / "two.ora", tmp_path / "two.ora", "--force").exit_code == 0


def test_layers_of_an_ora_stay_where_they_were_when_it_is_extended(tmp_path: Path) -> None:
    first, wide = tmp_path / "one.ora", tmp_path / "wide.ora"
    assert inlay("remove", "--box", "37,27,22,18", "-o", first, saved(tmp_path)).exit_code == 0
    before = read_picture(first).pixels
    assert inlay("extend", "--left", 10, "--top", 4, "-o", wide, first).exit_code == 0
    with zipfile.ZipFile(first) as one, zipfile.ZipFile(wide) as two:
        old, new = (ElementTree.fromstring(each.read("stack.xml")) for each in (one, two))
        assert (new.get("w"), new.get("h")) == (str(WIDTH + 10), str(HEIGHT + 4))
        placed = [(int(layer.get("x", "")), int(layer.get("y", ""))) for layer in old.iter("layer")]
        moved = [(int(layer.get("x", "")), int(layer.get("y", ""))) for layer in new.iter("layer")]
        assert moved[1:] == [(x + 10, y + 4) for x, y in placed]
        assert two.read("data/layer1.png") == one.read("data/layer1.png")
    assert (read_picture(wide).pixels[4:, 10:] == before).all()


def test_box_selects_like_a_mask(tmp_path: Path, box: Path) -> None:
    source = saved(tmp_path)
    assert inlay("remove", source, "--mask", box, "-o", tmp_path / "a.png").exit_code == 0
    assert inlay("remove", source, "--box", "37,27,22,18", "-o", tmp_path / "b.png").exit_code == 0
    np.testing.assert_array_equal(read_picture(tmp_path / "a.png").pixels, read_picture(tmp_path / "b.png").pixels)


def test_grow_widens_and_feather_stays_inside(tmp_path: Path) -> None:
    source = saved(tmp_path)
    options = ("--box", "37,27,22,18", "--grow", 4, "--feather", 6, "-o", tmp_path / "out.png")
    assert inlay("remove", source, *options).exit_code == 0
    changed = (read_picture(tmp_path / "out.png").pixels != photo().pixels).any(axis=2)
    rows, columns = np.nonzero(changed)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) >= (23, 0, 33, 0)
    assert rows.max() <= 48
    assert columns.max() <= 62


@pytest.mark.parametrize(
    ("options", "size", "corner"),
    [
        (("--left", "10", "--bottom", "25%"), (106, 90), (10, 0)),
        (("--right", "100%"), (192, 72), (0, 0)),
        (("--aspect", "16:9"), (128, 72), (16, 0)),
        (("--aspect", "16:9", "--anchor", "left"), (128, 72), (0, 0)),
        (("--aspect", "1:1", "--anchor", "bottom"), (96, 96), (0, 24)),
    ],
)
def test_extend(tmp_path: Path, options: tuple[str, ...], size: tuple[int, int], corner: tuple[int, int]) -> None:
    source = saved(tmp_path, dtype="uint16")
    result = inlay("extend", source, *options, "-o", tmp_path / "out.png")
    assert result.exit_code == 0, result.output
    after = read_picture(tmp_path / "out.png").pixels
    assert after.shape[1::-1] == size
    x, y = corner
    np.testing.assert_array_equal(after[y : y + HEIGHT, x : x + WIDTH], photo("uint16").pixels)


def test_plan_tells_boxes_and_touches_nothing(tmp_path: Path) -> None:
    source = saved(tmp_path)
    result = inlay("plan", "remove", source, "--box", "37,27,22,18", "--json")
    plan = json.loads(result.output)
    assert plan["edit"] == "remove"
    assert plan["paste_box"] == {"x": 37, "y": 27, "width": 22, "height": 18}
    assert "paste box" in inlay("plan", "extend", source, "--aspect", "2:1").output
    assert [path.name for path in tmp_path.iterdir()] == ["photo.png"]


@pytest.mark.parametrize("command", ["remove", "extend", "plan", "panel", "serve", "doctor"])
def test_every_command_explains_itself(command: str) -> None:
    result = inlay(command, "--help")
    assert result.exit_code == 0
    assert f"inlay {command}" in result.output
    assert command in inlay("--help").output


class TestBadInput:
    """Refused before work begins, with status 2 and a message that names what is wrong and what to do."""

    def test_missing_picture(self, tmp_path: Path) -> None:
        message = refused("remove", tmp_path / "none.png", "--box", "1,1,5,5", "-o", tmp_path / "out.png")
        assert "does not exist: check the name" in message

    def test_no_selection_and_two(self, tmp_path: Path, box: Path) -> None:
        source, out = saved(tmp_path), tmp_path / "out.png"
        for options in ((), ("--mask", box, "--box", "1,1,5,5")):
            assert "one of --mask FILE, --box X,Y,W,H and --select" in refused("remove", source, *options, "-o", out)

    @pytest.mark.parametrize(
        ("value", "message"),
        [
            ("1,2,3", "is not X,Y,W,H: give four whole numbers"),
            ("a,b,c,d", "is not X,Y,W,H"),
            ("500,500,9,9", "selects nothing of 96 x 72 pixels"),
            ("5,5,0,9", "selects nothing"),
        ],
    )
    def test_box(self, tmp_path: Path, value: str, message: str) -> None:
        text = refused("remove", saved(tmp_path), "--box", value, "-o", tmp_path / "out.png")
        assert message in text
        assert "--box" in text

    def test_mask_of_another_size(self, tmp_path: Path) -> None:
        write_picture(tmp_path / "small.png", Picture(np.full((5, 5, 1), 255, np.uint8), Model.GRAYA))
        message = refused("remove", saved(tmp_path), "--mask", tmp_path / "small.png", "-o", tmp_path / "out.png")
        assert "is 5 x 5 pixels and the picture 96 x 72" in message

    def test_everything_selected(self, tmp_path: Path) -> None:
        message = refused("remove", saved(tmp_path), "--box", "0,0,96,72", "-o", tmp_path / "out.png")
        assert "Select less" in message
        assert not (tmp_path / "out.png").exists()

    def test_one_pixel_picture(self, tmp_path: Path) -> None:
        write_picture(tmp_path / "one.png", Picture(np.zeros((1, 1, 3), np.uint8), Model.RGBA))
        message = refused("remove", tmp_path / "one.png", "--box", "0,0,1,1", "-o", tmp_path / "out.png")
        assert "one pixel" in message

    def test_not_a_number(self, tmp_path: Path) -> None:
        pixels = photo("float32").pixels.copy()
        pixels[3, 5] = np.nan
        write_picture(tmp_path / "nan.tif", Picture(pixels, Model.RGBA))
        message = refused("remove", tmp_path / "nan.tif", "--box", "37,27,22,18", "-o", tmp_path / "out.tif")
        assert "NaN" in message

    def test_input_is_not_overwritten_without_force(self, tmp_path: Path) -> None:
        source = saved(tmp_path)
        before = source.read_bytes()
        message = refused("remove", source, "--box", "37,27,22,18", "-o", source)
        assert "is the picture itself: choose another name, or say --force" in message
        assert source.read_bytes() == before
        assert inlay("remove", source, "--box", "37,27,22,18", "-o", source, "--force").exit_code == 0
        assert source.read_bytes() != before

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ((), "no side is to grow: say --left, --top, --right or --bottom"),
            (("--left", "101%"), "--left asks for 97 new pixels at a side of 96: at most +100 %"),
            (("--aspect", "10:1"), "at most +100 %"),
            (("--aspect", "4:3"), "--aspect is the picture's own shape"),
            (("--aspect", "wide"), "is no aspect ratio: give two whole numbers"),
            (("--aspect", "2:1", "--top", "3"), "leave out --left, --top, --right and --bottom"),
            (("--left", "ten"), "is neither pixels nor a percentage"),
            (("--left", "-5"), "is neither pixels nor a percentage"),
        ],
    )
    def test_sides(self, tmp_path: Path, options: tuple[str, ...], message: str) -> None:
        assert message in refused("extend", saved(tmp_path), *options, "-o", tmp_path / "out.png")

    def test_output(self, tmp_path: Path) -> None:
        source = saved(tmp_path)
        (tmp_path / "folder.png").mkdir()
        for name, message in (
            ("out.jpg", "end it in one of"),
            ("folder.png", "is a folder"),
            ("no/out.png", "not exist"),
        ):
            assert message in refused("remove", source, "--box", "37,27,22,18", "-o", tmp_path / name)


class TestAsAProgram:
    """Through a real process."""

    def run(self, *arguments: object, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "inlay", *(str(argument) for argument in arguments)]
        return subprocess.run(command, cwd=cwd, env=os.environ | environ, capture_output=True, text=True, check=False)

    def test_remove_is_silent_and_ends_with_0(self, tmp_path: Path) -> None:
        saved(tmp_path)
        done = self.run("remove", "photo.png", "--box", "37,27,22,18", "-o", "out.png", cwd=tmp_path)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert (tmp_path / "out.png").is_file()

    def test_bad_input_ends_with_2_and_one_message(self, tmp_path: Path) -> None:
        done = self.run("remove", "none.png", "--box", "1,1,5,5", "-o", "out.png", cwd=tmp_path)
        assert done.returncode == 2
        assert done.stderr == "Error: none.png does not exist: check the name.\n"

    def test_doctor_reports(self, tmp_path: Path) -> None:
        done = self.run("doctor", cwd=tmp_path, INLAY_HOME=str(tmp_path / "home"))
        assert done.returncode == 0, done.stdout + done.stderr
        for word in ("Python", "built-in fill", "folders can be written", "no engine is running", "installer krita"):
            assert word in done.stdout

    def test_doctor_tells_what_models_run_on(self, tmp_path: Path) -> None:
        here = {"INLAY_DEVICE": "cpu", "INLAY_DTYPE": "bfloat16", "INLAY_MEMORY_BYTES": "3000000000"}
        done = self.run("doctor", cwd=tmp_path, INLAY_HOME=str(tmp_path), **here)
        assert "models run on cpu in bfloat16, attention by torch, up to 3.0 GB" in done.stdout
        done = self.run("doctor", cwd=tmp_path, INLAY_HOME=str(tmp_path), INLAY_DEVICE="abacus")
        assert done.returncode == 1
        assert "The device abacus, on which models shall run, is not here" in done.stdout

    def test_doctor_finds_fault(self, tmp_path: Path) -> None:
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "install.json").write_text('{"command": ["/nowhere/inlay"], "version": "0.1.0"}')
        done = self.run("doctor", cwd=tmp_path, INLAY_HOME=str(tmp_path))
        assert done.returncode == 1
        assert "BAD" in done.stdout

    def test_start_up_imports_little(self, tmp_path: Path) -> None:
        code = (
            "import sys; from inlay.cli import main; main(['--version'], standalone_mode=False); "
            "print([name for name in ('numpy', 'pyvips', 'pydantic', 'fastapi', 'tqdm') if name in sys.modules])"
        )
        done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
        assert done.stdout.splitlines()[-1] == "[]"


def test_a_control_image_is_refused_without_control_or_in_another_size(tmp_path: Path, box: Path) -> None:
    image, out = saved(tmp_path), tmp_path / "out.png"
    asked = ("replace", image, "--mask", box, "--prompt", "a boat", "--control-image", image, "-o", out)
    assert "--control" in refused(*asked)
    small = tmp_path / "small.png"
    write_picture(small, Picture(np.zeros((8, 8, 3), np.uint8), Model.RGBA))
    message = refused(*asked[:-4], "--control", "pose", "--control-image", small, "-o", out)
    assert "8 x 8" in message and f"{WIDTH} x {HEIGHT}" in message
    assert not out.exists()
