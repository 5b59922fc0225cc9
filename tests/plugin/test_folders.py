"""Where the panel looks is where the engine writes, on every platform."""

from __future__ import annotations

from pathlib import Path, PurePath

import pytest
from inlay.config import Folders
from inlay_krita.folders import find_folders

HOME = Path("/home/ada")
LOCAL = "C:/Users/ada/AppData/Local"


@pytest.mark.parametrize(
    ("platform", "environ"),
    [
        ("linux", {}),
        ("linux", {"XDG_RUNTIME_DIR": "/run/user/1000"}),
        ("linux", {"XDG_DATA_HOME": "/data", "XDG_CACHE_HOME": "/cache"}),
        ("darwin", {}),
        ("darwin", {"XDG_DATA_HOME": "/data"}),
        ("win32", {"LOCALAPPDATA": LOCAL, "USERPROFILE": "C:/Users/ada"}),
        ("win32", {}),
        ("linux", {"INLAY_HOME": "/elsewhere"}),
        ("win32", {"INLAY_HOME": "/elsewhere"}),
    ],
)
def test_same_as_the_engine(platform: str, environ: dict[str, str]) -> None:
    theirs = Folders.find(environ, platform, HOME)
    ours = find_folders(platform, {"HOME": str(HOME), "USERPROFILE": str(HOME), **environ})
    assert (ours.run, ours.data, ours.log) == (theirs.run, theirs.data, theirs.log)
    assert ours.installed_in == (theirs.data,)


SANDBOXES = [
    (
        {"FLATPAK_ID": "org.kde.krita", "XDG_DATA_HOME": "/home/ada/.var/app/org.kde.krita/data"},
        "/home/ada/.var/app/org.kde.krita/data/inlay",
    ),
    (
        {"SNAP_NAME": "krita", "SNAP_REAL_HOME": "/home/ada", "HOME": "/home/ada/snap/krita/113"},
        "/home/ada/snap/krita/113/.local/share/inlay",
    ),
]


@pytest.mark.parametrize(("environ", "home"), SANDBOXES)
def test_sandboxes_share_one_folder_with_the_engine(environ: dict[str, str], home: str) -> None:
    ours = find_folders("linux", {"HOME": str(HOME), "XDG_RUNTIME_DIR": "/run/user/1000", **environ})
    assert ours.home == Path(home)
    assert ours.run == Path(home, "run")
    theirs = Folders.find({**environ, "INLAY_HOME": str(ours.home)}, "linux", HOME)
    assert (ours.run, ours.data, ours.log) == (theirs.run, theirs.data, theirs.log)
    assert PurePath("/home/ada/.local/share/inlay") in ours.installed_in
