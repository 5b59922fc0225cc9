"""A tiny real model, a hub that offers it, and a user's empty folders."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from inlay.catalogue.hub import Hub
from inlay.catalogue.installed import Catalogue
from inlay.config import Folders
from inlay.pipelines.card import Offer

from tests.engine.catalogue.loopback_hub import REPOSITORY, LoopbackHub, serving


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A 9-channel pipeline as it lies on a hub: beside it what nobody needs and what nobody should run."""
    from tests.engine.pipelines import tiny

    folder = tiny.save(tmp_path_factory.mktemp("hub") / "model", 9)
    (folder / "README.md").write_text("# Tiny")
    (folder / "pipeline.py").write_text("raise SystemExit")
    (folder / "unet" / "diffusion_pytorch_model.bin").write_bytes(b"\x80\x04.")
    (folder / "sd-v1-5-inpainting.safetensors").write_bytes(bytes(64))
    (folder / "safety_checker").mkdir()
    (folder / "safety_checker" / "model.safetensors").write_bytes(bytes(64))
    return folder


@pytest.fixture
def hub(published: Path) -> Iterator[LoopbackHub]:
    with serving(published) as hub:
        yield hub


@pytest.fixture
def door(hub: LoopbackHub) -> Hub:
    """How Inlay asks that hub; impatient."""
    return Hub(hub.endpoint, timeout_s=5.0, pause_s=0.0)


@pytest.fixture
def offer() -> Offer:
    return Offer("tiny-inpaint", "Tiny inpainting", REPOSITORY, "main", 300_000, "MIT", "https://example.org/licence")


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    monkeypatch.delenv("INLAY_MODELS", raising=False)
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return Catalogue(Folders.find({"INLAY_HOME": str(tmp_path / "home")}))
