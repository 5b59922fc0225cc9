"""Installing from a hub on the loopback interface: whole or not at all, resumed, and every fault explained."""

import hashlib
import json
import shutil
import threading
from collections import namedtuple
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from inlay.catalogue.errors import CatalogueError
from inlay.catalogue.hub import Hub
from inlay.catalogue.installing import install, remove
from inlay.catalogue.listing import entries
from inlay.catalogue.manifest import Manifest
from inlay.catalogue.verifying import damages
from inlay.catalogue.watch import StoppedError, Unwatched
from inlay.pipelines.roster import Roster, all_cards
from inlay.pipelines.shelf import Shelf

from tests.engine.catalogue.loopback_hub import COMMIT, REPOSITORY

UNET = "unet/diffusion_pytorch_model.safetensors"
VAE = "vae/diffusion_pytorch_model.safetensors"


@dataclass
class Listener:
    """Remembers the progress; cancels at so many bytes."""

    cancel_at: int = 1 << 60
    told: list = field(default_factory=list)

    def progress(self, done_bytes, total_bytes):
        self.told.append((done_bytes, total_bytes))

    def is_cancelled(self):
        return bool(self.told) and self.told[-1][0] >= self.cancel_at


@pytest.fixture
def installed(catalogue, offer, door):
    """Installs, and says how far it is."""

    def run(watch=None):
        return install(catalogue, offer, watch or Unwatched(), door)

    return run


def refusal(run, *arguments):
    with pytest.raises(CatalogueError) as caught:
        run(*arguments)
    assert caught.value.fault.remedy
    return caught.value.fault


def ranges(hub, name):
    return [request.range for request in hub.asked(name)]


def test_a_model_is_there_whole_with_its_manifest(hub, installed, catalogue, offer, published):
    listener = Listener()
    folder = installed(listener)
    (model,) = catalogue.installed()
    assert (model.id, model.path, model.revision, model.licence) == ("tiny-inpaint", folder, COMMIT, "MIT")
    assert model.description.in_channels == 9
    manifest = Manifest.read(folder)
    assert (manifest.repository, manifest.licence_url) == (REPOSITORY, offer.licence_url)
    for entry in manifest.files:
        assert (folder / entry.path).read_bytes() == (published / entry.path).read_bytes()
        assert entry.sha256 == hashlib.sha256((published / entry.path).read_bytes()).hexdigest()
        assert entry.size_bytes == (published / entry.path).stat().st_size
    total = sum(entry.size_bytes for entry in manifest.files)
    assert listener.told[-1] == (total, total)
    assert [done for done, _ in listener.told] == sorted(done for done, _ in listener.told)


def test_only_what_a_pipeline_needs_is_asked_for(hub, installed):
    folder = installed()
    here = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    left_out = {name for name in hub.files if name not in here}
    assert left_out == {
        "README.md",
        "pipeline.py",
        "sd-v1-5-inpainting.safetensors",
        "safety_checker/model.safetensors",
        "unet/diffusion_pytorch_model.bin",
    }
    assert here - set(hub.files) == {"inlay.json"}
    assert not any(hub.asked(name) for name in left_out)


def test_an_offers_patterns_choose_among_the_files(hub, catalogue, offer, door):
    hub.files["unet/diffusion_pytorch_model.fp16.safetensors"] = hub.files[UNET]
    patterns = ("*.json", "*.txt", "*.fp16.safetensors", "vae/*.safetensors", "text_encoder/*", "*.bin", "*.py")
    folder = install(catalogue, replace(offer, patterns=patterns), Unwatched(), door)
    weights = sorted(path.name for path in folder.rglob("*") if path.suffix in (".safetensors", ".bin", ".py"))
    assert weights == [
        "diffusion_pytorch_model.fp16.safetensors",
        "diffusion_pytorch_model.safetensors",
        "model.safetensors",
    ]


@pytest.mark.parametrize(
    "name",
    [
        "../evil.json",
        "a/../../evil.json",
        "/etc/evil.json",
        "C:\\evil.json",
        "a\\..\\evil.json",
        ".hidden.json",
        "a//b.json",
    ],
)
def test_files_that_would_lie_elsewhere_are_not_asked_for(hub, installed, catalogue, name):
    hub.files[name] = b"{}"
    installed()
    assert not hub.asked(name)
    assert not list(catalogue.own.parent.parent.rglob("*evil*"))


def test_what_the_hub_lists_as_a_manifest_is_not_taken_for_ours(hub, installed):
    hub.files["inlay.json"] = b"{}"
    folder = installed()
    assert Manifest.read(folder).name == "tiny-inpaint"
    assert damages(folder) == ()


def test_the_installed_model_is_one_that_a_family_runs(installed, catalogue):
    installed()
    names = {family.card.family for family in Roster(catalogue.installed, Shelf()).families}
    assert "sd15-inpaint" in names


def test_a_cut_connection_goes_on_where_it_stopped(hub, installed, catalogue):
    hub.cuts = {UNET: [100_000, 0, 100_000]}
    installed()
    assert ranges(hub, UNET) == [None, "bytes=100000-", "bytes=100000-", "bytes=200000-"]
    assert ranges(hub, VAE) == [None]
    assert catalogue.installed()


def test_what_was_cut_for_good_goes_on_the_next_time(hub, installed, catalogue):
    hub.cuts = {UNET: [300_000, 0, 0, 0]}
    fault = refusal(installed)
    assert fault.code == "cut"
    assert fault.message == f"{UNET} does not arrive: the connection was cut."
    assert not catalogue.installed()
    hub.requests.clear()
    installed()
    assert ranges(hub, UNET) == ["bytes=300000-"]
    assert not hub.asked("text_encoder/model.safetensors")
    assert catalogue.installed()


def test_cancel_stops_within_a_piece_and_keeps_what_is_here(hub, installed, catalogue):
    with pytest.raises(StoppedError):
        installed(Listener(cancel_at=400_000))
    assert not catalogue.installed()
    (part,) = catalogue.own.rglob("*.part")
    size = part.stat().st_size
    assert 0 < size < len(hub.files[UNET])
    hub.requests.clear()
    installed()
    assert ranges(hub, UNET) == [f"bytes={size}-"]
    assert catalogue.installed()


def test_a_slow_hub_is_cancelled_while_it_sends(hub, installed, catalogue):
    """The hub stops in the middle of a file; the installation is told to stop, and does so with the next piece."""
    hub.hold_after = 65_536
    cancelled = threading.Event()
    watch = Listener()
    watch.is_cancelled = cancelled.is_set
    caught = []

    def run():
        with pytest.raises(StoppedError):
            installed(watch)
        caught.append(True)

    thread = threading.Thread(target=run)
    thread.start()
    assert hub.is_held.wait(20)
    cancelled.set()
    hub.go_on.set()
    thread.join(20)
    assert caught
    assert not catalogue.installed()


def test_a_hub_that_says_nothing_any_more_is_given_up(hub, installed, catalogue, offer):
    hub.hold_after = 0
    fault = refusal(install, catalogue, offer, Unwatched(), Hub(hub.endpoint, timeout_s=0.2, pause_s=0.0))
    assert fault.code == "cut"
    assert "nothing came for too long" in fault.message
    assert not catalogue.installed()


def test_a_hub_that_cannot_begin_in_the_middle_sends_all_again(hub, installed, catalogue):
    hub.ranges = False
    hub.cuts = {UNET: [100_000]}
    folder = installed()
    assert ranges(hub, UNET) == [None, "bytes=100000-"]
    assert (folder / UNET).read_bytes() == hub.files[UNET]


@pytest.mark.parametrize("name", [UNET, "unet/config.json"])
def test_a_damaged_file_is_deleted_and_fetched_anew(hub, installed, catalogue, name):
    hub.corrupt = {name}
    fault = refusal(installed)
    assert fault.code == "corrupt"
    assert name in fault.message
    assert not catalogue.installed()
    assert not list(catalogue.own.rglob("*.part"))
    hub.corrupt = set()
    hub.requests.clear()
    installed()
    assert ranges(hub, name) == [None]
    assert not hub.asked("text_encoder/model.safetensors")
    assert catalogue.installed()


FAULTS = [
    (401, "GatedRepo", "gated", "hf auth login"),
    (403, "GatedRepo", "gated", "Accept the licence at"),
    (403, "", "not_allowed", "HF_TOKEN"),
    (401, "RepoNotFound", "not_found", "hf auth login"),
    (404, "RepoNotFound", "not_found", "has moved"),
    (404, "RevisionNotFound", "not_found", "has moved"),
    (404, "EntryNotFound", "not_found", "has moved"),
    (418, "", "hub", "later"),
    (429, "", "no_hub", "connection"),
    (500, "", "no_hub", "connection"),
]


@pytest.mark.parametrize(("status", "code", "expected", "remedy"), FAULTS)
def test_what_the_hub_refuses_is_explained(hub, installed, catalogue, status, code, expected, remedy):
    hub.status, hub.error_code = status, code
    fault = refusal(installed)
    assert fault.code == expected
    assert remedy in fault.remedy
    assert REPOSITORY in fault.message + fault.remedy or expected == "no_hub"
    assert not catalogue.installed()


def test_a_gated_model_needs_the_login_and_the_cdn_never_sees_it(hub, installed, catalogue, monkeypatch):
    hub.token = "hf_secret"
    assert refusal(installed).code == "gated"
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    installed()
    assert catalogue.installed()
    for request in hub.requests:
        assert request.token is None or not request.path.startswith("/cdn/")


def test_a_hidden_gated_model_is_explained_too(hub, catalogue, offer, door):
    hub.status, hub.error_code = 401, "RepoNotFound"
    fault = refusal(install, catalogue, replace(offer, is_gated=True), Unwatched(), door)
    assert fault.code == "gated"


@pytest.mark.parametrize("junk", [b"<html>Please log in</html>", b"[]", b"{}", b'{"id": "a/b", "sha": "main"}'])
def test_what_is_no_hub_is_said_to_be_none(hub, installed, junk):
    hub.junk = junk
    assert "HF_ENDPOINT" in refusal(installed).remedy


def test_nobody_there(catalogue, offer):
    assert refusal(install, catalogue, offer, Unwatched(), Hub("http://127.0.0.1:9", pause_s=0.0)).code == "no_hub"


def test_the_disks_space_is_looked_at_before_the_first_byte(hub, installed, catalogue, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**9, 10**9, 66_000_000))
    fault = refusal(installed)
    assert fault.code == "disk_full"
    assert "needs 68 MB and 66 MB are free" in fault.message
    assert not [request for request in hub.requests if "/resolve/" in request.path]
    assert not catalogue.installed()


def test_a_folder_that_cannot_be_made_is_named(installed, catalogue):
    catalogue.own.parent.mkdir(parents=True)
    catalogue.own.write_bytes(b"")
    fault = refusal(installed)
    assert fault.code == "disk_error"
    assert str(catalogue.own) in fault.message


def test_two_at_a_time_are_one_too_many(hub, installed, catalogue, offer, door):
    hub.hold_after = 65_536
    thread = threading.Thread(target=installed)
    thread.start()
    assert hub.is_held.wait(20)
    assert refusal(installed).code == "installing"
    assert refusal(remove, catalogue, "tiny-inpaint").code == "installing"
    hub.go_on.set()
    thread.join(20)
    assert catalogue.installed()


def test_what_is_installed_is_not_asked_for_again(hub, installed):
    folder = installed()
    hub.requests.clear()
    assert installed() == folder
    assert not hub.requests


def test_a_damaged_model_is_mended_by_installing_it_again(hub, installed, catalogue):
    folder = installed()
    raw = bytearray((folder / UNET).read_bytes())
    raw[-1] ^= 1
    (folder / UNET).write_bytes(raw)
    hub.requests.clear()
    installed()
    assert (folder / UNET).read_bytes() == hub.files[UNET]
    assert [hub.named(request.path) for request in hub.requests if request.path.startswith("/cdn/")] == [UNET]


def test_half_of_another_commit_is_no_use(hub, installed, catalogue):
    with pytest.raises(StoppedError):
        installed(Listener(cancel_at=400_000))
    old = hub.files[UNET]
    hub.commit = "beef" + "0" * 36
    hub.files[UNET] = old[:-4] + bytes(4)
    folder = installed()
    assert ranges(hub, UNET) == [None]
    assert (folder / UNET).read_bytes() == hub.files[UNET] != old
    assert not list(folder.rglob("*.part"))
    assert Manifest.read(folder).revision == hub.commit


def test_what_nobody_can_run_is_not_installed(hub, installed, catalogue):
    hub.files["model_index.json"] = json.dumps({"_class_name": "X", "unet": ["my_code", "Net"]}).encode()
    fault = refusal(installed)
    assert "program code of its own" in fault.message
    assert not catalogue.installed()


def test_a_repository_without_safetensors_is_refused(hub, installed):
    hub.files = {name: raw for name, raw in hub.files.items() if not name.endswith(".safetensors")}
    assert refusal(installed).code == "no_weights"


def test_the_loopback_hub_speaks_as_hubs_do(hub, tmp_path):
    """huggingface_hub's own download takes the same answers: by HEAD, ETag and X-Linked-Size."""
    from huggingface_hub import hf_hub_download

    for name in (UNET, "unet/config.json"):
        got = hf_hub_download(REPOSITORY, name, revision=COMMIT, endpoint=hub.endpoint, local_dir=tmp_path)
        assert Path(got).read_bytes() == hub.files[name]


@pytest.fixture
def control_net(hub, offer):
    """A repository of another form: a ControlNet, whose weights lie at its root in two precisions."""
    config = json.dumps({"_class_name": "ControlNetModel", "cross_attention_dim": 768}).encode()
    weights = hub.files["vae/diffusion_pytorch_model.safetensors"]
    hub.files = {
        "config.json": config,
        "diffusion_pytorch_model.safetensors": weights,
        "diffusion_pytorch_model.fp16.safetensors": weights + b"2",
    }
    return replace(offer, id="controlnet-pose-sd15")


def test_what_goes_beside_a_model_is_installed_listed_and_removed(control_net, catalogue, door):
    folder = install(catalogue, control_net, Unwatched(), door)
    assert [path.name for path in folder.glob("*.safetensors")] == ["diffusion_pytorch_model.safetensors"]
    (adapter,) = catalogue.adapters()
    assert (adapter.name, adapter.kind, adapter.purpose) == ("controlnet-pose-sd15", "controlnet", "pose")
    assert catalogue.installed() == ()
    (entry,) = [each for each in entries(catalogue, [], all_cards()) if each.state == "installed"]
    assert (entry.id, entry.edits, entry.path) == (control_net.id, (), str(folder))
    assert damages(folder) == ()
    (folder / "config.json").unlink()
    assert [damage.path for damage in damages(folder)] == ["config.json"]
    remove(catalogue, control_net.id)
    assert catalogue.adapters() == ()
