"""The model hub, through huggingface_hub: what a repository holds, and its files' bytes from any position on."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from inlay.catalogue.errors import CatalogueError
from inlay.catalogue.selecting import RemoteFile, wanted
from inlay.pipelines.card import Offer

COMMIT = re.compile(r"[0-9a-f]{40}")
NETWORK = "Check the connection, then install it again: it goes on where it stopped."
TIMEOUT_S = 10.0  # without a byte; huggingface_hub's own figure


class CutError(Exception):
    """The hub stopped answering or sending; asking again may help. The text says what happened."""


@dataclass(frozen=True)
class Listing:
    """What is downloaded for an offer: one commit's files."""

    offer: Offer
    revision: str  # the commit
    files: tuple[RemoteFile, ...]

    @property
    def size_bytes(self) -> int:
        return sum(file.size_bytes for file in self.files)


class Hub:
    """A hub that speaks Hugging Face's protocol. Nothing else of Inlay downloads anything."""

    def __init__(self, endpoint: str | None = None, timeout_s: float = TIMEOUT_S, pause_s: float = 1.0) -> None:
        """endpoint: `HF_ENDPOINT`, or huggingface.co. pause_s: between a cut and the next try."""
        self._endpoint = endpoint
        self._timeout_s = timeout_s
        self.pause_s = pause_s

    @property
    def endpoint(self) -> str:
        """Without a slash at its end. Raises CatalogueError where huggingface_hub is not installed."""
        told = self._endpoint or os.environ.get("HF_ENDPOINT") or _library().constants.ENDPOINT
        return str(told).rstrip("/")

    def listing(self, offer: Offer) -> Listing:
        """Resolve the offer's revision to a commit, with its files' sizes and checksums. Raises CatalogueError."""
        try:
            with _as_refusals(offer, self.endpoint):
                revision, files = self._told(offer)
        except CutError as error:
            raise CatalogueError("no_hub", f"{self.endpoint} does not answer: {error}.", remedy=NETWORK) from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise CatalogueError(
                "no_hub",
                f"What {self.endpoint} answers is not a model hub's answer.",
                remedy="Check HF_ENDPOINT and the network's login page, then install it again.",
            ) from error
        if not any(file.path.endswith(".safetensors") for file in files):
            raise CatalogueError(
                "no_weights",
                f"{offer.repository} holds no .safetensors files that fit.",
                remedy="Inlay must learn where its files are now: look for a newer version, or choose another model.",
            )
        return Listing(offer, revision, files)

    def _told(self, offer: Offer) -> tuple[str, tuple[RemoteFile, ...]]:
        """(commit, the files that are wanted)."""
        api = _library().HfApi(endpoint=self.endpoint)
        told = api.model_info(offer.repository, revision=offer.revision, files_metadata=True, timeout=self._timeout_s)
        if not COMMIT.fullmatch(told.sha):
            raise ValueError("no commit")
        files = wanted(map(_file, told.siblings), offer.patterns)
        if not all(file.sha256 or file.blob for file in files):
            raise ValueError("no checksum")
        return told.sha, files

    @contextmanager
    def opened(self, listing: Listing, file: RemoteFile, start: int) -> Iterator[tuple[int, Iterator[bytes]]]:
        """A file's bytes: (the position of the first one, pieces as they come).

        The position is `start`, or 0 where the hub cannot begin in the middle.
        Raises CatalogueError, or CutError, also while the pieces are read.
        """
        library = _library()
        where = library.hf_hub_url(
            listing.offer.repository, file.path, revision=listing.revision, endpoint=self.endpoint
        )
        headers = library.utils.build_hf_headers() | {"Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"
        with (
            _as_refusals(listing.offer, self.endpoint),
            library.utils.get_session().stream(
                "GET", where, headers=headers, timeout=self._timeout_s, follow_redirects=True
            ) as response,
        ):
            library.utils.hf_raise_for_status(response)
            yield (start if response.status_code == 206 else 0), response.iter_raw()


def _file(sibling: Any) -> RemoteFile:
    checksum = getattr(sibling.lfs, "sha256", "") if sibling.lfs else ""
    return RemoteFile(str(sibling.rfilename), int(sibling.size or 0), str(checksum), str(sibling.blob_id or ""))


def _library() -> Any:
    """huggingface_hub, imported when it is first needed."""
    try:
        import huggingface_hub
        import huggingface_hub.constants
        import huggingface_hub.errors
        import huggingface_hub.utils
    except ImportError as error:
        raise CatalogueError(
            "no_hub_library",
            "Installing models needs huggingface_hub.",
            remedy='Install it with: pip install "inlay[models]"',
        ) from error
    return huggingface_hub


def _transport() -> Any:
    """The HTTP library below huggingface_hub: httpx in its versions 1.x, httpx2 since 2.0, with the same names."""
    return sys.modules[type(_library().utils.get_session()).__module__.partition(".")[0]]


@contextmanager
def _as_refusals(offer: Offer, endpoint: str) -> Iterator[None]:
    """Turn huggingface_hub's and its HTTP library's errors into ours: CutError where trying again may help."""
    errors, transport = _library().errors, _transport()
    page = f"{endpoint}/{offer.repository}"
    try:
        yield
    except errors.OfflineModeIsEnabled as error:
        raise CatalogueError(
            "offline",
            f"{offer.title} cannot be installed: HF_HUB_OFFLINE keeps the network out.",
            remedy="Take HF_HUB_OFFLINE out of the environment; what is installed works without the network.",
        ) from error
    except errors.GatedRepoError as error:
        raise _gated(offer, page) from error
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError, errors.RemoteEntryNotFoundError) as error:
        is_hidden = offer.is_gated and error.response.status_code == 401
        raise (_gated if is_hidden else _missing)(offer, page) from error
    except errors.HfHubHTTPError as error:
        raise _refused(error.response.status_code, offer, page) from error
    except transport.TimeoutException as error:
        raise CutError("nothing came for too long") from error
    except (transport.RemoteProtocolError, transport.ReadError) as error:
        raise CutError("the connection was cut") from error
    except transport.HTTPError as error:
        raise CutError(str(error).rstrip(".") or type(error).__name__) from error


def _gated(offer: Offer, page: str) -> CatalogueError:
    return CatalogueError(
        "gated",
        f"{offer.title} is gated: its owner gives it to those who have accepted its licence ({offer.licence}).",
        remedy=f"Accept the licence at {page}, then log in with `hf auth login` or set HF_TOKEN, and install it again.",
    )


def _missing(offer: Offer, page: str) -> CatalogueError:
    remedy = "Look whether it has moved; where it is private, log in with `hf auth login` or set HF_TOKEN."
    return CatalogueError(
        "not_found", f"There is no {offer.title} at {page}, revision {offer.revision}.", remedy=remedy
    )


def _refused(status: int, offer: Offer, page: str) -> Exception:
    """What an answer that is no success means."""
    if status in (401, 403):
        return _gated(offer, page) if offer.is_gated else _not_allowed(status, page)
    if status in (408, 416, 425, 429) or status >= 500:
        return CutError(f"the hub answered with status {status}")
    remedy = "Try again later; if it stays so, look for a newer version of Inlay."
    return CatalogueError("hub", f"The hub refused {page} with status {status}.", remedy=remedy)


def _not_allowed(status: int, page: str) -> CatalogueError:
    return CatalogueError(
        "not_allowed",
        f"The hub did not let us read {page} (status {status}).",
        remedy="Log in anew with `hf auth login`, or set HF_TOKEN to a token that may read it.",
    )
