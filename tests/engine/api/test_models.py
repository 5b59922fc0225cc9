"""Models over HTTP: installed in the background, followed, cancelled, used at once, verified and removed."""

import shutil
import threading

import numpy as np
import pytest
from inlay import wire
from inlay.api.rendezvous import read
from inlay.api.serve import serve
from inlay.catalogue.installed import Catalogue
from inlay.catalogue.installing import install, remove
from inlay.catalogue.listing import find_offer
from inlay.catalogue.watch import Unwatched
from inlay.config import Folders
from inlay.pipelines.roster import Roster, all_cards

from tests.engine.catalogue.loopback_hub import serving

ID = "sd15-inpaint"
UNET = "unet/diffusion_pytorch_model.fp16.safetensors"
PATIENCE_S = 60.0


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A tiny pipeline with the file names of the real one that `sd15-inpaint` stands for."""
    from tests.engine.pipelines import tiny

    folder = tiny.save(tmp_path_factory.mktemp("hub") / "model", 9)
    for weights in folder.rglob("*.safetensors"):
        weights.rename(weights.with_name(weights.stem + ".fp16.safetensors"))
    return folder


@pytest.fixture
def hub(published, monkeypatch):
    with serving(published, find_offer(ID, all_cards()).repository) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        monkeypatch.delenv("HF_TOKEN", raising=False)
        monkeypatch.delenv("INLAY_MODELS", raising=False)
        yield hub


@pytest.fixture
def folders(tmp_path):
    return Folders.find({"INLAY_HOME": str(tmp_path / "home")})


@pytest.fixture
def client(hub, folders, make_client):
    """A client of an engine that has the roster which users have."""
    is_ready = threading.Event()
    catalogue = Catalogue(folders)
    thread = threading.Thread(
        target=serve,
        kwargs={
            "folders": folders,
            "say": lambda line: is_ready.set(),
            "roster": Roster(catalogue.installed, adapters=catalogue.adapters),
        },
    )
    thread.start()
    assert is_ready.wait(PATIENCE_S)
    identity = read(folders.run)
    client = make_client(identity.port, identity.token)
    yield client
    hub.go_on.set()
    client.ask("POST", "/shutdown?force=true")
    thread.join(PATIENCE_S)
    assert not thread.is_alive()


def events(client, name=ID, after=None):
    """(number, name, data) of a model's installation as they come, until the stream ends."""
    return client.stream(f"/models/{name}/events", after)


def installed(client):
    """The end of an installation that is begun now."""
    status, install = client.ask("POST", f"/models/{ID}/install")
    assert status == 202
    assert (install["id"], install["error"]) == (ID, None)
    *_, (_, _, end) = events(client)
    return end


def listed(client):
    return {model["id"]: model for model in client.ask("GET", "/models")[1]["models"]}


def test_a_model_is_installed_used_and_removed(client, hub, folders):
    assert listed(client)[ID]["state"] == "offered"
    client.ask("POST", f"/models/{ID}/install")
    told = list(events(client))
    assert told[0][1] == "queued" or told[0][0] > 1
    assert {name for _, name, _ in told} <= {"queued", "progress", "done"}
    _, name, end = told[-1]
    assert (name, end["state"]) == ("done", "done")
    assert end["done_bytes"] == end["total_bytes"] > 1_000_000
    here = listed(client)[ID]
    assert (here["state"], here["is_removable"]) == ("installed", True)
    assert here["path"] == str(folders.data / "models" / ID)
    assert here["size_bytes"] > end["total_bytes"]
    assert "replace" in here["edits"]

    status, job = client.ask("POST", "/edits", client.removal(edit=EDIT))
    assert status == 202, job
    job = client.finished(job["id"])
    assert job["state"] == "done", job["error"]
    assert (job["plan"]["model"], job["plan"]["family"]) == (ID, ID)
    assert len(client.download(job["result"]["pixels"])) > 0

    assert client.ask("POST", f"/models/{ID}/verify") == (200, {"id": ID, "damages": []})
    assert client.ask("DELETE", f"/models/{ID}") == (204, {})
    assert listed(client)[ID]["state"] == "offered"
    status, answer = client.ask("POST", "/edits", client.removal(edit=EDIT))
    assert status >= 400
    assert answer["error"]["field"] == "edit.model"


EDIT = {"kind": "replace", "prompt": "a red circle", "model": ID, "family": ID, "num_inference_steps": 2}


def test_what_another_program_installs_is_seen(client, folders):
    catalogue = Catalogue(folders)
    assert listed(client)[ID]["state"] == "offered"
    install(catalogue, find_offer(ID, all_cards()), Unwatched())
    assert listed(client)[ID]["state"] == "installed"
    assert client.ask("POST", "/edits", client.removal(edit=EDIT))[0] == 202
    remove(catalogue, ID)
    assert listed(client)[ID]["state"] == "offered"


def test_cancel_is_answered_at_once_and_what_is_here_stays(client, hub):
    hub.hold_after = 65_536
    client.ask("POST", f"/models/{ID}/install")
    assert hub.is_held.wait(PATIENCE_S)
    assert listed(client)[ID]["install"]["state"] == "running"
    status, install = client.ask("POST", f"/models/{ID}/cancel")
    assert (status, install["state"]) == (200, "cancelled")
    assert listed(client)[ID]["install"] is None
    assert [name for _, name, _ in events(client)][-1] == "cancelled"
    hub.hold_after = None
    hub.go_on.set()
    hub.requests.clear()
    assert installed(client)["state"] == "done"
    assert any(request.range for request in hub.requests)


def test_one_at_a_time_the_others_wait(client, hub):
    hub.hold_after = 65_536
    client.ask("POST", f"/models/{ID}/install")
    assert hub.is_held.wait(PATIENCE_S)
    assert client.ask("POST", f"/models/{ID}/install")[1]["state"] == "running"
    assert client.ask("POST", "/models/sdxl-inpaint/install")[1]["state"] == "queued"
    assert next(events(client, "sdxl-inpaint"))[1] == "queued"
    assert client.ask("POST", "/models/sdxl-inpaint/cancel")[1]["state"] == "cancelled"
    status, answer = client.ask("DELETE", f"/models/{ID}")
    assert (status, answer["error"]["code"]) == (409, "installing")
    hub.go_on.set()
    assert [name for _, name, _ in events(client)][-1] == "done"


def test_a_failed_installation_says_why(client, hub):
    hub.status, hub.error_code = 403, "GatedRepo"
    end = installed(client)
    assert end["state"] == "failed"
    assert end["error"]["code"] == "gated"
    assert "hf auth login" in end["error"]["remedy"]
    assert listed(client)[ID]["state"] == "offered"
    hub.status = 0
    assert installed(client)["state"] == "done"


def test_a_listener_that_comes_back_hears_only_what_is_new(client, hub):
    installed(client)
    *_, (last, name, _) = events(client)
    assert [each for each, _, _ in events(client, after=last)] == [last]
    assert name == "done"


def test_damage_is_told_and_mended(client, folders):
    installed(client)
    (folders.data / "models" / ID / UNET).write_bytes(b"")
    _, answer = client.ask("POST", f"/models/{ID}/verify")
    assert [damage["path"] for damage in answer["damages"]] == [UNET]
    assert installed(client)["state"] == "done"
    assert client.ask("POST", f"/models/{ID}/verify")[1]["damages"] == []


def test_a_folder_of_ones_own_is_used_at_once(client, published, tmp_path):
    theirs = tmp_path / "theirs"
    shutil.copytree(published, theirs / "My painter (v2)")
    assert client.ask("POST", "/model-folders", {"path": str(theirs)}) == (201, {"folders": [str(theirs)]})
    own = listed(client)["My painter (v2)"]
    assert (own["state"], own["is_removable"]) == ("installed", False)
    status, answer = client.ask("DELETE", "/models/My%20painter%20(v2)")
    assert (status, answer["error"]["code"]) == (409, "not_ours")
    assert client.ask("POST", "/models/My%20painter%20(v2)/verify")[1]["damages"] == []
    assert client.ask("GET", "/models")[1]["folders"] == [str(theirs)]
    assert client.ask("DELETE", "/model-folders", {"path": str(theirs)}) == (200, {"folders": []})
    assert "My painter (v2)" not in listed(client)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("POST", "/models/nothing/install", 404, "no_offer"),
        ("POST", "/models/..%5C../install", 422, "invalid"),
        ("POST", "/models/..%2f../install", 404, "no_route"),
        ("POST", "/models/A_B/install", 422, "invalid"),
        ("GET", "/models/sdxl-inpaint/events", 404, "no_install"),
        ("POST", "/models/sdxl-inpaint/cancel", 404, "no_install"),
        ("DELETE", "/models/nothing", 404, "no_model"),
        ("DELETE", "/models/..", 404, "no_model"),
        ("DELETE", "/models/a%5Cb", 422, "invalid"),
        ("POST", "/models/nothing/verify", 404, "no_model"),
        ("POST", "/models/%0a/verify", 422, "invalid"),
    ],
)
def test_what_cannot_be_is_refused_in_words(client, method, path, status, code):
    got, answer = client.ask(method, path)
    assert (got, answer["error"]["code"]) == (status, code)
    assert answer["error"]["remedy"]


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [("POST", "/nowhere", "no_folder"), ("DELETE", "/nowhere", "no_folder"), ("POST", "", "invalid")],
)
def test_folders_that_are_none(client, method, path, code):
    _, answer = client.ask(method, "/model-folders", {"path": path})
    assert (answer["error"]["code"], answer["error"]["field"]) == (code, "path")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/models"),
        ("POST", f"/models/{ID}/install"),
        ("GET", f"/models/{ID}/events"),
        ("POST", f"/models/{ID}/cancel"),
        ("DELETE", f"/models/{ID}"),
        ("POST", f"/models/{ID}/verify"),
        ("POST", "/model-folders"),
        ("DELETE", "/model-folders"),
    ],
)
@pytest.mark.parametrize(
    "headers", [{"Authorization": "Bearer wrong"}, {"Host": "evil.example"}, {"Origin": "https://evil.example"}]
)
def test_nobody_else_may(client, method, path, headers):
    status, _ = client.ask(method, path, {} if "folders" in path else None, headers)
    assert status in (401, 403)


def test_the_engine_stays_while_a_model_is_coming(hub, folders, make_client):
    """Its idle time is over long before the download."""
    is_ready = threading.Event()
    kwargs = {"idle_exit_s": 0.2, "folders": folders, "say": lambda line: is_ready.set(), "roster": Roster()}
    thread = threading.Thread(target=serve, kwargs=kwargs)
    hub.hold_after = 65_536
    thread.start()
    assert is_ready.wait(PATIENCE_S)
    identity = read(folders.run)
    make_client(identity.port, identity.token).ask("POST", f"/models/{ID}/install")
    assert hub.is_held.wait(PATIENCE_S)
    thread.join(1.0)
    assert thread.is_alive()
    hub.go_on.set()
    thread.join(PATIENCE_S)
    assert not thread.is_alive()
    assert (folders.data / "models" / ID / "inlay.json").is_file()


def test_every_offer_can_be_asked_for_by_its_id():
    from pydantic import TypeAdapter

    for card in all_cards():
        for offer in card.offers:
            assert TypeAdapter(wire.OfferId).validate_python(offer.id) == offer.id
            assert offer.repository.count("/") == 1


def test_what_prompts_can_name_is_listed(client, folders, published):
    from safetensors.numpy import save_file

    own = folders.data / "models"
    own.mkdir(parents=True, exist_ok=True)
    lora = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight"
    save_file({lora: np.zeros((4, 768), np.float32)}, own / "gouache.safetensors")
    save_file({"emb_params": np.zeros((2, 2048), np.float32)}, own / "dusk.safetensors")
    assert client.ask("GET", "/models")[1]["adapters"] == []  # nothing that could take them
    shutil.copytree(published, own / "tiny")
    named = sorted(client.ask("GET", "/models")[1]["adapters"], key=lambda adapter: adapter["name"])
    assert named == [
        {"name": "dusk", "kind": "embedding", "architecture": "sdxl"},
        {"name": "gouache", "kind": "lora", "architecture": "sd1"},
    ]
