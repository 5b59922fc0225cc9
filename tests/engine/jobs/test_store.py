"""Images on disk: whole or not at all, and never more than the store may hold."""

import errno
import os
from pathlib import Path

import pytest
from inlay.jobs.states import JobError
from inlay.jobs.store import ImageStore


def files(store):
    return sorted(path.name for path in store.folder.iterdir())


@pytest.mark.parametrize("is_durable", [False, True])
def test_an_image_outlives_the_store(store, make_image, is_durable):
    digest, info, raw = make_image()
    store.save(digest, info, raw, set(), is_durable)
    assert store.read(digest) == (info, raw)
    again = ImageStore(store.folder, 1000)
    assert again.find(digest) == info
    assert again.read(digest) == (info, raw)


def test_saving_twice_writes_once(store, make_image):
    digest, info, raw = make_image()
    store.save(digest, info, raw, set(), is_durable=False)
    before = (store.folder / files(store)[0]).stat().st_mtime_ns
    store.save(digest, info, raw, set(), is_durable=False)
    assert (store.folder / files(store)[0]).stat().st_mtime_ns == before


def test_what_was_not_finished_is_cleared_away_at_start(store, make_image):
    digest, info, raw = make_image()
    store.save(digest, info, raw, set(), is_durable=False)
    (store.folder / "tmpabc.part").write_bytes(b"half")
    whole = store.folder / files(store)[0]
    (store.folder / whole.name.replace("4x4", "9x9")).write_bytes(raw)
    (store.folder / "notes.txt").write_text("not ours")
    again = ImageStore(store.folder, 1000)
    assert files(again) == [whole.name]


def test_a_damaged_image_is_missing_and_can_be_sent_again(store, make_image):
    digest, info, raw = make_image()
    store.save(digest, info, raw, set(), is_durable=False)
    (store.folder / files(store)[0]).write_bytes(bytes(len(raw) - 1) + b"x")
    again = ImageStore(store.folder, 1000)
    with pytest.raises(JobError, match="PUT /images") as refusal:
        again.read(digest)
    assert refusal.value.fault.code == "image_missing"
    assert files(again) == []
    again.save(digest, info, raw, set(), is_durable=False)
    assert again.read(digest) == (info, raw)


def test_a_file_that_somebody_deleted_is_missing(store, make_image):
    digest, info, raw = make_image()
    store.save(digest, info, raw, set(), is_durable=False)
    (store.folder / files(store)[0]).unlink()
    with pytest.raises(JobError, match="does not have"):
        store.read(digest)
    assert store.find(digest) is None


def test_the_image_used_longest_ago_makes_room(store, make_image):
    images = [make_image(number, 8, 10) for number in range(4)]
    for digest, info, raw in images[:3]:
        store.save(digest, info, raw, set(), is_durable=False)
    store.find(images[0][0])
    digest, info, raw = images[3]
    store.save(digest, info, raw, set(), is_durable=False)
    assert [store.find(image[0]) is not None for image in images] == [True, False, True, True]
    assert len(files(store)) == 3


def test_what_must_be_kept_makes_no_room(store, make_image):
    images = [make_image(number, 8, 10) for number in range(4)]
    for digest, info, raw in images[:3]:
        store.save(digest, info, raw, set(), is_durable=False)
    keep = {image[0] for image in images[:3]}
    digest, info, raw = images[3]
    with pytest.raises(JobError, match="fetch") as refusal:
        store.save(digest, info, raw, keep, is_durable=False)
    assert refusal.value.fault.code == "store_full"
    assert len(files(store)) == 3
    store.save(digest, info, raw, keep - {images[1][0]}, is_durable=False)
    assert store.find(images[1][0]) is None


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is a Linux device")
@pytest.mark.parametrize("is_durable", [False, True])
def test_a_full_disk_is_named_and_nothing_half_written_stays(store, make_image, monkeypatch, is_durable):
    """Writing to /dev/full fails as writing to a full disk does, with ENOSPC from the kernel."""
    digest, info, raw = make_image()
    full = os.open("/dev/full", os.O_WRONLY)

    def on_full_disk(dir, suffix):
        (dir / f"tmp{suffix}").write_bytes(b"")
        return full, str(dir / f"tmp{suffix}")

    monkeypatch.setattr("inlay.jobs.store.tempfile.mkstemp", on_full_disk)
    with pytest.raises(JobError, match="is full") as refusal:
        store.save(digest, info, raw, set(), is_durable)
    assert refusal.value.fault.code == "disk_full"
    assert "INLAY_HOME" in refusal.value.fault.remedy
    assert files(store) == []
    assert store.find(digest) is None


def test_a_folder_that_cannot_be_written_is_named(store, make_image, monkeypatch):
    def denied(dir, suffix):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr("inlay.jobs.store.tempfile.mkstemp", denied)
    with pytest.raises(JobError, match="Permission denied") as refusal:
        store.save(*make_image(), set(), is_durable=True)
    assert refusal.value.fault.code == "disk_error"
