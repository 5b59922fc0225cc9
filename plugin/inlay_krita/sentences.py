"""English sentences that arrive finished, from the engine or out of a document, in the painter's language.

The engine speaks English alone, and what is kept in documents stays as it was written. A sentence that is listed here
is recognised, whatever values stand in it; any other is shown as it came. A test compares the list with the engine's.
"""

from __future__ import annotations

import functools
import re
import string
from collections.abc import Iterable

from .translation import later, tr

# Titles of edits (state.title_of)
REMOVE = later("Remove {size}")
EXTEND = later("Extend to {size}")
BY_WORDS = {
    "replace": later("Replace: {prompt}"),
    "restyle": later("Restyle: {prompt}"),
    "instruct": later("Instruct: {prompt}"),
    "background": later("Background: {prompt}"),
}
EDITS = {  # what models do
    "remove": later("remove"),
    "replace": later("replace"),
    "restyle": later("restyle"),
    "instruct": later("edit"),
    "background": later("background"),
    "extend": later("extend"),
    "select": later("select"),
}
ALONE = (
    later("Remove"),
    later("Replace"),
    later("Restyle"),
    later("Instruct"),
    later("Background"),
    later("Result"),
    later("The edit failed."),
)
STAGES = (
    later("Loading {model}"),
    later("Step {step} of {count}"),
    later("Waiting for {host}"),
    later("Matching"),
    later("Done"),
)
PLANS = (
    later("Mask: the selection"),
    later("Mask: the selection, or else the whole picture"),
    later("Reads: a layer and what lies below it"),
    later("Reads: a layer alone; what is transparent in it stays so"),
    later("References: {count}"),
    later("Model: {model}"),
    later("LoRA: {name} at {weight}"),
    later("Sampler: {sampler}, with {count} steps, as {lora} is made for"),
    later("Sampler: {sampler}"),
    later("Embedding: {name}"),
    later("Guidance: {value}"),
    later("Tries: {count}, of which the best is kept"),
    later("Noise: near that of an earlier result"),
    later("Strength: {strength} over {count} steps"),
    later("Starts from: {infill}"),
    later("Afterwards: the seam, the colour beside it, and that nothing changed outside the mask"),
)
REFUSALS = (
    later("Nothing is selected."),
    later("Select something first."),
    later("The selection lies wholly outside the canvas."),
    later("Select something on the canvas."),
    later("Nothing is selected: the mask is 0 everywhere."),
    later("Everything is selected, and no pixel is left to work from."),
    later("Select less of the picture."),
    later("The selection is so faint that a feather of {feather} px leaves nothing of it."),
    later("Use a smaller feather."),
    later("The picture of what is to be kept is empty here."),
    later("Draw it where the selection is, or let it be read off the picture."),
    later("The {control} would be kept from {begin} of the steps until {end}: never."),
    later("Let it end later than it begins."),
    later("The layer is empty where the selection is."),
    later("Choose another layer, or let the edit read the whole picture."),
    later("The picture's {side} is {size} px, and Inlay works up to {most} px."),
    later("Crop or scale the picture, or edit it in parts."),
    later("The picture has one pixel, and there is nothing around it to work from."),
    later("Work on a larger picture."),
    later("{size} px were asked for at the {side}, and {most} px (+100 %) is the most at once."),
    later("Extend by less, then extend the result again."),
    later("The built-in fill cannot work here: {reason}."),
    later("Select something else."),
    later("No subject is selected: the mask is 0 everywhere."),
    later("Select what shall stay first."),
    later("Everything is selected, and no background is left to replace."),
    later("Select the subject alone."),
    later("The subject is selected too softly: no pixel is selected wholly, so none would stay as it is."),
    later("Select it with a smaller feather, so that its middle is selected wholly."),
    # selecting
    later("Select the thing roughly, then try again."),
    later("Everything that can be seen is selected, so nothing says what is not meant."),
    later("Select one thing roughly, with some room around it."),
    later("The picture has one colour there, so there is nothing to select."),
    later("Look whether the right layers are shown."),
    later("Nothing stands out there."),
    later("Click on the middle of the thing, draw a box around it, or select it roughly first."),
    later("Nothing on this machine finds things by words."),
    later("Install it with `inlay models install grounding-dino-tiny`, or click on the thing."),
    later("Click on the thing itself, or use words alone."),
    later("The point {x}, {y} is marked as on the thing and as beside it."),
    later("Take one of the two back."),
    # models
    later("No installed model can {edit}."),
    later("Install one with `inlay models install NAME`: {names}."),
    later("{model} needs words to {edit}."),
    later("Say what the picture shall show there."),
    later("{model} needs to know what the picture shows now."),
    later("Describe the picture as it is; then let the prompt say the same with other words."),
    later("`{setting}` was set, and the built-in fill has no such setting."),
    later("Leave it empty, or choose a model (`inlay models list` shows them)."),
    later("There is no LoRA called {name} on this machine."),
    later("Nothing on this machine puts pictures into words."),
    later("Install it with `inlay models install captioner`, or write the prompt yourself."),
    later("The model {model} ({family}) is not installed any more."),
    later("Install it again, or choose another model."),
    later("The model {model} does not load: {reason}"),
    later("`inlay models verify` tells which file is damaged; install it again, or choose another model."),
    later("Models need torch and diffusers."),
    later('Install them with: pip install "inlay[models]"'),
    later("{model} asked for {needed} GB, and {free} GB are free."),
    later("Close other programs that use the GPU, select less, or choose a smaller model."),
    later("The GPU stopped answering while {model} worked on it."),
    later("Start the engine again. If it happens again, restart the machine, or set INLAY_DEVICE=cpu."),
    # installing
    later("{model} needs {needed} and {free} are free in {folder}."),
    later("Free some space there, or let INLAY_HOME name a folder on another disk."),
    later("The disk with {folder} is full."),
    later("Free some space, and try again."),
    later("Free some space there, or let INLAY_HOME name a folder on another disk, and try again."),
    later("{model} is gated: its owner gives it to those who have accepted its licence ({licence})."),
    later("Accept the licence at {page}, then log in with `hf auth login` or set HF_TOKEN, and install it again."),
    later("{address} does not answer: {reason}."),
    later("{model} cannot be installed: HF_HUB_OFFLINE keeps the network out."),
    later("Take HF_HUB_OFFLINE out of the environment; what is installed works without the network."),
    later("Installing models needs huggingface_hub."),
    later("There is no {folder}."),
    later("Name a folder of models."),
    later("{folder} holds no model, LoRA, embedding or ControlNet."),
    later("Name a diffusers folder, a .safetensors file, or a folder that holds some."),
    # files (`inlay panel`)
    later("{file} does not exist: check the name."),
    later("{file} cannot be read ({reason}): check its permissions."),
    later("{file} is not a picture that Inlay reads: save it as one of {endings}."),
    later("{file} is no name that Inlay writes: end it in one of {endings}."),
    later("{file} could not be written ({reason}): free some space, or choose another folder."),
)
ENGINE = (*STAGES, *PLANS, *REFUSALS)
SIDES = (later("left"), later("top"), later("right"), later("bottom"), later("width"), later("height"))
WORDS = ("side", "edit")  # values that are words of the engine's: of SIDES, of EDITS
VALUE = "(.+?)"


def translated(text: str) -> str:
    """The sentence in the painter's language, its values as they are; itself where nobody has translated it."""
    whole = tr(text)
    if whole != text:
        return whole
    for pattern, names, template in _patterns():
        found = pattern.fullmatch(text)
        if found:
            values = zip(names, found.groups(), strict=True)
            return tr(template).format(**{name: tr(value) if name in WORDS else value for name, value in values})
    return text


def edits_text(edits: Iterable[str]) -> str:
    """What a model does, in a painter's words."""
    return tr(", ").join(tr(EDITS.get(edit, edit)) for edit in edits)


@functools.cache
def _patterns() -> tuple[tuple[re.Pattern[str], tuple[str, ...], str], ...]:
    """(what recognises it, the names of its values, the template) of each that is translated."""
    return tuple(
        (_pattern(template), _names(template), template)
        for template in (REMOVE, EXTEND, *BY_WORDS.values(), *ENGINE)
        if _names(template) and tr(template) != template
    )


def _names(template: str) -> tuple[str, ...]:
    return tuple(name for _, name, _, _ in string.Formatter().parse(template) if name)


def _pattern(template: str) -> re.Pattern[str]:
    """Matches all that a template can become."""
    parts = (re.escape(words) + (VALUE if name else "") for words, name, _, _ in string.Formatter().parse(template))
    return re.compile("".join(parts), re.DOTALL)
