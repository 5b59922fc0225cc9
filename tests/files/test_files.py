"""Pictures go through files unchanged, and what cannot is refused in plain words."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import pyvips
from inlay.files.errors import FileError
from inlay.files.ora import Layer, result_layer, write_ora
from inlay.files.picture import Origin, Picture
from inlay.files.reading import MAX_SIDE_PX, read_mask, read_picture
from inlay.files.writing import check_output, write_picture
from inlay.pixels.formats import Model

CHANNELS = [(Model.GRAYA, 1), (Model.GRAYA, 2), (Model.RGBA, 3), (Model.RGBA, 4), (Model.CMYKA, 4), (Model.CMYKA, 5)]


def picture(model: Model = Model.RGBA, channels: int = 3, dtype: str = "uint8", **origin: object) -> Picture:
    """A picture of noise, 53 x 37; float values reach 3."""
    values = np.random.default_rng(7).random((37, 53, channels))
    scale = 3.0 if dtype == "float32" else np.iinfo(dtype).max
    return Picture((values * scale).astype(dtype), model, Origin(resolution=(11.8, 11.8), **origin))


def profile(name: str) -> bytes:
    """An ICC profile that libvips carries: `p3`, `cmyk` or `srgb`."""
    image = pyvips.Image.black(4, 4, bands=3).copy(interpretation="srgb")
    return image.icc_import(input_profile="srgb").icc_export(output_profile=name).get("icc-profile-data")


def is_writable(suffix: str, model: Model, dtype: str) -> bool:
    return suffix == ".tif" or (model is not Model.CMYKA and dtype != "float32")


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize(("model", "channels"), CHANNELS)
def test_round_trip(tmp_path: Path, model: Model, channels: int, dtype: str, suffix: str) -> None:
    before, path = picture(model, channels, dtype), tmp_path / f"a{suffix}"
    if not is_writable(suffix, model, dtype):
        with pytest.raises(FileError, match=r"cannot hold (CMYK|32-bit float) pictures: end the name in \.tif"):
            check_output(path, before)
        return
    check_output(path, before)
    write_picture(path, before)
    after = read_picture(path)
    assert after.model is model
    assert after.pixels.dtype == before.pixels.dtype
    np.testing.assert_array_equal(after.pixels, before.pixels)
    assert after.origin.resolution == pytest.approx((11.8, 11.8), rel=1e-3)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("channels", [3, 4])
def test_profile_survives(tmp_path: Path, channels: int, dtype: str, suffix: str) -> None:
    wide = profile("p3")
    write_picture(tmp_path / f"a{suffix}", picture(Model.RGBA, channels, dtype, profile=wide))
    assert read_picture(tmp_path / f"a{suffix}").origin.profile == wide


def test_cmyk_profile_survives(tmp_path: Path) -> None:
    inks = profile("cmyk")
    write_picture(tmp_path / "a.tif", picture(Model.CMYKA, 4, profile=inks))
    assert read_picture(tmp_path / "a.tif").origin.profile == inks


def test_document_pixels_add_and_drop_alpha() -> None:
    before = picture(Model.RGBA, 3, "uint16")
    document = before.document_pixels
    assert document.shape == (37, 53, 4)
    assert (document[..., 3] == 65535).all()
    np.testing.assert_array_equal(before.with_document_pixels(document).pixels, before.pixels)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied_once(tmp_path: Path, orientation: int) -> None:
    image = pyvips.Image.new_from_array(picture().pixels, interpretation="srgb").copy()
    image.set_type(pyvips.GValue.gint_type, "orientation", orientation)
    image.set_type(pyvips.GValue.gstr_type, "exif-ifd0-Artist", "Ada (Ada, ASCII, 4 components, 4 bytes)")
    image.jpegsave(str(tmp_path / "a.jpg"), Q=95)
    upright = pyvips.Image.new_from_file(str(tmp_path / "a.jpg")).autorot().numpy()
    after = read_picture(tmp_path / "a.jpg")
    np.testing.assert_array_equal(after.pixels, upright)
    write_picture(tmp_path / "b.tif", after)
    again = pyvips.Image.new_from_file(str(tmp_path / "b.tif"))
    assert again.get_typeof("orientation") == 0 or again.get("orientation") == 1


def test_exif_survives_in_png(tmp_path: Path) -> None:
    image = pyvips.Image.new_from_array(picture().pixels, interpretation="srgb").copy()
    image.set_type(pyvips.GValue.gstr_type, "exif-ifd0-Artist", "Ada (Ada, ASCII, 4 components, 4 bytes)")
    image.jpegsave(str(tmp_path / "a.jpg"))
    write_picture(tmp_path / "b.png", read_picture(tmp_path / "a.jpg"))
    assert "Ada" in pyvips.Image.new_from_file(str(tmp_path / "b.png")).get("exif-ifd0-Artist")


def test_webp_and_cmyk_jpeg_are_read(tmp_path: Path) -> None:
    rgb = pyvips.Image.new_from_array(picture().pixels, interpretation="srgb")
    rgb.webpsave(str(tmp_path / "a.webp"), lossless=True)
    np.testing.assert_array_equal(read_picture(tmp_path / "a.webp").pixels, picture().pixels)
    inks = pyvips.Image.new_from_array(picture(Model.CMYKA, 4).pixels, interpretation="cmyk")
    inks.jpegsave(str(tmp_path / "a.jpg"))
    assert read_picture(tmp_path / "a.jpg").model is Model.CMYKA


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_a_file_that_changed_is_read_anew(tmp_path: Path, suffix: str) -> None:
    for pixels in (picture(), picture(Model.RGBA, 4, "uint16")):
        write_picture(tmp_path / f"a{suffix}", pixels)
        np.testing.assert_array_equal(read_picture(tmp_path / f"a{suffix}").pixels, pixels.pixels)


def test_name_does_not_decide_the_format(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.png", picture())
    (tmp_path / "a.png").rename(tmp_path / "a.jpg")
    np.testing.assert_array_equal(read_picture(tmp_path / "a.jpg").pixels, picture().pixels)


@pytest.mark.parametrize("suffix", [".png", ".tif", ".ora"])
def test_cut_short_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    if suffix == ".ora":
        write_ora(path, picture(), [Layer("Background", picture())])
    else:
        write_picture(path, picture())
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(FileError, match=r"damaged.* cut short"):
        read_picture(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not a picture that Inlay reads"),
        (b"GIF89a" + bytes(50), "is not a picture that Inlay reads"),
        (b"RIFF\0\0\0\0WAVE" + bytes(50), "is not a picture that Inlay reads"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "damaged.* cut short"),
        (b"PK\x03\x04" + bytes(50), "damaged.* cut short"),
    ],
)
def test_what_is_no_picture_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(FileError, match=message):
        read_picture(tmp_path / "a.png")


def test_missing_file_and_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="does not exist: check the name"):
        read_picture(tmp_path / "none.png")
    with pytest.raises(FileError, match="is a folder: name a picture in it"):
        read_picture(tmp_path)


@pytest.mark.parametrize(("width", "height"), [(100_000, 1), (1, MAX_SIDE_PX + 1)])
def test_too_large_is_refused_before_decoding(tmp_path: Path, width: int, height: int) -> None:
    path = tmp_path / "wide.png"
    pyvips.Image.black(width, height).pngsave(str(path))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(FileError, match=rf"is {width} x {height} pixels; Inlay takes at most"):
        read_picture(path)


@pytest.mark.parametrize("kind", ["int", "uint"])
def test_numbers_that_cannot_be_kept_are_refused(tmp_path: Path, kind: str) -> None:
    pyvips.Image.black(8, 8).cast(kind).tiffsave(str(tmp_path / "a.tif"))
    with pytest.raises(FileError, match="save it with 8 or 16 bits, or as 32-bit float"):
        read_picture(tmp_path / "a.tif")


def test_lab_and_many_channels_are_refused(tmp_path: Path) -> None:
    pyvips.Image.black(8, 8, bands=3).cast("float").copy(interpretation="lab").tiffsave(str(tmp_path / "lab.tif"))
    pyvips.Image.black(8, 8, bands=7).tiffsave(str(tmp_path / "seven.tif"))
    for name in ("lab.tif", "seven.tif"):
        with pytest.raises(FileError, match=r"save it as grey, RGB or CMYK|save it anew as"):
            read_picture(tmp_path / name)


class TestMasks:
    """What a mask file selects."""

    def saved(self, tmp_path: Path, pixels: np.ndarray, model: Model = Model.GRAYA) -> Path:
        write_picture(tmp_path / "mask.png", Picture(pixels, model))
        return tmp_path / "mask.png"

    def test_grey(self, tmp_path: Path) -> None:
        grey = np.arange(20, dtype=np.uint8).reshape(4, 5, 1)
        np.testing.assert_array_equal(read_mask(self.saved(tmp_path, grey), 5, 4), grey[..., 0])

    def test_grey_painted_in_rgb(self, tmp_path: Path) -> None:
        grey = np.arange(20, dtype=np.uint8).reshape(4, 5, 1)
        path = self.saved(tmp_path, np.repeat(grey, 3, axis=2), Model.RGBA)
        np.testing.assert_array_equal(read_mask(path, 5, 4), grey[..., 0])

    def test_alpha_selects_where_it_varies(self, tmp_path: Path) -> None:
        black = np.zeros((4, 5, 4), np.uint8)
        black[1:3, 1:3, 3] = 128
        assert (read_mask(self.saved(tmp_path, black, Model.RGBA), 5, 4) == black[..., 3]).all()

    def test_sixteen_bits_keep_the_faintest_selection(self, tmp_path: Path) -> None:
        grey = np.array([[[0], [1], [32768], [65535]]], np.uint16)
        np.testing.assert_array_equal(read_mask(self.saved(tmp_path, grey), 4, 1)[0], [0, 1, 128, 255])

    def test_other_size_colour_and_nothing_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(FileError, match=r"the mask .* is 5 x 4 pixels and the picture 6 x 4"):
            read_mask(self.saved(tmp_path, np.ones((4, 5, 1), np.uint8)), 6, 4)
        with pytest.raises(FileError, match=r"the mask .* selects nothing"):
            read_mask(self.saved(tmp_path, np.zeros((4, 5, 1), np.uint8)), 5, 4)
        colour = np.zeros((4, 5, 3), np.uint8)
        colour[..., 0] = 255
        with pytest.raises(FileError, match=r"the mask .* is in colour"):
            read_mask(self.saved(tmp_path, colour, Model.RGBA), 5, 4)


class TestOra:
    """The zip that Krita and GIMP open."""

    def written(self, tmp_path: Path, dtype: str = "uint8") -> Path:
        base = picture(dtype=dtype, profile=profile("p3"))
        mask = np.full((10, 12), 128, np.uint8)
        layer = result_layer(base, base.document_pixels[5:15, 3:15], mask, 'Inlay: remove "it" <now>', 3, 5)
        write_ora(tmp_path / "a.ora", base, [layer, Layer("photo", base)])
        return tmp_path / "a.ora"

    def test_structure(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(self.written(tmp_path)) as archive:
            first = archive.infolist()[0]
            assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
            assert archive.read("mimetype") == b"image/openraster"
            root = ElementTree.fromstring(archive.read("stack.xml"))
            layers = root.findall("stack/layer")
            assert root.attrib["w"] == "53"
            assert root.attrib["h"] == "37"
            assert [layer.get("name") for layer in layers] == ['Inlay: remove "it" <now>', "photo"]
            assert [(layer.get("x"), layer.get("y")) for layer in layers] == [("3", "5"), ("0", "0")]
            for layer in layers:
                assert archive.read(str(layer.get("src"))).startswith(b"\x89PNG")
            thumbnail = pyvips.Image.pngload_buffer(archive.read("Thumbnails/thumbnail.png"))
            assert max(thumbnail.width, thumbnail.height) <= 256
            assert thumbnail.format == "uchar"

    @pytest.mark.parametrize("dtype", ["uint8", "uint16"])
    def test_reads_back_flat_with_profile(self, tmp_path: Path, dtype: str) -> None:
        after = read_picture(self.written(tmp_path, dtype))
        np.testing.assert_array_equal(after.pixels, picture(dtype=dtype).pixels)
        assert after.origin.profile == profile("p3")

    def test_mask_is_the_layers_alpha(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(self.written(tmp_path, "uint16")) as archive:
            layer = pyvips.Image.pngload_buffer(archive.read("data/layer0.png")).numpy()
        assert set(np.unique(layer[..., 3])) == {round(65535 * 128 / 255)}

    def test_zip_of_something_else_is_refused(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "a.ora", "w") as archive:
            archive.writestr("mimetype", "application/epub+zip")
        with pytest.raises(FileError, match="no OpenRaster file"):
            read_picture(tmp_path / "a.ora")


class TestNothingHalfWritten:
    """A failed write leaves the older file, and no rubbish."""

    def test_older_file_stays(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write_picture(tmp_path / "a.png", picture())
        before = (tmp_path / "a.png").read_bytes()

        def full(self: Path, target: Path) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Path, "replace", full)
        with pytest.raises(FileError, match=r"No space left on device\): free some space"):
            write_picture(tmp_path / "a.png", picture(Model.GRAYA, 1))
        assert (tmp_path / "a.png").read_bytes() == before
        assert [path.name for path in tmp_path.iterdir()] == ["a.png"]

    @pytest.mark.parametrize(
        ("name", "message"),
        [
            ("a.jpg", "is no name that Inlay writes: end it in one of"),
            ("a", "is no name that Inlay writes"),
            ("folder.png", "is a folder: name a file in it"),
            ("none/a.png", "does not exist: make it, or choose another"),
        ],
    )
    def test_bad_names_are_refused(self, tmp_path: Path, name: str, message: str) -> None:
        (tmp_path / "folder.png").mkdir()
        with pytest.raises(FileError, match=message):
            check_output(tmp_path / name, picture())

    def test_no_permission(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
        monkeypatch.setattr("os.access", lambda path, mode: False)
        with pytest.raises(FileError, match="no permission to write into"):
            check_output(tmp_path / "a.png", picture())
