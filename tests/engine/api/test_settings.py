"""The engine's settings over HTTP: what can be chosen, what is refused by field, and what changes at once."""

import os

import numpy as np
import pytest
from inlay import settings as kept
from inlay.config import GIB, MIB
from inlay.pipelines.builtin import BuiltinFill
from inlay.pipelines.device import Place
from inlay.pipelines.roster import Roster
from inlay.pipelines.shelf import Shelf

GPU = Place("cuda:0", "Test GPU", 8 * GIB)
CPU = Place("cpu", "Processor", 16 * GIB)
UNSET = {"device": "", "memory_bytes": 0, "store_bytes": 8 * GIB}


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """What an engine in this process says to its environment is taken back."""
    for variable in kept.VARIABLES.values():
        monkeypatch.setenv(variable, "")
    monkeypatch.setattr("inlay.api.settings.places", lambda: (GPU, CPU))


@pytest.fixture
def shelf():
    return Shelf()


@pytest.fixture
def engine(start_engine, shelf):
    return start_engine(roster=Roster(shelf=shelf))


def test_a_new_engine_tells_what_there_is_to_choose_from(engine):
    status, setup = engine.client.ask("GET", "/settings")
    assert status == 200
    assert setup["settings"] == UNSET
    assert setup["fixed"] == []
    assert [device["id"] for device in setup["devices"]] == ["cuda:0", "cpu"]
    assert {folder["name"] for folder in setup["folders"]} == {"models", "images", "logs"}
    assert all(folder["free_bytes"] > 0 for folder in setup["folders"])


def test_this_machine_can_be_computed_on(monkeypatch, start_engine):
    monkeypatch.undo()
    _, setup = start_engine(roster=Roster()).client.ask("GET", "/settings")
    assert setup["devices"][-1]["id"] == "cpu"
    assert setup["devices"][-1]["title"]


def test_what_is_set_is_heeded_at_once_and_kept(engine, shelf):
    wanted = {"device": "cpu", "memory_bytes": GIB, "store_bytes": 2 * GIB}
    status, setup = engine.client.ask("PUT", "/settings", wanted)
    assert (status, setup["settings"]) == (200, wanted)
    assert os.environ["INLAY_DEVICE"] == "cpu"
    engine.client.ask("POST", "/memory/free")  # what was set before it on the device's thread is done
    assert shelf.budget_bytes == GIB
    assert kept.read(engine.folders.data) == kept.Settings(**wanted)


def test_the_next_engine_begins_with_it(start_engine, engine):
    engine.client.ask("PUT", "/settings", UNSET | {"device": "cpu"})
    engine.stop()
    os.environ["INLAY_DEVICE"] = ""
    again = start_engine(roster=Roster())
    assert os.environ["INLAY_DEVICE"] == "cpu"
    assert again.client.ask("GET", "/settings")[1]["fixed"] == []


def load(engine, shelf, size=MIB):
    """Have something loaded, as a family does."""
    shelf.take("a model", lambda: "weights", size_of=lambda _: size)
    assert engine.client.ask("GET", "/settings")[1]["held_bytes"] == size


def test_another_device_takes_everything_off_the_one_before(engine, shelf):
    load(engine, shelf)
    engine.client.ask("PUT", "/settings", UNSET | {"device": "cpu"})
    assert engine.client.ask("POST", "/memory/free")[1] == {"held_bytes": 0}
    assert shelf.peek("a model") is None


def test_a_smaller_budget_sends_away_what_is_too_much(engine, shelf):
    shelf.set_budget(4 * GIB)
    load(engine, shelf, GIB)
    engine.client.ask("PUT", "/settings", UNSET | {"memory_bytes": 512 * MIB})
    engine.client.ask("PUT", "/settings", UNSET | {"memory_bytes": 600 * MIB})
    assert engine.client.ask("POST", "/memory/free")[1] == {"held_bytes": 0}


def test_the_same_again_leaves_what_is_loaded(engine, shelf):
    load(engine, shelf)
    engine.client.ask("PUT", "/settings", UNSET | {"store_bytes": 3 * GIB})
    assert shelf.peek("a model")


def test_memory_is_freed_when_it_is_asked_for(engine, shelf):
    load(engine, shelf)
    assert engine.client.ask("POST", "/memory/free") == (200, {"held_bytes": 0})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"device": "abacus"}, "device"),
        ({"device": "cuda:1"}, "device"),
        ({"device": 3}, "device"),
        ({"memory_bytes": 511 * MIB}, "memory_bytes"),
        ({"memory_bytes": 9 * GIB}, "memory_bytes"),
        ({"memory_bytes": -1}, "memory_bytes"),
        ({"memory_bytes": 10**30}, "memory_bytes"),
        ({"memory_bytes": 1.5e9}, "memory_bytes"),
        ({"store_bytes": GIB - 1}, "store_bytes"),
        ({"store_bytes": 1025 * GIB}, "store_bytes"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_is_refused_by_field(engine, change, field):
    status, answer = engine.client.ask("PUT", "/settings", UNSET | change)
    assert (status, answer["error"]["field"]) == (422, field)
    assert answer["error"]["remedy"]
    assert engine.client.ask("GET", "/settings")[1]["settings"] == UNSET


def test_cuda_alone_is_the_first_of_them_and_the_processor_has_its_own_bound(engine):
    assert engine.client.ask("PUT", "/settings", UNSET | {"device": "cuda", "memory_bytes": 8 * GIB})[0] == 200
    assert engine.client.ask("PUT", "/settings", UNSET | {"device": "cpu", "memory_bytes": 16 * GIB})[0] == 200


def test_what_the_environment_says_cannot_be_set(start_engine, monkeypatch):
    monkeypatch.setenv("INLAY_DEVICE", "cpu")
    engine = start_engine(roster=Roster())
    assert engine.client.ask("GET", "/settings")[1]["fixed"] == ["device"]
    status, answer = engine.client.ask("PUT", "/settings", UNSET | {"device": "cuda:0"})
    assert (status, answer["error"]["code"], answer["error"]["field"]) == (409, "fixed", "device")
    assert engine.client.ask("PUT", "/settings", UNSET | {"store_bytes": 2 * GIB})[0] == 200
    assert os.environ["INLAY_DEVICE"] == "cpu"


def images_of(client):
    return next(each for each in client.ask("GET", "/settings")[1]["folders"] if each["name"] == "images")


def test_images_that_nobody_waits_for_can_be_cleared(engine):
    client = engine.client
    unwanted = client.upload("RGBA", "U8", np.zeros((64, 64, 4), np.uint8))
    assert images_of(client)["size_bytes"] == images_of(client)["clearable_bytes"] == 64 * 64 * 4
    assert client.ask("DELETE", "/images") == (200, {"freed_bytes": 64 * 64 * 4})
    assert client.ask("HEAD", f"/images/{unwanted}")[0] == 404
    assert images_of(client)["size_bytes"] == 0


def test_images_that_somebody_waits_for_stay(start_engine):
    engine = start_engine(roster=Roster.of(BuiltinFill()))
    client = engine.client
    job = client.finished(client.ask("POST", "/edits", client.removal())[1]["id"])
    client.ask("DELETE", "/images")
    for digest in (job["result"]["pixels"], job["result"]["mask"]):
        assert client.ask("HEAD", f"/images/{digest}")[0] == 200
        client.download(digest)
    assert client.ask("DELETE", "/images")[1]["freed_bytes"] > 0  # both were fetched now
    assert images_of(client)["size_bytes"] == 0


def test_a_full_disk_is_said_so_and_nothing_changes(engine, monkeypatch):
    def full(folder, settings):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("inlay.settings.write", full)
    status, answer = engine.client.ask("PUT", "/settings", UNSET | {"device": "cpu"})
    assert (status, answer["error"]["code"]) == (507, "disk_full")
    assert not os.environ.get("INLAY_DEVICE")
