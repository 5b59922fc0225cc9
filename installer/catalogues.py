"""`python3 installer words`: the catalogues of the panel's languages, brought up to what the sources say.

A language is a folder of `plugin/inlay_krita/locale` with an `inlay.po`, gettext's text form, which translators edit.
The `inlay.mo` beside it is what the panel reads; it is made here. Both are kept with the sources: nobody needs gettext.
"""

from __future__ import annotations

import ast
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from xml.etree import ElementTree

from installer.places import ROOT, InstallError

PLUGIN = ROOT / "plugin" / "inlay_krita"
LOCALE = PLUGIN / "locale"
SOURCES = (PLUGIN, ROOT / "engine" / "inlay" / "panel")
ACTIONS = PLUGIN / "inlay_krita.action"
CALLS = {"tr": 1, "later": 1, "trn": 2}  # of translation.py: how many texts each takes
MO_MAGIC = 0x950412DE
JOINT = "\0"  # between the forms of a text that goes with a number, in .mo files


@dataclass(frozen=True)
class Entry:
    """A text with its translations."""

    text: str
    plural: str = ""  # its form for many; empty where it goes with no number
    forms: tuple[str, ...] = ()  # in the other language; one, or one for each of its plurals
    places: tuple[str, ...] = ()  # files that say it
    notes: tuple[str, ...] = field(default=(), compare=False)  # the translator's

    @property
    def is_complete(self) -> bool:
        return bool(self.forms) and all(self.forms)


Catalogue = dict[str, Entry]  # by text; the header is the entry of ""


def texts() -> Catalogue:
    """All that is to be translated. Raises InstallError for a call that nobody could translate."""
    found: Catalogue = {}
    for entry in (*_in_python(), *_in_actions()):
        known = found.get(entry.text, entry)
        places = sorted({*known.places, *entry.places})
        found[entry.text] = replace(known, plural=known.plural or entry.plural, places=tuple(places))
    return dict(sorted(found.items(), key=lambda item: (item[1].places, item[0])))


def languages() -> list[Path]:
    """The .po file of each language."""
    return sorted(LOCALE.glob("*/LC_MESSAGES/inlay.po"))


def update() -> list[str]:
    """Bring every language's .po and .mo up to the sources. Gives a line about each."""
    wanted, told = texts(), []
    for path in languages():
        merged = merge(wanted, read_po(path.read_text("utf-8")))
        path.write_text(written(merged), "utf-8")
        path.with_suffix(".mo").write_bytes(compiled(merged))
        missing = sum(not entry.is_complete for entry in merged.values())
        told.append(f"{path.parent.parent.name}: {len(merged) - 1} texts, {missing} without a translation")
    return told


def merge(wanted: Catalogue, old: Catalogue) -> Catalogue:
    """The wanted texts with the translations that are there; what nobody says any more is dropped."""
    header = {"": old[""]} if "" in old else {}
    return {**header, **{text: _translated(entry, old.get(text)) for text, entry in wanted.items()}}


def _translated(entry: Entry, old: Entry | None) -> Entry:
    is_same = old is not None and old.plural == entry.plural
    return replace(entry, forms=old.forms, notes=old.notes) if old and is_same else entry


# What the sources say


def _in_python() -> Iterator[Entry]:
    for path in sorted(path for folder in SOURCES for path in folder.rglob("*.py")):
        place = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
                yield from _called(node, CALLS[node.func.id], place)


def _called(node: ast.Call, count: int, place: str) -> Iterator[Entry]:
    """What a call says; nothing where it passes on what was said, and marked, elsewhere."""
    said = node.args[:count]
    if any(isinstance(each, (ast.JoinedStr, ast.BinOp)) for each in said):
        raise InstallError(f"{place}, line {node.lineno}: a text is one literal; values go in afterwards, by format().")
    literals = [each.value for each in said if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    if len(literals) == count and literals[0]:
        yield Entry(literals[0], "".join(literals[1:]), places=(place,))


def _in_actions() -> Iterator[Entry]:
    place = ACTIONS.relative_to(ROOT).as_posix()
    for action in ElementTree.parse(ACTIONS).iter("Action"):  # noqa: S314 - our own file
        for kind in ("text", "toolTip"):
            yield Entry(action.findtext(kind, ""), places=(place,))


# .po


def read_po(text: str) -> Catalogue:
    """What a .po file holds: translations and notes of translators."""
    blocks = ("\n".join(block) for block in _blocks(text))
    return {entry.text: entry for entry in map(_entry, blocks)}


def _blocks(text: str) -> Iterator[list[str]]:
    block: list[str] = []
    for line in [*text.splitlines(), ""]:
        if line.strip():
            block.append(line)
        elif block:
            yield block
            block = []


def _entry(block: str) -> Entry:
    parts: dict[str, str] = {}
    name = ""
    for line in block.splitlines():
        if not line.startswith("#"):
            keyword, _, literal = line.partition('"')
            name = keyword.strip() or name
            parts[name] = parts.get(name, "") + str(ast.literal_eval(f'"{literal}'))
    forms = tuple(told for name, told in parts.items() if name.startswith("msgstr"))
    places = tuple(line[3:] for line in block.splitlines() if line.startswith("#: "))
    notes = tuple(line[2:] for line in block.splitlines() if line.startswith("# "))
    return Entry(parts["msgid"], parts.get("msgid_plural", ""), forms, places, notes)


def written(catalogue: Catalogue) -> str:
    """The .po file of a catalogue."""
    return "\n".join(_block(entry) for entry in catalogue.values())


def _block(entry: Entry) -> str:
    lines = [*(f"# {note}" for note in entry.notes), *(f"#: {place}" for place in entry.places)]
    lines.append(f"msgid {_quoted(entry.text)}")
    if entry.plural:
        lines.append(f"msgid_plural {_quoted(entry.plural)}")
        lines += [f"msgstr[{row}] {_quoted(form)}" for row, form in enumerate(entry.forms or ("", ""))]
    else:
        lines.append(f"msgstr {_quoted(''.join(entry.forms))}")
    return "\n".join([*lines, ""])


def _quoted(text: str) -> str:
    """One line, or a line for each of the text's own."""
    lines = text.splitlines(keepends=True)
    escaped = [line.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") for line in lines]
    return f'"{"".join(escaped)}"' if len(lines) < 2 else "\n".join(['""', *(f'"{line}"' for line in escaped)])


# .mo


def compiled(catalogue: Catalogue) -> bytes:
    """The .mo file of a catalogue: what is translated, sorted, as the format of GNU gettext asks."""
    done = sorted(
        (_joined(entry.text, entry.plural), JOINT.join(entry.forms).encode())
        for entry in catalogue.values()
        if entry.is_complete
    )
    keys, values = [key for key, _ in done], [value for _, value in done]
    first = 7 * 4 + 2 * 8 * len(done)  # bytes before the texts: a header, and two tables of lengths and offsets
    tables, data = b"", b""
    for each in (*keys, *values):
        tables += struct.pack("<2I", len(each), first + len(data))
        data += each + b"\0"
    header = struct.pack("<7I", MO_MAGIC, 0, len(done), 28, 28 + 8 * len(done), 0, first)
    return header + tables + data


def _joined(text: str, plural: str) -> bytes:
    return (f"{text}{JOINT}{plural}" if plural else text).encode()
