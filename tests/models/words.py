"""A tokenizer of our own: each word of the drawn world is one token, any other word falls into letters."""

from __future__ import annotations

import json
import string

from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import CLIPTokenizer

from tests.models.world import WORDS

LENGTH = 14  # tokens of a prompt, with its start and end
START, END, PAD, UNKNOWN = "<s>", "</s>", "<pad>", "<unk>"


def tokenizer() -> CLIPTokenizer:
    """Byte pairs, learned from the words alone until nothing is left to join."""
    letters = [*string.ascii_lowercase, *string.digits, *".,'-"]
    learned = Tokenizer(models.BPE(unk_token=UNKNOWN, end_of_word_suffix="</w>"))
    learned.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.BpeTrainer(
        vocab_size=4096,
        special_tokens=[PAD, START, END, UNKNOWN],
        initial_alphabet=letters,
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    learned.train_from_iterator([*WORDS, *letters], trainer)
    told = json.loads(learned.to_str())["model"]
    joined = list(dict.fromkeys("".join(pair) for pair in told["merges"]))
    single = sorted(told["vocab"].keys() - {PAD, START, END, UNKNOWN, *joined}, key=lambda piece: (len(piece), piece))
    pieces = [PAD, START, END, UNKNOWN, *single, *joined]  # the trainer numbers single letters anew at each run
    return CLIPTokenizer(
        vocab={piece: number for number, piece in enumerate(pieces)},
        merges=[tuple(pair) for pair in told["merges"]],
        unk_token=UNKNOWN,
        bos_token=START,
        eos_token=END,
        pad_token=PAD,
        model_max_length=LENGTH,
    )
