"""A tiny BLIP with random weights, and a tokenizer of a few words."""

from pathlib import Path

import torch
from transformers import BertTokenizer, BlipConfig, BlipForConditionalGeneration, BlipTextConfig, BlipVisionConfig

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[DEC]", "a", "boat", "lake", "on", "the", "red", "sky", "hill", "tree"]


def save(folder: Path) -> Path:
    torch.manual_seed(5)
    sizes = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    text = BlipTextConfig(
        vocab_size=len(WORDS),
        encoder_hidden_size=16,
        projection_dim=16,
        max_position_embeddings=40,
        bos_token_id=4,
        eos_token_id=3,
        sep_token_id=3,
        pad_token_id=0,
        initializer_range=0.5,
        **sizes,
    )
    vision = BlipVisionConfig(image_size=32, patch_size=16, projection_dim=16, initializer_range=0.5, **sizes)
    config = BlipConfig(text_config=text.to_dict(), vision_config=vision.to_dict(), projection_dim=16)
    BlipForConditionalGeneration(config).eval().save_pretrained(str(folder), safe_serialization=True)
    BertTokenizer(vocab={word: number for number, word in enumerate(WORDS)}).save_pretrained(str(folder))
    return folder
