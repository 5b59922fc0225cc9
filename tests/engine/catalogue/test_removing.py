"""Only what Inlay installed is ever deleted."""

import shutil

import pytest
from inlay.catalogue.errors import CatalogueError
from inlay.catalogue.installing import install, remove
from inlay.catalogue.watch import StoppedError, Unwatched

UNWANTED = shutil.ignore_patterns("*.py", "safety_checker")


@pytest.fixture
def here(catalogue, offer, door):
    return install(catalogue, offer, Unwatched(), door)


def test_a_removed_model_is_gone(catalogue, here):
    remove(catalogue, "tiny-inpaint")
    assert catalogue.installed() == ()
    assert list(catalogue.own.iterdir()) == []


def test_a_model_in_a_folder_that_was_renamed_is_found_by_its_name(catalogue, here):
    here.rename(here.with_name("painter"))
    remove(catalogue, "tiny-inpaint")
    assert list(catalogue.own.iterdir()) == []


def test_half_a_model_is_removed_too(catalogue, offer, door):
    class Hasty(Unwatched):
        def is_cancelled(self):
            return True

    with pytest.raises(StoppedError):
        install(catalogue, offer, Hasty(), door)
    assert (catalogue.own / "tiny-inpaint.partial").is_dir()
    remove(catalogue, "tiny-inpaint")
    assert list(catalogue.own.iterdir()) == []


@pytest.mark.parametrize("name", ["nothing", "..", "../data", "", "/", "tiny-inpaint/unet", ".partial"])
def test_what_is_not_there_is_not_removed(catalogue, here, name):
    with pytest.raises(CatalogueError) as caught:
        remove(catalogue, name)
    assert caught.value.fault.code == "no_model"
    assert catalogue.installed()


def test_a_users_own_model_is_left_alone(catalogue, published, tmp_path, monkeypatch):
    monkeypatch.setenv("INLAY_MODELS", str(tmp_path / "theirs"))
    theirs = shutil.copytree(published, tmp_path / "theirs" / "painter", ignore=UNWANTED)
    with pytest.raises(CatalogueError) as caught:
        remove(catalogue, "painter")
    assert caught.value.fault.code == "not_ours"
    assert str(theirs) in caught.value.fault.message
    assert (theirs / "model_index.json").is_file()


def test_a_users_own_model_among_ours_is_left_alone(catalogue, published):
    shutil.copytree(published, catalogue.own / "painter", ignore=UNWANTED)
    with pytest.raises(CatalogueError) as caught:
        remove(catalogue, "painter")
    assert caught.value.fault.code == "not_ours"
    assert (catalogue.own / "painter" / "model_index.json").is_file()


def test_a_link_to_a_users_folder_is_not_followed(catalogue, here, tmp_path):
    here.rename(tmp_path / "theirs")
    here.symlink_to(tmp_path / "theirs")
    with pytest.raises(CatalogueError):
        remove(catalogue, "tiny-inpaint")
    assert (tmp_path / "theirs" / "model_index.json").is_file()
