"""Which of a repository's files are a model: never a program, never a pickle, never outside its folder."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

# .model: SentencePiece's vocabularies. .jinja: how a chat is put to a text encoder; transformers runs it in a sandbox.
SUFFIXES = (".safetensors", ".json", ".txt", ".model", ".jinja")
NOT_NEEDED = ("safety_checker", "feature_extractor")  # folders that Inlay never loads
VARIANTS = (".fp16.", ".fp16-", ".bf16.", ".non_ema.", ".ema.")  # second copies of the same weights
PLAIN = re.compile(r"[\w+-][\w .+-]{0,199}")  # no leading dot, slash, backslash or drive
MOST_PARTS = 4  # folders deep


@dataclass(frozen=True)
class RemoteFile:
    """A file of a repository. One of the two checksums is known, or both."""

    path: str  # with slashes
    size_bytes: int
    sha256: str = ""  # of large files
    blob: str = ""  # git's own checksum, of small ones


def wanted(files: Iterable[RemoteFile], patterns: Sequence[str] = ()) -> tuple[RemoteFile, ...]:
    """The files that are downloaded, by path.

    patterns: shell patterns of whole paths; without any, what diffusers or transformers need: configurations, and the
    weights in one copy; of a pipeline, those below its parts.
    """
    possible = [file for file in files if _is_possible(file.path)]
    is_pipeline = any(file.path == "model_index.json" for file in possible)
    if patterns:
        chosen = [file for file in possible if any(fnmatchcase(file.path, pattern) for pattern in patterns)]
    else:
        chosen = [file for file in possible if _is_needed(file.path, is_pipeline)]
    return tuple(sorted(chosen, key=lambda file: file.path))


def is_plain(path: str) -> bool:
    """Whether it names a file inside a folder, on every system: nobody else's word for a path is taken."""
    parts = path.split("/")
    return len(parts) <= MOST_PARTS and all(PLAIN.fullmatch(part) for part in parts)


def _is_possible(path: str) -> bool:
    """Whether a file may be downloaded at all."""
    is_model = PurePosixPath(path).suffix in SUFFIXES and path.split("/")[0] not in NOT_NEEDED
    return is_model and is_plain(path) and path != "inlay.json"


def _is_needed(path: str, is_pipeline: bool) -> bool:
    """A single file at the root of a pipeline's repository is a second copy of it all."""
    if not path.endswith(".safetensors"):
        return True
    return ("/" in path) == is_pipeline and not any(variant in path for variant in VARIANTS)
