"""FLUX.2's tiny autoencoder with its real weights, on real photographs."""

from pathlib import Path

import numpy as np
import pytest
from inlay.pipelines.family import FamilyError
from inlay.pipelines.parts import taef2
from skimage import data

torch = pytest.importorskip("torch")
WEIGHTS = Path(__file__).parents[4] / "shared" / "weights"  # beside a checkout; they are not part of the project


@pytest.fixture(scope="module")
def halves():
    """The published state dicts."""
    paths = [WEIGHTS / f"taef2_{half}.pth" for half in ("encoder", "decoder")]
    if not all(path.exists() for path in paths):
        pytest.skip("the weights of TAEF2 are not here")
    return [torch.load(path, map_location="cpu", weights_only=True) for path in paths]


@pytest.fixture(scope="module")
def coder(halves):
    return taef2.of_weights(*halves)


def psnr(one, other):
    return -10 * np.log10(np.square(one - other).mean())


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea"])
def test_a_photograph_comes_back(coder, name):
    photo = getattr(data, name)()[:256, :256].astype(np.float32) / 255
    latents = coder.encoded(photo)
    assert latents.shape == (1, taef2.LATENT_CHANNELS, 32, 32)
    back = coder.decoded(latents)
    assert back.shape == photo.shape
    assert back.dtype == np.float32
    assert 25 < psnr(back, photo) < 40


def test_a_file_gives_what_the_state_dicts_give(coder, halves, tmp_path):
    from safetensors.torch import save_file

    names = ("encoder", "decoder")
    whole = {f"{name}.{key}": tensor for name, half in zip(names, halves, strict=True) for key, tensor in half.items()}
    save_file(whole, tmp_path / "taef2.safetensors")
    photo = data.chelsea()[:64, :96].astype(np.float32) / 255
    again = taef2.loaded(tmp_path / "taef2.safetensors")
    np.testing.assert_array_equal(again.decoded(again.encoded(photo)), coder.decoded(coder.encoded(photo)))


def test_half_precision_is_close(coder, halves):
    photo = data.coffee()[:64, :64].astype(np.float32) / 255
    rough = taef2.of_weights(*halves, dtype=torch.bfloat16)
    assert psnr(rough.decoded(rough.encoded(photo)), coder.decoded(coder.encoded(photo))) > 30


def test_another_checkpoint_is_refused(halves, tmp_path):
    from safetensors.torch import save_file

    encoder, decoder = halves
    for wrong in (
        {**encoder, "15.weight": encoder["14.weight"]},
        {k: v for k, v in encoder.items() if "pool" not in k},
    ):
        with pytest.raises(FamilyError, match="no TAEF2") as refusal:
            taef2.of_weights(wrong, decoder)
        assert refusal.value.fault.remedy
    save_file({"unet.weight": torch.zeros(1)}, tmp_path / "other.safetensors")
    (tmp_path / "cut.safetensors").write_bytes(b"\x00" * 5)
    for name in ("other", "cut", "missing"):
        with pytest.raises(FamilyError, match=f"{name}.safetensors is no TAEF2"):
            taef2.loaded(tmp_path / f"{name}.safetensors")
