"""A tiny real Kandinsky 2.2 with random weights: prior and decoder in one."""

from __future__ import annotations

import torch
from diffusers import (
    DDPMScheduler,
    KandinskyV22InpaintCombinedPipeline,
    PriorTransformer,
    UnCLIPScheduler,
    UNet2DConditionModel,
    VQModel,
)
from transformers import (
    CLIPImageProcessor,
    CLIPTextModelWithProjection,
    CLIPVisionConfig,
    CLIPVisionModelWithProjection,
)

from tests.engine.pipelines import tiny


def kandinsky() -> KandinskyV22InpaintCombinedPipeline:
    size = tiny.WIDTH
    unet = UNet2DConditionModel(
        in_channels=9,
        out_channels=8,
        sample_size=8,
        addition_embed_type="image",
        down_block_types=("ResnetDownsampleBlock2D", "SimpleCrossAttnDownBlock2D"),
        up_block_types=("SimpleCrossAttnUpBlock2D", "ResnetUpsampleBlock2D"),
        mid_block_type="UNetMidBlock2DSimpleCrossAttn",
        block_out_channels=(16, 32),
        layers_per_block=1,
        encoder_hid_dim=size,
        encoder_hid_dim_type="image_proj",
        cross_attention_dim=size,
        attention_head_dim=8,
        norm_num_groups=4,
        resnet_time_scale_shift="scale_shift",
    )
    movq = VQModel(
        block_out_channels=(32, 32, 32, 32),  # its norm has 32 groups always
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        latent_channels=4,
        norm_type="spatial",
        num_vq_embeddings=8,
        vq_embed_dim=4,
    )
    prior = PriorTransformer(
        num_attention_heads=2,
        attention_head_dim=16,
        num_layers=1,
        embedding_dim=size,
        num_embeddings=tiny.TOKENS,
        additional_embeddings=4,
    )
    prior.clip_std = torch.nn.Parameter(torch.ones(prior.clip_std.shape))
    eyes = CLIPVisionConfig(
        hidden_size=size,
        image_size=16,
        patch_size=8,
        projection_dim=size,
        intermediate_size=size,
        num_attention_heads=2,
        num_hidden_layers=1,
    )
    return KandinskyV22InpaintCombinedPipeline(
        unet=unet.eval(),
        scheduler=DDPMScheduler(
            beta_schedule="linear",
            beta_start=0.00085,
            beta_end=0.012,
            clip_sample=False,
            variance_type="learned_range",
        ),
        movq=movq.eval(),
        prior_prior=prior.eval(),
        prior_image_encoder=CLIPVisionModelWithProjection(eyes).eval(),
        prior_text_encoder=tiny.text_encoder(size, CLIPTextModelWithProjection),
        prior_tokenizer=tiny.tokenizer(),
        prior_scheduler=UnCLIPScheduler(variance_type="fixed_small_log", prediction_type="sample"),
        prior_image_processor=CLIPImageProcessor(size={"shortest_edge": 16}, crop_size=16),
    )
