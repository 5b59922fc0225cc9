"""Families whose loop is a pipeline of diffusers, on tiny real models of the same classes."""

from dataclasses import replace

import diffusers
import numpy as np
import pytest
import torch
from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit, pipeline_qwenimage_edit_plus
from inlay.catalogue.installed import Catalogue
from inlay.catalogue.recognise import recognise
from inlay.config import Folders
from inlay.edits.edit import EditError, Source
from inlay.edits.extend import ExtendEdit
from inlay.edits.instruct import InstructEdit
from inlay.edits.remove import RemoveEdit
from inlay.edits.replace import ReplaceEdit
from inlay.pipelines.card import Settings
from inlay.pipelines.families.kandinsky22_inpaint import Kandinsky22Inpaint
from inlay.pipelines.family import Cancelled, FamilyError
from inlay.pipelines.models import Model
from inlay.pipelines.parts.loading import parts_of
from inlay.pipelines.parts.sitting import Sitting
from inlay.pipelines.roster import Roster
from inlay.pipelines.shelf import Shelf
from inlay.pixels.latent_masks import latent_mask
from PIL import Image

from tests.engine.pipelines import tiny_transformers
from tests.engine.pipelines.conftest import Easel, picture

NATIVE_PX = 64  # of the tiny models: transformers do not tell the size that they were trained at
STEPS = 2

# model, family, edit: every way that such a checkpoint is used
WAYS = [
    ("tiny-flux-fill", "flux-fill", ReplaceEdit),
    ("tiny-flux-fill", "flux-fill", RemoveEdit),
    ("tiny-flux-kontext", "flux-kontext", InstructEdit),
    ("tiny-flux-kontext", "flux-kontext-inpaint", ReplaceEdit),
    ("tiny-klein", "flux2-klein", InstructEdit),
    ("tiny-klein", "flux2-klein-inpaint", ReplaceEdit),
    ("tiny-qwen-edit", "qwen-image-edit", InstructEdit),
    ("tiny-qwen-edit-plus", "qwen-image-edit-plus", InstructEdit),
    ("tiny-qwen", "qwen-image-inpaint", ReplaceEdit),
    ("tiny-z-image", "z-image-inpaint", ReplaceEdit),
    ("tiny-sd3", "sd3-inpaint", ReplaceEdit),
    ("tiny-kandinsky", "kandinsky22-inpaint", ReplaceEdit),
]
FAMILIES = {family: (model, kind) for model, family, kind in reversed(WAYS)}
CELLS = {"flux2-klein-inpaint": 16}  # pixels of a cell that is blended, where they are not 8
BLENDING = [family for family in FAMILIES if family.endswith("inpaint")]  # that keep the rest in latents


@pytest.fixture(autouse=True)
def exact(monkeypatch):
    """In full precision on every machine: two ways to the same picture are compared."""
    monkeypatch.setenv("INLAY_DTYPE", "float32")


@pytest.fixture(autouse=True)
def small_qwen(monkeypatch):
    """Qwen-Image-Edit works at a million pixels whatever it is asked for: at fewer, here."""
    for module in (pipeline_qwenimage_edit, pipeline_qwenimage_edit_plus):
        whole = module.calculate_dimensions
        small = lambda area, aspect, whole=whole: whole(NATIVE_PX**2, aspect)  # noqa: E731
        monkeypatch.setattr(module, "calculate_dimensions", small)


@pytest.fixture(scope="module")
def roster(tmp_path_factory):
    """Every tiny model, installed as users have them."""
    home = tmp_path_factory.mktemp("transformers")
    for name in tiny_transformers.MAKERS:
        tiny_transformers.save(home / "data" / "models" / name, name)
    catalogue = Catalogue(Folders(*(home / name for name in ("run", "data", "cache", "log"))))
    small = [replace(one, description=replace(one.description, native_px=NATIVE_PX)) for one in catalogue.installed()]
    return Roster(lambda: small, Shelf())


@pytest.fixture(scope="module")
def studio(roster):
    """A picture of an odd size with a hole in it."""
    mask = np.zeros((72, 88), np.uint8)
    mask[20:45, 30:61] = 255
    return Easel(roster, picture(), mask)


@pytest.fixture
def find(roster):
    """A family by its name, bound to its tiny model."""
    return lambda family: roster.find(FAMILIES[family][0], family)


@pytest.fixture
def count_runs():
    """Counts the runs of a loaded model's networks, by what they do."""
    hooks = []

    def counting(family):
        parts = parts_of(family.model, family.shelf)
        counts = {"text": 0, "encode": 0, "decode": 0, "denoise": 0}
        vae = parts.get("vae") or parts["movq"]
        watched = [(parts[name], "text") for name in parts if "encoder" in name and parts[name] is not None]
        watched += [(vae.encoder, "encode"), (vae.decoder, "decode")]
        watched += [(parts.get("transformer") or parts["unet"], "denoise")]
        for module, name in watched:
            hooks.append(module.register_forward_hook(lambda *_, name=name: counts.update({name: counts[name] + 1})))
        return counts

    yield counting
    for hook in hooks:
        hook.remove()


def edit_of(way, **more):
    model, family, kind = way
    return kind(model=model, family=family, prompt="a red boat", num_inference_steps=STEPS, **more)


def sitting(settings=None, seed=0, width=128, height=64):
    image = picture(height, width)[..., :3].astype(np.float32) / 255
    mask = np.zeros((height, width), np.float32)
    mask[16:40, 24:56] = 1
    return Sitting(image, mask, settings or Settings("a red boat", num_inference_steps=STEPS), seed)


def way_id(way):
    return f"{way[1]}-{way[2].kind}"


@pytest.mark.parametrize("way", WAYS, ids=way_id)
def test_every_way_repaints_the_hole_and_nothing_else(studio, way, make_listener):
    watch = make_listener()
    result = studio.perform(edit_of(way), watch)
    laid, inside = studio.laid(result), studio.mask > 0
    assert (laid[~inside] == studio.pixels[~inside]).all()
    assert (laid[inside] != studio.pixels[inside]).any()
    assert result.checks["outside"] == 0
    assert watch.fractions == sorted(watch.fractions)
    assert f"step {STEPS} of {STEPS}" in watch.messages
    assert watch.previews[0].shape[2] == 3


@pytest.mark.parametrize("family", FAMILIES)
def test_a_seed_says_all_and_another_costs_no_encoding(find, family, make_listener, count_runs):
    painter = find(family)
    once = painter.paint(sitting(), make_listener())
    counts = count_runs(painter)
    again = painter.paint(sitting(), make_listener())
    other = painter.paint(sitting(seed=1), make_listener())
    assert counts["text"] == counts["encode"] == 0
    assert counts["decode"] == 2
    assert (once == again).all()
    assert np.abs(once - other).mean() > 1e-3


@pytest.mark.parametrize("way", WAYS, ids=way_id)
def test_a_variation_is_nearer_than_another_seed(studio, way):
    edit = replace(edit_of(way, seed=3), tries=1) if way[2] is RemoveEdit else edit_of(way, seed=3)
    wanted = (edit, replace(edit, seed=4), replace(edit, variations=((4, 0.1),)), replace(edit, variations=((4, 1.0),)))
    ours, other, near, whole = (studio.perform(one).pixels.astype(int) for one in wanted)
    assert 0 < abs(near - ours).mean() < 0.5 * abs(other - ours).mean()
    assert abs(whole - other).mean() < 0.2 * abs(ours - other).mean()  # the grain alone is the first seed's


@pytest.mark.parametrize("family", FAMILIES)
def test_a_job_has_a_scheduler_of_its_own(find, family, make_listener):
    painter = find(family)
    painter.paint(sitting(), make_listener())
    parts = parts_of(painter.model, painter.shelf)
    schedulers = [part for name, part in parts.items() if name.endswith("scheduler")]
    assert schedulers
    assert all(getattr(one, "num_inference_steps", None) is None for one in schedulers)  # nobody has set their steps


@pytest.mark.parametrize("family", FAMILIES)
def test_the_picture_has_the_sittings_size(find, family, make_listener):
    painter = find(family)
    settings = Settings("a boat", num_inference_steps=1, guidance_scale=painter.card.guidance_scale.default)
    painted = painter.paint(sitting(settings, width=64, height=128), make_listener())
    assert painted.shape == (128, 64, 3)
    assert painted.dtype == np.float32
    assert 0 <= painted.min() < painted.max() <= 1


@pytest.mark.parametrize("family", FAMILIES)
def test_a_cancel_stops_within_a_step(find, family, make_listener, count_runs):
    painter = find(family)
    asked = sitting(Settings("a red boat", num_inference_steps=20))
    counts = count_runs(painter)
    with pytest.raises(Cancelled):
        painter.paint(asked, make_listener(cancel_after=3))  # told to when it has loaded and made two steps
    assert counts["denoise"] == 2
    assert counts["decode"] == 0
    with pytest.raises(Cancelled):
        painter.paint(asked, make_listener(cancel_after=1))
    assert counts["denoise"] == 2


def test_fill_extends_the_picture_and_old_pixels_stay(studio, make_listener):
    edit = ExtendEdit(model="tiny-flux-fill", prompt="a beach", num_inference_steps=STEPS, left_px=24)
    result = studio.perform(edit, make_listener())
    assert (result.box.x, result.box.width, result.box.height) == (-24, 24, 72)
    assert result.pixels[..., :3].std() > 0
    assert (result.pixels[..., 3] == 255).all()


@pytest.mark.parametrize("family", FAMILIES)
def test_a_card_says_whether_the_guidance_is_a_condition_of_the_model(find, family):
    painter = find(family)
    parts = parts_of(painter.model, painter.shelf)
    network = parts.get("transformer") or parts["unet"]
    assert painter.card.is_guidance_distilled is network.config.get("guidance_embeds", False)


@pytest.mark.parametrize("family", ["qwen-image-inpaint", "sd3-inpaint", "z-image-inpaint"])
def test_the_lowest_classifier_free_guidance_is_none(find, family, make_listener):
    """A negative prompt is heeded above it, and has no say at it."""
    painter = find(family)
    guidance = painter.card.guidance_scale

    def painted(scale, unwanted):
        asked = Settings("a red boat", unwanted, strength=0.8, guidance_scale=scale, num_inference_steps=STEPS)
        return painter.paint(sitting(asked), make_listener())

    assert (painted(guidance.lowest, "") == painted(guidance.lowest, "a blue boat")).all()
    assert (painted(4.0, "") != painted(4.0, "a blue boat")).any()


@pytest.mark.parametrize("family", ["flux2-klein", "flux2-klein-inpaint"])
def test_klein_is_guided_where_it_was_not_distilled(roster, family, make_listener, count_runs):
    distilled, base = (roster.find(model, family) for model in ("tiny-klein", "tiny-klein-base"))
    for painter, steps, guidance_scale, runs, words in ((distilled, 4, 1.0, 2, 1), (base, 50, 4.0, 4, 2)):
        assert painter.card.num_inference_steps.default == steps
        assert painter.card.guidance_scale.default == guidance_scale
        assert painter.card.has_negative_prompt == (painter.card.guidance_scale.highest > 1) == (painter is base)
        painter.paint(sitting(), make_listener())
        counts = count_runs(painter)
        painter.shelf.memo.forget(painter.model.id)
        painter.paint(sitting(Settings("a boat", num_inference_steps=2, guidance_scale=4.0)), make_listener())
        assert (counts["denoise"], counts["text"]) == (runs, words)


def test_klein_refuses_a_strip(find, make_listener):
    with pytest.raises(FamilyError) as refused:
        find("flux2-klein").paint(sitting(width=1024), make_listener())
    assert refused.value.fault.remedy


def test_kandinskys_prior_may_lie_beside_its_decoder(roster, make_listener):
    whole, decoder = (roster.find(f"tiny-kandinsky{part}", "kandinsky22-inpaint") for part in ("", "-decoder"))
    assert (whole.paint(sitting(), make_listener()) == decoder.paint(sitting(), make_listener())).all()


def test_kandinsky_without_its_prior_says_what_to_install(tmp_path, make_listener):
    folder = tiny_transformers.save(tmp_path / "models" / "alone", "tiny-kandinsky-decoder")
    painter = Kandinsky22Inpaint(Model("alone", folder, recognise(folder), 0), Shelf())
    with pytest.raises(FamilyError) as refused:
        painter.paint(sitting(), make_listener())
    assert refused.value.fault.code == "prior_missing"
    assert "kandinsky22-prior" in refused.value.fault.remedy


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_a_hair_beyond_white_is_white(find, family, make_listener):
    asked = sitting()
    image = asked.image.copy()
    image[:8, :8] = 1
    beyond = np.where(image == 1, np.float32(1.001), image)
    white, whiter = (find(family).paint(replace(asked, image=one), make_listener()) for one in (image, beyond))
    assert (white == whiter).all()


def test_another_sampler_is_refused(find, make_listener):
    asked = sitting(Settings("a boat", num_inference_steps=1, scheduler="ddim"))
    with pytest.raises(FamilyError) as refused:
        find("flux-fill").paint(asked, make_listener())
    assert refused.value.fault.field == "edit.scheduler"


def tensor(array):
    """(h, w) or (h, w, C) as (1, C, h, w)."""
    return torch.from_numpy(np.atleast_3d(array).transpose(2, 0, 1))[None]


def in_cells(mask, cell_px=8, inflate=1):
    return np.kron(latent_mask(mask, cell_px, inflate), np.ones((cell_px, cell_px), np.float32))


def bare(painter, asked, kind="", **arguments):
    """The pipeline's own call, as its model card writes it, on the same model, picture and seed."""
    made = getattr(diffusers, kind or painter.pipeline_class)
    pipeline = made.from_pretrained(str(painter.model.path), dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    usual = {
        "prompt": asked.settings.prompt,
        "image": tensor(asked.image),
        "num_inference_steps": asked.settings.num_inference_steps,
        "guidance_scale": asked.settings.guidance_scale,
        "width": asked.width,
        "height": asked.height,
        "generator": torch.Generator().manual_seed(asked.seed),
        "output_type": "np",
    }
    return pipeline(**usual | arguments).images[0]


def assert_alike(painter, asked, watch, **arguments):
    """A mask is handed over in cells; else the pipeline would take a pixel of each for all of it."""
    ours, theirs = painter.paint(asked, watch), bare(painter, asked, **arguments)
    assert np.abs(ours - theirs).mean() < 1e-5


SIZE = {"max_area": 128 * 64, "_auto_resize": False}  # what Kontext's pipelines must be told to leave a size alone
BARE = {  # what each pipeline is called with beside the usual
    "flux-kontext-inpaint": lambda asked: SIZE | {"mask_image": tensor(in_cells(asked.mask))},
    "flux2-klein": lambda asked: {"image": Image.fromarray(np.rint(asked.image * 255).astype(np.uint8))},
    "flux2-klein-inpaint": lambda asked: {"mask_image": tensor(in_cells(asked.mask, 16, 0))},
    "z-image-inpaint": lambda asked: {"mask_image": tensor(in_cells(asked.mask))},
    "qwen-image-inpaint": lambda asked: {
        "mask_image": tensor(in_cells(asked.mask)),
        "true_cfg_scale": asked.settings.guidance_scale,
        "negative_prompt": " ",
        "guidance_scale": None,
    },
    "kandinsky22-inpaint": lambda asked: {
        "kind": "KandinskyV22InpaintCombinedPipeline",
        "image": tensor(asked.image) * 2 - 1,
        "mask_image": tensor(in_cells(asked.mask, inflate=0)),
    },
}


@pytest.mark.parametrize("family", BARE)
def test_a_family_paints_what_the_bare_pipeline_paints(find, family, make_listener):
    asked = sitting(Settings("a red boat", num_inference_steps=3, guidance_scale=2.5, strength=1.0), seed=5)
    strength = {"strength": 1.0} if "inpaint" in family and "kandinsky" not in family else {}
    assert_alike(find(family), asked, make_listener(), **strength | BARE[family](asked))


@pytest.mark.parametrize("strength", [1.0, 0.6])
def test_fill_paints_what_the_bare_pipeline_paints(find, make_listener, strength):
    asked = sitting(Settings("a red boat", num_inference_steps=5, guidance_scale=30.0, strength=strength), seed=7)
    assert_alike(find("flux-fill"), asked, make_listener(), mask_image=tensor(asked.mask), strength=strength)


@pytest.mark.parametrize("negative_prompt", ["", "blurry"])
def test_kontext_paints_what_the_bare_pipeline_paints(find, make_listener, negative_prompt):
    asked = sitting(Settings("make it red", negative_prompt, num_inference_steps=4, guidance_scale=2.5), seed=3)
    negative = {"negative_prompt": negative_prompt, "true_cfg_scale": 2.0} if negative_prompt else {}
    assert_alike(find("flux-kontext"), asked, make_listener(), **SIZE, **negative)


@pytest.mark.parametrize("family", ["qwen-image-edit", "qwen-image-edit-plus"])
def test_qwen_looks_at_the_picture_while_it_reads(find, family, make_listener, count_runs):
    painter, asked = find(family), sitting()
    painter.paint(asked, make_listener())
    counts = count_runs(painter)
    painter.paint(replace(asked, image=asked.image[::-1].copy()), make_listener())
    assert counts["text"] == counts["encode"] == 1


def decoded_cells(painter, asked, watch):
    """The latents (C, h, w) that the VAE was given to decode."""
    seen = []
    parts = parts_of(painter.model, painter.shelf)
    vae = parts.get("vae") or parts["movq"]
    hook = vae.decoder.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    painter.paint(asked, watch)
    hook.remove()
    return seen[0].numpy().reshape(-1, *seen[0].shape[-2:])


@pytest.mark.parametrize("family", BLENDING)
def test_what_is_not_in_the_masks_cells_stays_the_picture_in_latents(find, family, make_listener):
    painter = find(family)
    asked = sitting()
    cells = decoded_cells(painter, asked, make_listener())
    other = decoded_cells(painter, asked.with_seed(1), make_listener())
    kept = np.abs(cells - other).max(axis=0) < 1e-5  # (h, w): the same whatever the noise is
    cell_px = CELLS.get(family, 8)
    patch = np.ones(np.divide(kept.shape, np.divide(asked.mask.shape, cell_px)).astype(int))
    touched, widened = (np.kron(latent_mask(asked.mask, cell_px, cells), patch) > 0 for cells in (0, int(cell_px == 8)))
    assert kept[~widened].all()
    assert not kept[touched].any()
    assert (kept & widened).sum() <= 2  # Kandinsky's pipeline forgets two corners


@pytest.mark.parametrize("family", BLENDING)
def test_where_nothing_is_masked_the_picture_goes_through_the_vae_and_no_further(find, family, make_listener):
    painter = find(family)
    asked = replace(sitting(), mask=np.zeros((64, 128), np.float32))
    painted = painter.paint(asked, make_listener())
    parts = parts_of(painter.model, painter.shelf)
    vae = parts.get("vae") or parts["movq"]
    pixels = torch.from_numpy(asked.image.transpose(2, 0, 1))[None] * 2 - 1
    pixels = pixels[:, :, None] if family.startswith("qwen") else pixels  # a film of one frame
    with torch.inference_mode():
        encoding = vae.encode(pixels)
        how = {"force_not_quantize": True} if family.startswith("kandinsky") else {}
        latents = encoding.latents if how else encoding.latent_dist.mode()
        back = vae.decode(latents, **how).sample.reshape(3, 64, 128)
    assert np.abs(painted - (back / 2 + 0.5).clamp(0, 1).permute(1, 2, 0).numpy()).max() < 1e-4


LOOKING = ["flux2-klein", "flux2-klein-inpaint", "flux-kontext-inpaint", "qwen-image-edit-plus"]


def with_reference(way, *references):
    """Done with pictures to be looked at, of the canvas' format: (h, w, 4) uint8."""

    def done(studio, **more):
        edit = edit_of(way, references=len(references), **more)
        plan = studio.plan(edit)
        read = plan.read_box.slices
        source = Source(studio.pixels[read], studio.mask[read], studio.canvas, references=references)
        return edit.perform(plan, source, studio.roster.find(plan.model, plan.family), Silent()).pixels

    return done


class Silent:
    def progress(self, fraction, message): ...

    def preview(self, rgb): ...

    def note(self, text): ...

    def is_cancelled(self):
        return False


@pytest.mark.parametrize("way", [way for way in WAYS if way[1] in LOOKING], ids=way_id)
def test_a_reference_is_looked_at_and_none_changes_nothing(studio, way):
    plain = studio.perform(edit_of(way)).pixels
    one, other = picture(40, 60, seed=8), picture(80, 64, seed=9)
    assert (with_reference(way, one)(studio) != plain).any()
    assert (with_reference(way, one)(studio) != with_reference(way, other)(studio)).any()
    assert (with_reference(way, one)(studio) == with_reference(way, one)(studio)).all()
    assert (with_reference(way)(studio) == plain).all()


@pytest.mark.parametrize("family", ["flux2-klein", "flux2-klein-inpaint", "flux-kontext-inpaint"])
def test_references_are_shown_as_the_bare_pipeline_is_shown_them(find, family, make_listener):
    reference = picture(64, 96, seed=8)[..., :3].astype(np.float32) / 255
    asked = sitting(Settings("a red boat", num_inference_steps=3, guidance_scale=2.5, strength=1.0), seed=5)
    shown = Image.fromarray(np.rint(reference * 255).astype(np.uint8))
    given = BARE[family](asked) | {"image_reference": shown}
    if family == "flux2-klein":
        given = {"image": [Image.fromarray(np.rint(asked.image * 255).astype(np.uint8)), shown]}
    strength = {"strength": 1.0} if "inpaint" in family else {}
    assert_alike(find(family), replace(asked, references=(reference,)), make_listener(), **strength | given)


def test_several_references_are_looked_at_in_their_order(studio):
    way = next(way for way in WAYS if way[1] == "flux2-klein")
    one, other = picture(40, 60, seed=8), picture(80, 64, seed=9)
    both = with_reference(way, one, other)(studio)
    assert (both != with_reference(way, other, one)(studio)).any()
    assert (both != with_reference(way, one)(studio)).any()


@pytest.mark.parametrize("family", FAMILIES)
def test_a_card_says_how_many_references_a_family_takes_and_more_are_refused(studio, find, family):
    most = find(family).card.references
    assert bool(most) == (family in LOOKING)
    way = next(way for way in WAYS if way[1] == family)
    with pytest.raises(EditError, match="other pictures were sent") as refused:
        studio.plan(edit_of(way, references=most + 1))
    assert refused.value.fault.field == "edit.references"


def test_where_nobody_is_named_one_that_takes_references_does_it(studio):
    asked = {"prompt": "a red boat", "references": 3, "num_inference_steps": STEPS}
    assert studio.plan(InstructEdit(**asked)).family == "flux2-klein"
    assert studio.plan(InstructEdit(**asked | {"references": 0})).family == "qwen-image-edit-plus"


def test_klein_refuses_a_reference_that_is_a_strip(find, make_listener):
    strip = np.zeros((64, 1024, 3), np.float32)
    with pytest.raises(FamilyError) as refused:
        find("flux2-klein").paint(replace(sitting(), references=(strip,)), make_listener())
    assert refused.value.fault.field == "references.0"
