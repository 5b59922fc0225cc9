"""What goes on top of a checkpoint, recognised by its tensors' names and shapes; also as diffusers itself saves it."""

import numpy as np
import pytest
from inlay.catalogue.adapters import recognise_adapter
from inlay.catalogue.installed import Catalogue
from inlay.catalogue.recognise import recognise
from inlay.catalogue.tensors import UnknownModelError
from inlay.config import Folders
from inlay.pipelines.models import AdapterKind
from safetensors.numpy import save_file

ATTENTION = "transformer_blocks.0.attn2.to_k"
KOHYA = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight"


def file(folder, name, **shapes):
    """A safetensors file of zeros with these tensors."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file({key: np.zeros(shape, np.float16) for key, shape in shapes.items()}, folder / f"{name}.safetensors")
    return folder / f"{name}.safetensors"


LORAS = [
    ({KOHYA: (4, 768)}, "sd1", 768),
    ({KOHYA: (4, 1024)}, "sd2", 1024),
    ({KOHYA: (4, 2048)}, "sdxl", 2048),
    ({KOHYA: (4, 48)}, "", 48),
    ({f"unet.down_blocks.1.attentions.0.{ATTENTION}.lora_A.weight": (4, 768)}, "sd1", 768),
    ({f"unet.down_blocks.1.attentions.0.{ATTENTION}.lora.down.weight": (4, 2048)}, "sdxl", 2048),
    ({"mid_block.attentions.0.transformer_blocks.0.attn2.processor.to_k_lora.down.weight": (4, 768)}, "sd1", 768),
    ({"lora_te2_text_model_encoder_layers_0_mlp_fc1.lora_down.weight": (4, 1280)}, "sdxl", None),
    ({"lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight": (4, 3072)}, "flux", None),
    ({"transformer.single_transformer_blocks.0.attn.to_q.lora_A.weight": (4, 3072)}, "flux", None),
    ({"transformer.transformer_blocks.18.attn.to_q.lora_A.weight": (4, 3072)}, "flux", None),
    ({"diffusion_model.single_blocks.0.linear1.lora_B.weight": (21504, 1)}, "flux", None),
    ({"diffusion_model.single_blocks.0.linear1.lora_B.weight": (27648, 1)}, "flux2", None),
    ({"diffusion_model.double_blocks.0.img_attn.qkv.lora_A.weight": (4, 4096)}, "flux2", None),
    ({"transformer.single_transformer_blocks.0.attn.to_qkv_mlp_proj.lora_A.weight": (4, 3072)}, "flux2", None),
    ({"transformer.transformer_blocks.0.attn.to_q.lora_A.weight": (4, 1536)}, "sd3", None),
    ({"transformer.transformer_blocks.59.attn.to_q.lora_A.weight": (4, 3072)}, "qwen", None),
    ({"transformer_blocks.0.img_mlp.net.0.proj.lora_A.weight": (4, 3072)}, "qwen", None),
    ({"diffusion_model.layers.0.attention.to_q.lora_A.weight": (4, 3840)}, "z-image", None),
]


@pytest.mark.parametrize(("shapes", "architecture", "width"), LORAS)
def test_loras_tell_what_they_were_made_for(tmp_path, shapes, architecture, width):
    adapter = recognise_adapter(file(tmp_path, "Watercolour v2", **shapes))
    assert (adapter.name, adapter.kind) == ("Watercolour v2", AdapterKind.LORA)
    assert (adapter.architecture, adapter.cross_attention_dim) == (architecture, width)


EMBEDDINGS = [
    ({"emb_params": (3, 768)}, "sd1", 768),
    ({"emb_params": (3, 32)}, "", 32),
    ({"clip_l": (2, 768), "clip_g": (2, 1280)}, "sdxl", 2048),
    ({"<cat-toy>": (768,)}, "sd1", 768),
    ({"<cat-toy>": (8, 1024)}, "sd2", 1024),
]


@pytest.mark.parametrize(("shapes", "architecture", "width"), EMBEDDINGS)
def test_embeddings_tell_what_they_were_made_for(tmp_path, shapes, architecture, width):
    adapter = recognise_adapter(file(tmp_path, "cat-toy", **shapes))
    assert (adapter.kind, adapter.architecture, adapter.cross_attention_dim) == ("embedding", architecture, width)


@pytest.mark.parametrize(
    "shapes",
    [
        {"conv.weight": (8, 4, 3, 3)},
        {"norm.weight": (320,)},
        {"table": (49408, 768)},
        {"a": (768,), "b": (768,)},
        {"lora_unet_mid.hada_w1_a": (4, 8)},
    ],
)
def test_other_files_are_no_adapters(tmp_path, shapes):
    assert recognise_adapter(file(tmp_path, "other", **shapes)) is None


@pytest.mark.parametrize(
    ("shapes", "reason"),
    [({KOHYA: (4, 768)}, "a LoRA"), ({"emb_params": (1, 768)}, "an embedding"), ({"x.hada_w1_a": (4, 8)}, "a LoHa")],
)
def test_as_a_checkpoint_an_adapter_is_refused_by_its_name(tmp_path, shapes, reason):
    with pytest.raises(UnknownModelError, match=f"style.safetensors is {reason}"):
        recognise(file(tmp_path, "style", **shapes))


def test_a_lora_that_diffusers_saved(tmp_path):
    peft = pytest.importorskip("peft")
    diffusers = pytest.importorskip("diffusers")
    from tests.engine.pipelines import tiny

    unet = tiny.unet(4, is_xl=False)
    unet.add_adapter(peft.LoraConfig(r=2, target_modules=["to_k", "to_q"]))
    layers = peft.get_peft_model_state_dict(unet)
    diffusers.StableDiffusionPipeline.save_lora_weights(
        str(tmp_path), unet_lora_layers=layers, weight_name="own.safetensors"
    )
    adapter = recognise_adapter(tmp_path / "own.safetensors")
    assert (adapter.kind, adapter.cross_attention_dim) == ("lora", tiny.WIDTH)


@pytest.fixture
def catalogue(tmp_path, monkeypatch):
    monkeypatch.setenv("INLAY_MODELS", str(tmp_path / "theirs"))
    return Catalogue(Folders.find({"INLAY_HOME": str(tmp_path / "home")}))


def test_the_catalogue_lists_them_from_the_folders_that_hold_models(catalogue, tmp_path):
    ours = file(catalogue.own / "loras", "ink", **{KOHYA: (4, 768)})
    file(tmp_path / "theirs" / "Lora", "ink", **{KOHYA: (4, 2048)})
    word = file(tmp_path / "theirs" / "embeddings", "cat-toy", emb_params=(1, 768))
    cut = file(tmp_path / "theirs" / "Lora", "cut", **{KOHYA: (4, 768)})
    cut.write_bytes(cut.read_bytes()[:-1])
    assert {(each.kind, each.path) for each in catalogue.adapters()} == {("lora", ours), ("embedding", word)}
    assert catalogue.installed() == ()


@pytest.mark.parametrize(
    ("folder", "purpose"),
    [("sd15-openpose", "pose"), ("control_v11f1p_sd15_depth", "depth"), ("canny", "lines"), ("tile", "")],
)
def test_control_nets_are_listed_with_their_purpose(catalogue, tmp_path, folder, purpose):
    diffusers = pytest.importorskip("diffusers")
    net = diffusers.ControlNetModel(
        block_out_channels=(16, 32),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        layers_per_block=1,
        norm_num_groups=4,
        cross_attention_dim=768,
        attention_head_dim=8,
        conditioning_embedding_out_channels=(8, 16),
    )
    net.save_pretrained(tmp_path / "theirs" / folder)
    (adapter,) = catalogue.adapters()
    assert (adapter.name, adapter.kind, adapter.path.name) == (folder, "controlnet", folder)
    assert (adapter.purpose, adapter.cross_attention_dim, adapter.architecture) == (purpose, 768, "sd1")
    assert catalogue.installed() == ()


def test_in_a_hubs_cache_the_repository_gives_the_name(catalogue, tmp_path):
    snapshot = tmp_path / "theirs" / "models--lllyasviel--sd-controlnet-depth" / "snapshots" / ("0" * 40)
    file(snapshot, "diffusion_pytorch_model", **{"conv.weight": (1, 1)})
    (snapshot / "config.json").write_text('{"_class_name": "ControlNetModel", "cross_attention_dim": 768}')
    (adapter,) = catalogue.adapters()
    assert (adapter.name, adapter.purpose) == ("sd-controlnet-depth", "depth")


def test_a_control_net_as_a_pickle_is_refused(tmp_path):
    (tmp_path / "config.json").write_text('{"_class_name": "ControlNetModel"}')
    (tmp_path / "diffusion_pytorch_model.bin").write_bytes(b"\x80\x04")
    with pytest.raises(UnknownModelError, match=r"without a \.safetensors file"):
        recognise_adapter(tmp_path)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff" * 64,
        b"\x02\0\0\0\0\0\0\0[]" + bytes(8),
        b"\x0b\0\0\0\0\0\0\0" + b'{"a": null}' + bytes(8),
        b"\x15\0\0\0\0\0\0\0" + b'{"a": {"dtype": "F"}}' + bytes(8),
    ],
)
def test_foreign_files_are_refused_whatever_they_hold(tmp_path, raw):
    (tmp_path / "odd.safetensors").write_bytes(raw)
    with pytest.raises(UnknownModelError, match="odd"):
        recognise_adapter(tmp_path / "odd.safetensors")
