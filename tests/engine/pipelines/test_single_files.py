"""A checkpoint in one file is loaded without the network, with the configuration and the tokenizer that it lacks."""

import json
import socket

import pytest
import torch
from inlay.catalogue.installed import Catalogue
from inlay.config import Folders
from inlay.pipelines.card import Description
from inlay.pipelines.parts import blueprints
from inlay.pipelines.parts.loading import parts_of
from inlay.pipelines.shelf import Shelf

from tests.engine.pipelines.single_files import TINY_SD1, TINY_SDXL, save_single_file, tiny_parts


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*arguments, **named):
        raise AssertionError("somebody asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.parametrize("is_xl", [False, True])
@pytest.mark.parametrize("channels", [4, 8, 9])
def test_a_single_file_loads_offline_with_every_weight_in_its_place(tmp_path, monkeypatch, no_network, channels, is_xl):
    monkeypatch.setattr(blueprints, "SD1", TINY_SD1)
    monkeypatch.setattr(blueprints, "SDXL", TINY_SDXL)
    monkeypatch.setenv("INLAY_MODELS", str(tmp_path / "theirs"))
    saved = tiny_parts(channels, is_xl)
    save_single_file(tmp_path / "theirs" / "Deliberate v2.safetensors", saved)
    (model,) = Catalogue(Folders.find({"INLAY_HOME": str(tmp_path)})).installed()
    parts = parts_of(model, Shelf(budget_bytes=10**9))
    for name, network in saved.items():
        loaded = parts[name].state_dict()
        assert set(loaded) == set(network.state_dict())
        for key, tensor in network.state_dict().items():
            torch.testing.assert_close(loaded[key].float().cpu(), tensor, rtol=0.01, atol=0.01)
    assert parts["unet"].config.in_channels == channels
    assert parts["tokenizer"]("a photo of a cat").input_ids == [49406, 320, 1125, 539, 320, 2368, 49407]


PUBLISHED = {  # parameters, as the published models have them
    "unet": {False: 859_520_964, True: 2_567_463_684},
    "vae": {False: 83_653_863, True: 83_653_863},
    "text_encoder": {False: 123_060_480, True: 123_060_480},
    "text_encoder_2": {True: 694_659_840},
}


@pytest.mark.parametrize("is_xl", [False, True])
def test_the_networks_are_those_that_were_published(tmp_path, is_xl):
    accelerate = pytest.importorskip("accelerate")
    import diffusers
    import transformers

    name = "StableDiffusionXLPipeline" if is_xl else "StableDiffusionPipeline"
    blueprints.lay_out(Description(name, 4), tmp_path)
    for part, counts in PUBLISHED.items():
        if is_xl not in counts:
            continue
        library, kind = blueprints.CLASSES[part]
        config = json.loads((tmp_path / part / "config.json").read_text())
        with accelerate.init_empty_weights():
            if library == "diffusers":
                network = getattr(diffusers, kind).from_config(config)
            else:
                config.pop("_class_name")
                network = getattr(transformers, kind)(transformers.CLIPTextConfig(**config))
        assert sum(each.numel() for each in network.parameters()) == counts[is_xl]


@pytest.mark.parametrize(
    ("folder", "text", "numbers"),
    [
        ("tokenizer", "a photo of a cat", [49406, 320, 1125, 539, 320, 2368, 49407]),
        ("tokenizer_2", "a photo of a cat", [49406, 320, 1125, 539, 320, 2368, 49407]),
    ],
)
def test_the_tokenizer_is_clips(tmp_path, folder, text, numbers):
    from transformers import CLIPTokenizer

    blueprints.lay_out(Description("StableDiffusionXLPipeline", 4), tmp_path)
    tokenizer = CLIPTokenizer.from_pretrained(str(tmp_path / folder))
    assert tokenizer(text).input_ids == numbers
    assert (len(tokenizer), tokenizer.model_max_length) == (49408, 77)
    assert tokenizer.pad_token_id == (0 if folder == "tokenizer_2" else 49407)
