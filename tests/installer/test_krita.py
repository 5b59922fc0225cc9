"""Putting Inlay into Krita: where, how the settings change, and what is left behind when it goes."""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path, PurePosixPath

import pytest
from inlay.config import Folders

from installer import commands, krita, kritarc
from installer.krita_places import KritaPlace, candidates, data_folder
from installer.places import InstallError, program
from installer.plugin_zip import plugin_files, write_zip

HOME = Path("/home/ada")
PLACES = [
    ("linux", {}, 0, ".local/share/krita", ".config/kritarc"),
    ("linux", {"XDG_DATA_HOME": "/d", "XDG_CONFIG_HOME": "/c"}, 0, "/d/krita", "/c/kritarc"),
    ("linux", {}, 1, ".var/app/org.kde.krita/data/krita", ".var/app/org.kde.krita/config/kritarc"),
    ("linux", {}, 2, "snap/krita/current/.local/share/krita", "snap/krita/current/.config/kritarc"),
    ("darwin", {}, 0, "Library/Application Support/krita", "Library/Preferences/kritarc"),
    ("win32", {}, 0, "AppData/Roaming/krita", "AppData/Local/kritarc"),
    ("win32", {"APPDATA": "/r", "LOCALAPPDATA": "/l"}, 0, "/r/krita", "/l/kritarc"),
]


@pytest.mark.parametrize(("platform", "environ", "number", "resources", "settings"), PLACES)
def test_places(platform: str, environ: dict[str, str], number: int, resources: str, settings: str) -> None:
    place = candidates(platform, environ, HOME)[number]
    assert (place.resources, place.settings) == (HOME / resources, HOME / settings)
    assert place.is_sandboxed == (number > 0)


def test_microsoft_store(tmp_path: Path) -> None:
    cache = tmp_path / "AppData" / "Local" / "Packages" / "49800Krita_RT_x1" / "LocalCache"
    cache.mkdir(parents=True)
    place = candidates("win32", {}, tmp_path)[1]
    assert (place.resources, place.settings) == (cache / "Roaming" / "krita", cache / "Local" / "kritarc")


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
@pytest.mark.parametrize("environ", [{}, {"INLAY_HOME": "/i"}, {"XDG_DATA_HOME": "/d", "LOCALAPPDATA": "/l"}])
def test_data_folder_is_the_engines(platform: str, environ: dict[str, str]) -> None:
    assert data_folder(environ, HOME, platform) == Folders.find(environ, platform, HOME).data


class TestKritarc:
    """One line, in the right section, and nothing else touched."""

    TABLE = (
        ("", "[python]\nenable_inlay_krita=true\n"),
        ("a=1\n", "a=1\n\n[python]\nenable_inlay_krita=true\n"),
        ("a=1", "a=1\n\n[python]\nenable_inlay_krita=true\n"),
        ("[python]", "[python]\nenable_inlay_krita=true\n"),
        ("[python]\nenable_x=true\n[z]\nb=2\n", "[python]\nenable_inlay_krita=true\nenable_x=true\n[z]\nb=2\n"),
        ("[python]\r\nenable_x=true\r\n", "[python]\r\nenable_inlay_krita=true\r\nenable_x=true\r\n"),
        ("[python]\nenable_inlay_krita=false\n", "[python]\nenable_inlay_krita=true\n"),
        ("[python]\nenable_inlay_krita=true\n", "[python]\nenable_inlay_krita=true\n"),
    )

    @pytest.mark.parametrize(("before", "after"), TABLE)
    def test_enable(self, before: str, after: str) -> None:
        assert kritarc.enabled(before) == after
        assert kritarc.enabled(after) == after

    @pytest.mark.parametrize("before", ["", "a=1\n", "[python]\nenable_x=true\n[z]\nb=2\n", "[a]\r\nb=1\r\n"])
    def test_disable_gives_the_file_back(self, before: str) -> None:
        assert kritarc.disabled(kritarc.enabled(before)) == before

    def test_backup_holds_the_file_as_it_was(self, tmp_path: Path) -> None:
        path = tmp_path / "kritarc"
        path.write_bytes(b"\xff strange\n[python]\nenable_x=true\n")
        before = path.read_bytes()
        assert kritarc.enable(path)
        assert not kritarc.enable(path)
        assert kritarc.disable(path)
        assert path.read_bytes() == before
        assert (tmp_path / "kritarc.before-inlay").read_bytes() == before

    def test_resource_folder_of_the_user(self, tmp_path: Path) -> None:
        path = tmp_path / "kritarc"
        assert kritarc.resource_folder(path) is None
        path.write_text("ResourceDirectory=/art/krita\n[python]\n")
        assert kritarc.resource_folder(path) == Path("/art/krita")


class TestZip:
    """What Krita's own importer needs (its rules are in plugin_importer.py, the same in all versions)."""

    def test_layout(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(write_zip(tmp_path / "a.zip")) as archive:
            names = archive.namelist()
            desktop = archive.read("inlay_krita.desktop").decode()
        assert "inlay_krita/" in names, "without entries for folders the importer finds no plugin"
        assert "inlay_krita/__init__.py" in names
        assert "inlay_krita/inlay_krita.action" in names
        assert "X-KDE-Library=inlay_krita" in desktop
        for name in names:
            parent = str(PurePosixPath(name).parent)
            assert parent == "." or names.index(parent + "/") < names.index(name)
        assert not any("__pycache__" in name or name.endswith(".pyc") for name in names)

    def test_bytes_are_the_same_each_time(self, tmp_path: Path) -> None:
        assert write_zip(tmp_path / "a.zip").read_bytes() == write_zip(tmp_path / "b.zip").read_bytes()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, where a Krita was started once."""
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "INLAY_HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    (tmp_path / ".local/share/krita").mkdir(parents=True)
    (tmp_path / ".config").mkdir()
    (tmp_path / ".config/kritarc").write_text("[theme]\nTheme=Krita dark\n")
    return tmp_path


@pytest.fixture
def quick_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that is there at once: what pip makes is tested by the demo."""

    def make(folder: Path) -> None:
        program(folder, "inlay").parent.mkdir(parents=True)
        program(folder, "inlay").write_text("engine")

    monkeypatch.setattr(krita, "make_venv", make)
    monkeypatch.setattr(krita, "install_copy", lambda folder, extra: (folder / "extra").write_text(extra))


def everything(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.usefixtures("quick_engine")
class TestInstall:
    """Into a home of its own."""

    def test_install_and_uninstall_leave_only_the_backup(self, home: Path) -> None:
        before = everything(home)
        assert commands.main(["krita"]) == 0
        resources = home / ".local/share/krita"
        for path in plugin_files():
            assert (resources / "pykrita" / path).exists()
        assert (resources / "actions/inlay_krita.action").is_file()
        assert "enable_inlay_krita=true" in (home / ".config/kritarc").read_text()
        told = json.loads((home / ".local/share/inlay/install.json").read_text())
        assert Path(told["command"][0]).is_file()
        assert commands.main(["krita", "--uninstall"]) == 0
        assert everything(home) - before == {".config/kritarc.before-inlay"}
        assert (home / ".config/kritarc").read_text() == "[theme]\nTheme=Krita dark\n"

    def test_twice_is_once(self, home: Path) -> None:
        commands.main(["krita"])
        first = everything(home)
        (home / ".local/share/krita/pykrita/inlay_krita/stale.py").write_text("old")
        commands.main(["krita"])
        kept = {name for name in everything(home) if "/engines/" not in name}
        assert kept == {name for name in first if "/engines/" not in name}
        assert len(list((home / ".local/share/inlay/engines").iterdir())) == 1

    def test_failed_update_keeps_the_old_engine(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        commands.main(["krita"])
        before = everything(home)

        def fail(folder: Path, extra: str) -> None:
            raise InstallError("no network")

        monkeypatch.setattr(krita, "install_copy", fail)
        assert commands.main(["krita"]) == 2
        assert everything(home) == before
        told = json.loads((home / ".local/share/inlay/install.json").read_text())
        assert Path(told["command"][0]).is_file()

    def test_what_runs_models_stays_at_an_update(self, home: Path) -> None:
        engines = home / ".local/share/inlay/engines"
        for arguments, extra in (([], ""), (["--models"], "models"), ([], "models")):
            assert commands.main(["krita", *arguments]) == 0
            assert [path.read_text() for path in engines.glob("*/extra")] == [extra]

    def test_uninstall_leaves_models_and_says_so(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        commands.main(["krita"])
        weights = home / ".local/share/inlay/models/one/weights.safetensors"
        weights.parent.mkdir(parents=True)
        weights.write_text("gigabytes")
        commands.main(["krita", "--uninstall"])
        assert weights.is_file()
        assert str(weights.parent.parent) in capsys.readouterr().out

    def test_flatpak_is_told_how_to_start_the_engine(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (home / ".var/app/org.kde.krita/data/krita").mkdir(parents=True)
        assert commands.main(["krita"]) == 0
        assert (home / ".var/app/org.kde.krita/data/krita/pykrita/inlay_krita.desktop").is_file()
        said = capsys.readouterr().out
        assert f"INLAY_HOME={home / '.var/app/org.kde.krita/data/inlay'}" in said

    def test_own_resource_folder(self, home: Path, tmp_path: Path) -> None:
        (tmp_path / "art").mkdir()
        assert commands.main(["krita", "--resources", str(tmp_path / "art")]) == 0
        assert (tmp_path / "art/pykrita/inlay_krita/__init__.py").is_file()

    def test_no_krita(self, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        (home / ".config/kritarc").unlink()
        (home / ".local/share/krita").rmdir()
        monkeypatch.setattr("shutil.which", lambda name: None)
        assert commands.main(["krita"]) == 2
        assert "no Krita was found: start it once" in capsys.readouterr().err
        assert everything(home) == set()


def test_place_exists_by_settings_alone(tmp_path: Path) -> None:
    place = KritaPlace("Krita", tmp_path / "none", tmp_path / "kritarc")
    assert not place.exists
    (tmp_path / "kritarc").touch()
    assert place.exists
