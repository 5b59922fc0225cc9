"""A contact sheet: pictures side by side, each with a caption."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyvips

from inlay.files.errors import FileError

TILE_PX = 384
MARGIN_PX = 12
CAPTION_PX = 44
PAPER, INK = 245, 30  # greys


@dataclass(frozen=True)
class Tile:
    """One picture of the sheet."""

    image: pyvips.Image  # 8-bit sRGB, 3 or 4 bands
    caption: str  # two lines at most


def write_sheet(path: Path, tiles: list[Tile], columns: int) -> None:
    """Write the sheet as a .png or .jpg. Raises FileError where it cannot be written."""
    assert tiles
    cells = [_cell(tile) for tile in tiles]
    sheet = pyvips.Image.arrayjoin(cells, across=min(columns, len(cells)), background=[PAPER], shim=0)
    try:
        sheet.write_to_file(str(path))
    except pyvips.Error as error:
        raise FileError(f"{path} cannot be written: {error.message.strip()}. Choose another name or folder.") from error


def _cell(tile: Tile) -> pyvips.Image:
    """The picture on paper, its caption below."""
    image = tile.image.flatten(background=PAPER) if tile.image.hasalpha() else tile.image
    image = image.thumbnail_image(TILE_PX, height=TILE_PX, size="both")
    side = TILE_PX + 2 * MARGIN_PX
    cell = image.gravity("centre", side, side, extend="background", background=[PAPER] * 3)
    words = pyvips.Image.text(_escaped(tile.caption), font="sans", dpi=90, width=TILE_PX, height=CAPTION_PX - 8)
    ink = (PAPER - words.cast("float") * (PAPER - INK) / 255).cast("uchar")
    caption = ink.embed(MARGIN_PX, 0, side, CAPTION_PX, extend="background", background=[PAPER])
    return cell.join(caption.bandjoin([caption, caption]), "vertical").copy(interpretation="srgb")


def _escaped(text: str) -> str:
    """Words that Pango takes as words, and not as markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
