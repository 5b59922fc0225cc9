"""The catalogues of the panel's languages: complete, true to the sources, and readable by gettext."""

from __future__ import annotations

import gettext
import io
import re
import string
from pathlib import Path

import pytest
import tomllib

from installer import catalogues
from installer.catalogues import Catalogue, Entry, compiled, merge, read_po, written
from installer.places import ROOT, InstallError
from installer.plugin_zip import PLUGIN, plugin_files

LANGUAGES = catalogues.languages()
HEADER = Entry(
    "", forms=("Language: xx\nContent-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=n!=1;\n",)
)


def catalogue(*entries: Entry) -> Catalogue:
    return {entry.text: entry for entry in (HEADER, *entries)}


def loaded(made: Catalogue) -> gettext.GNUTranslations:
    return gettext.GNUTranslations(io.BytesIO(compiled(made)))


def placeholders(text: str) -> list[str]:
    return sorted({name for _, name, _, _ in string.Formatter().parse(text) if name is not None})


def test_german_and_arabic_are_there() -> None:
    assert [path.parent.parent.name for path in LANGUAGES] == ["ar", "de"]


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.parent.parent.name)
class TestLanguage:
    def test_it_says_what_the_sources_say(self, path: Path) -> None:
        """Where this fails: `python3 installer words`, then translate."""
        wanted, there = catalogues.texts(), read_po(path.read_text("utf-8"))
        assert set(there) - {""} == set(wanted)
        assert {text: there[text].plural for text in wanted} == {text: each.plural for text, each in wanted.items()}

    def test_it_is_complete(self, path: Path) -> None:
        assert [entry.text for entry in read_po(path.read_text("utf-8")).values() if not entry.is_complete] == []

    def test_what_the_panel_reads_is_made_from_it(self, path: Path) -> None:
        assert path.with_suffix(".mo").read_bytes() == compiled(read_po(path.read_text("utf-8")))

    def test_placeholders_are_those_of_the_text(self, path: Path) -> None:
        """One form of a plural may leave its number out: "one result"."""
        for entry in read_po(path.read_text("utf-8")).values():
            allowed = placeholders(entry.plural or entry.text) if entry.text else []
            for form in filter(None, entry.forms if entry.text else ()):
                missing_is_fine = {"count"} if entry.plural else set()
                assert set(allowed) - missing_is_fine <= set(placeholders(form)) <= set(allowed), entry.text

    def test_what_comes_in_two_sentences_does_so_in_every_language(self, path: Path) -> None:
        """A notice is split behind the first colon (state.notice_of), a tooltip into its lines."""
        for entry in read_po(path.read_text("utf-8")).values():
            for form in filter(None, entry.forms if entry.text else ()):
                assert entry.text.count("\n") == form.count("\n"), entry.text
                assert ": " in form or ": " not in entry.text, entry.text

    def test_it_has_a_form_for_every_number(self, path: Path) -> None:
        entries = read_po(path.read_text("utf-8"))
        count = int(re.search(r"nplurals=(\d)", entries[""].forms[0])[1])  # type: ignore[index]
        assert {len(entry.forms) for entry in entries.values() if entry.plural and entry.is_complete} == {count}


def test_the_plugin_carries_them() -> None:
    carried = {path.as_posix() for path in plugin_files()}
    for path in LANGUAGES:
        compiled_file = path.with_suffix(".mo").relative_to(PLUGIN).as_posix()
        assert compiled_file in carried
        assert compiled_file.replace(".mo", ".po") not in carried
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["package-data"]
    assert "locale/*/LC_MESSAGES/*.mo" in packages["inlay_krita"]


def test_a_catalogue_goes_through_files() -> None:
    told = 'Say "no" \\ or:\n{count} more'
    made = catalogue(
        Entry(told, forms=("Sag »nein«\noder {count} mehr",), places=("a.py",), notes=(" short",)),
        Entry("{count} cat", "{count} cats", ("eine Katze", "{count} Katzen"), ("b.py",)),
    )
    again = read_po(written(made))
    assert again == made
    assert again[told].notes == (" short",)
    assert loaded(again).gettext(told) == "Sag »nein«\noder {count} mehr"
    assert loaded(again).ngettext("{count} cat", "{count} cats", 3) == "{count} Katzen"


def test_what_has_no_translation_stays_as_it_is() -> None:
    made = catalogue(Entry("Cat"), Entry("{n} cat", "{n} cats", ("", "")))
    assert loaded(made).gettext("Cat") == "Cat"
    assert loaded(made).ngettext("{n} cat", "{n} cats", 2) == "{n} cats"


def test_translations_stay_as_long_as_their_text_does() -> None:
    old = catalogue(Entry("Cat", forms=("Katze",)), Entry("Dog", forms=("Hund",)), Entry("Cow", forms=("Kuh",)))
    merged = merge({"Cat": Entry("Cat"), "Cow": Entry("Cow", "Cows"), "Owl": Entry("Owl")}, old)
    assert {text: entry.forms for text, entry in merged.items() if text} == {"Cat": ("Katze",), "Cow": (), "Owl": ()}


def test_calls_are_found_and_values_in_them_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogues, "ROOT", tmp_path)
    monkeypatch.setattr(catalogues, "SOURCES", (tmp_path,))
    source = tmp_path / "a.py"
    source.write_text('tr("One " "text")\ntrn("{n} cat", "{n} cats", n)\nX = later("Kept")\ntr(X)\ntr("")\n', "utf-8")
    found = list(catalogues._in_python())
    assert [(entry.text, entry.plural) for entry in found] == [
        ("One text", ""),
        ("{n} cat", "{n} cats"),
        ("Kept", ""),
    ]
    source.write_text('tr(f"One {x}")\n', "utf-8")
    with pytest.raises(InstallError, match="line 1"):
        list(catalogues._in_python())
