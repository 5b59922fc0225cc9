"""`inlay models`, as people and scripts call it: in processes of their own, from a hub on the loopback interface."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from inlay.catalogue.listing import find_offer
from inlay.pipelines.roster import all_cards

from tests.engine.catalogue.loopback_hub import LoopbackHub, serving

UNET = "unet/diffusion_pytorch_model.fp16.safetensors"
PATIENCE_S = 60.0


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny pipeline under the name and with the file names of the real one that `sd15-inpaint` stands for."""
    from tests.engine.pipelines import tiny

    folder = tiny.save(tmp_path_factory.mktemp("hub") / "model", 9)
    for weights in folder.rglob("*.safetensors"):
        weights.rename(weights.with_name(weights.stem + ".fp16.safetensors"))
    return folder


@pytest.fixture
def hub(published: Path) -> Iterator[LoopbackHub]:
    with serving(published, find_offer("sd15-inpaint", all_cards()).repository) as hub:
        yield hub


class Inlay:
    """The command over one INLAY_HOME and one hub."""

    def __init__(self, home: Path, hub: LoopbackHub) -> None:
        self.home = home
        self.environ = os.environ | {
            "INLAY_HOME": str(home),
            "HF_ENDPOINT": hub.endpoint,
            "HF_HOME": str(home / "hf"),
            "OMP_NUM_THREADS": "1",
        }
        for name in ("INLAY_MODELS", "HF_TOKEN", "HF_HUB_OFFLINE"):
            self.environ.pop(name, None)

    def start(self, *arguments: object, **environ: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "inlay", "models", *map(str, arguments)]
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.environ | environ
        )

    def __call__(self, *arguments: object, **environ: str) -> tuple[int, str, str]:
        """(status, what it says, what it says on stderr)."""
        process = self.start(*arguments, **environ)
        out, error = process.communicate(timeout=PATIENCE_S)
        assert "Traceback" not in error, error
        return process.returncode, out, " ".join(error.split())

    def listed(self) -> dict[str, dict[str, object]]:
        status, out, _ = self("list", "--json")
        assert status == 0
        return {model["id"]: model for model in json.loads(out)["models"]}


@pytest.fixture
def inlay(tmp_path: Path, hub: LoopbackHub) -> Inlay:
    return Inlay(tmp_path / "home", hub)


def test_from_the_first_list_to_the_last_removal(inlay: Inlay, hub: LoopbackHub) -> None:
    before = inlay.listed()["sd15-inpaint"]
    assert (before["state"], before["path"]) == ("offered", None)
    status, out, error = inlay("install", "sd15-inpaint")
    folder = inlay.home / "data" / "models" / "sd15-inpaint"
    assert (status, out) == (0, f"sd15-inpaint is installed in {folder}.\n")
    assert "CreativeML OpenRAIL-M" in error
    after = inlay.listed()["sd15-inpaint"]
    assert (after["state"], after["path"], after["is_removable"]) == ("installed", str(folder), True)
    assert inlay("verify", "sd15-inpaint")[:2] == (0, f"{folder}: whole\n")
    (folder / UNET).write_bytes(b"")
    status, out, _ = inlay("verify")
    assert status == 1
    assert f"  {UNET} has 0 bytes" in out
    assert inlay("install", "sd15-inpaint")[0] == 0
    assert inlay("verify")[0] == 0
    assert inlay("remove", "sd15-inpaint")[:2] == (0, "sd15-inpaint is removed.\n")
    assert inlay.listed()["sd15-inpaint"]["state"] == "offered"


def test_a_killed_installation_is_not_listed_and_goes_on(inlay: Inlay, hub: LoopbackHub) -> None:
    hub.hold_after = 65_536
    process = inlay.start("install", "sd15-inpaint")
    assert hub.is_held.wait(PATIENCE_S)
    here = begun(inlay)
    process.kill()
    process.communicate(timeout=PATIENCE_S)
    assert process.returncode == -signal.SIGKILL
    hub.go_on.set()
    hub.hold_after = None
    half = inlay.listed()["sd15-inpaint"]
    assert half["state"] == "offered"
    assert half["begun_bytes"] >= here
    hub.requests.clear()
    assert inlay("install", "sd15-inpaint")[0] == 0
    assert f"bytes={here}-" in [request.range for request in hub.requests]
    assert inlay.listed()["sd15-inpaint"]["state"] == "installed"


def begun(inlay: Inlay) -> int:
    """The bytes of the file under way, once some of them have been written."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        for part in (inlay.home / "data" / "models").rglob("*.part"):
            if part.stat().st_size:
                return last_size(part)
        time.sleep(0.01)
    raise AssertionError("nothing has arrived")


def last_size(part: Path) -> int:
    """A file's size when it grows no more: the hub holds the rest back."""
    size, before = part.stat().st_size, -1
    while size != before:
        time.sleep(0.2)
        size, before = part.stat().st_size, size
    return size


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one child")
def test_ctrl_c_says_that_it_goes_on_later(inlay: Inlay, hub: LoopbackHub) -> None:
    hub.hold_after = 65_536
    process = inlay.start("install", "sd15-inpaint")
    assert hub.is_held.wait(PATIENCE_S)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert "Traceback" not in error
    assert "`inlay models install sd15-inpaint` goes on from here" in error
    assert inlay.listed()["sd15-inpaint"]["begun_bytes"]


def test_offline_is_offline(inlay: Inlay, hub: LoopbackHub) -> None:
    status, _, error = inlay("install", "sd15-inpaint", HF_HUB_OFFLINE="1")
    assert status == 2
    assert "HF_HUB_OFFLINE keeps the network out" in error
    assert not hub.requests


def test_only_installing_asks_the_hub(inlay: Inlay, hub: LoopbackHub) -> None:
    assert inlay("install", "sd15-inpaint")[0] == 0
    hub.requests.clear()
    for arguments in (["list"], ["verify"], ["install", "sd15-inpaint"], ["remove", "sd15-inpaint"]):
        assert inlay(*arguments)[0] == 0
    assert not hub.requests


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["install", "nothing"], "No model nothing can be installed."),
        (["remove", "../data"], "No model ../data is installed."),
        (["verify", "nothing"], "No model nothing is installed."),
        (["add", "/nowhere"], "There is no /nowhere."),
        (["drop", "/nowhere"], "/nowhere was never added."),
    ],
)
def test_what_cannot_be_is_said_in_words(inlay: Inlay, arguments: list[str], message: str) -> None:
    status, _, error = inlay(*arguments)
    assert status == 2
    assert message in error


def test_a_folder_of_ones_own(inlay: Inlay, published: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    shutil.copytree(published, theirs / "painter")
    (theirs / "old.ckpt").write_bytes(b"\x80\x04.")
    status, out, error = inlay("add", theirs)
    assert status == 0
    assert out.startswith("painter: ")
    assert "left out: old.ckpt is a pickle" in error
    status, out, _ = inlay("list")
    assert status == 0
    assert "\n  painter: " in out
    assert str(theirs) in out
    assert inlay("remove", "painter")[0] == 2
    assert inlay("drop", theirs)[0] == 0
    assert "painter" not in inlay.listed()
