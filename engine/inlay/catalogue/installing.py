"""Installing and removing models: only in Inlay's own folder, one program at a time, whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from inlay.catalogue.adapters import recognise_adapter
from inlay.catalogue.download import Download, part_of
from inlay.catalogue.errors import CatalogueError, disk_error, spelled
from inlay.catalogue.hub import Hub, Listing
from inlay.catalogue.installed import Catalogue
from inlay.catalogue.manifest import Manifest
from inlay.catalogue.recognise import recognise
from inlay.catalogue.tensors import UnknownModelError
from inlay.catalogue.verifying import damages
from inlay.catalogue.walking import PARTIAL
from inlay.catalogue.watch import Watch
from inlay.disk import sync_folder
from inlay.lock import Lock
from inlay.pipelines.card import Offer

SPARE_BYTES = 64 << 20  # left on the disk: for the manifest, and for other programs


def install(catalogue: Catalogue, offer: Offer, watch: Watch, hub: Hub | None = None) -> Path:
    """Have the offer's model whole in Inlay's folder; gives where. Files that are there and right are not fetched.

    It grows in a folder whose name ends in `.partial`, which is renamed at the end: half a model is never listed.
    What is there already is verified; damaged files are fetched again.
    Raises CatalogueError, and StoppedError where the watch was cancelled: what has arrived stays for the next time.
    """
    final = catalogue.own / offer.id
    with _alone(catalogue, offer.id):
        if final.is_dir():
            if not damages(final, watch):
                return final
            _set_aside(final)
        partial = _partial(final)
        partial.mkdir(parents=True, exist_ok=True)
        _complete(partial, hub or Hub(), offer, watch)
        partial.rename(final)
        sync_folder(final.parent)
    return final


def remove(catalogue: Catalogue, name: str) -> None:
    """Delete a model that Inlay installed, or what there is of a half one. No other folder is ever touched.

    An engine that has it loaded goes on with what it has in memory. Raises CatalogueError.
    """
    final = _ours(catalogue, name)
    with _alone(catalogue, final.name):
        if final.is_dir():
            _set_aside(final)
        shutil.rmtree(_partial(final))


def _complete(partial: Path, hub: Hub, offer: Offer, watch: Watch) -> None:
    """Fetch what is missing, and write the manifest once all of it is there and Inlay knows what it is."""
    listing = hub.listing(offer)
    _check_space(partial, listing)
    entries = []
    done_bytes = 0
    for file in listing.files:
        entries.append(Download(hub, listing, partial, watch, done_bytes).fetch(file))
        done_bytes += file.size_bytes
    _delete_others(partial, {entry.path for entry in entries})
    _check_usable(partial, offer)
    manifest = Manifest(
        offer.id, offer.title, offer.repository, listing.revision, offer.licence, offer.licence_url, tuple(entries)
    )
    manifest.write(partial)
    for folder in [partial, *(each for each in partial.rglob("*") if each.is_dir())]:
        sync_folder(folder)


def _check_space(partial: Path, listing: Listing) -> None:
    """Before the first byte. Raises CatalogueError with both figures."""
    here = sum(
        _size_bytes(partial / file.path) or _size_bytes(part_of(partial / file.path, file)) for file in listing.files
    )
    needed, free = listing.size_bytes - here + SPARE_BYTES, shutil.disk_usage(partial).free
    if needed > free:
        raise CatalogueError(
            "disk_full",
            f"{listing.offer.title} needs {spelled(needed)} and {spelled(free)} are free in {partial.parent}.",
            remedy="Free some space there, or let INLAY_HOME name a folder on another disk.",
        )


def _check_usable(partial: Path, offer: Offer) -> None:
    """Raises CatalogueError where what has arrived is no model that Inlay takes."""
    try:
        if recognise_adapter(partial, offer.id) is None:
            recognise(partial)
    except UnknownModelError as error:
        message = f"{offer.title} cannot be used: {error.fault.message}"
        raise CatalogueError(error.fault.code, message, remedy=error.fault.remedy) from error


def _size_bytes(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _delete_others(partial: Path, kept: set[str]) -> None:
    """What belongs to another commit's files, or was stopped in the middle of one."""
    for path in [each for each in partial.rglob("*") if each.is_file()]:
        if path.relative_to(partial).as_posix() not in kept:
            path.unlink()


def _partial(final: Path) -> Path:
    return final.with_name(final.name + PARTIAL)


def _set_aside(final: Path) -> None:
    """Make a model half a one: it is listed no more, and its good files serve the next installation."""
    partial = _partial(final)
    if partial.exists():
        shutil.rmtree(partial)
    final.rename(partial)


def _ours(catalogue: Catalogue, name: str) -> Path:
    """The folder of a model that Inlay installed or began to. Raises CatalogueError where there is none.

    No path is made of the name: it is looked for among the folders that are there.
    """
    entries = list(catalogue.own.iterdir()) if catalogue.own.is_dir() else []
    for entry in entries:
        manifest = None if entry.is_symlink() else Manifest.read(entry)
        is_half = entry.name == name + PARTIAL and entry.is_dir() and not entry.is_symlink()
        if is_half or (manifest and manifest.name == name):
            return catalogue.own / entry.name.removesuffix(PARTIAL)
    theirs = catalogue.paths(name)[0]
    raise CatalogueError(
        "not_ours",
        f"{name} was not installed by Inlay: it lies in {theirs}.",
        field="id",
        remedy="Delete it there yourself, or let Inlay not look there any more: `inlay models drop FOLDER`.",
    )


@contextmanager
def _alone(catalogue: Catalogue, name: str) -> Iterator[None]:
    """Nobody else installs or removes this model meanwhile.

    name: of its folder. Raises CatalogueError where somebody does, or where the disk refuses.
    """
    locks = catalogue.folders.data / "locks"
    try:
        for folder in (catalogue.own, locks):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with Lock(locks / f"{name}.lock") as lock:
            if not lock.take():
                raise CatalogueError(
                    "installing",
                    f"{name} is being installed or removed by another program.",
                    remedy="Wait until that has ended, or cancel it, and try again.",
                )
            yield
    except OSError as error:
        raise disk_error(error, catalogue.own) from error
