"""Every kind of edit by a model, through Krita's actions: the contract, what is refused, cancel, and what is kept.

Begins without models; then those that wait in INLAY_HOME/later are installed: tiny ones with random weights, and "toy",
which knows coloured shapes, where there is one.
"""

import json
import os
import pathlib

import support
from inlay_krita.settings import ExtendSettings, Unit

SIZE = (160, 130)
BOX = (50, 40, 60, 50)
LARGE = (640, 480)
HOME = pathlib.Path(os.environ["INLAY_HOME"])


def main(t):
    t.wait_limit = 120  # a busy machine loads torch for a while
    t.docker("inlay")
    yield from nothing_installed(t)
    yield from installed(t)
    document = yield from support.new_document(t)
    yield from support.select(t, document, BOX, soft(*BOX[2:]))
    yield from typed(t)
    yield from refused(t, document)
    selection = bytes(document.selection().pixelData(0, 0, *SIZE))
    inverse = bytes(255 - value for value in selection)
    yield from edited(t, document, "replace", "a red barn", selection)
    yield from edited(t, document, "restyle", "an oil painting", selection)
    yield from edited(t, document, "instruct", "make it sunset", selection)
    yield from edited(t, document, "background", "a beach", inverse)
    yield from removed(t, document, selection)
    yield from whole_picture(t, document)
    yield from kept(t)
    yield from shut(t, document)
    yield from extended(t)
    yield from cancelled(t)
    if (HOME / "data" / "models" / "toy").exists():
        yield from meant(t)
    t.put("toy", (HOME / "data" / "models" / "toy").exists())


def shut(t, document):
    """WORKAROUND Krita 5.1: it crashes when a document is closed while it still outlines a new selection."""
    t.krita.action("deselect").trigger()
    yield 0.4
    support.close(document)
    yield 0.3


def soft(width, height):
    """Coverage that rises from 0 at the left, and is full from the 22nd column on."""
    return bytes(min(255, 12 * x) for x in range(width)) * height


def choose(t, name, model):
    """Choose a model in one of the panel's lists, by its id."""
    chooser = t.find(name)
    row = chooser.findData(model)
    t.check(f"{name} offers {model or 'Automatic'}", row >= 0)
    chooser.setCurrentIndex(max(row, 0))


def nothing_installed(t):
    """The panel says which model would do it, and how large it is."""
    document = yield from support.new_document(t)
    yield from support.select(t, document, BOX, b"\xff" * 3000)
    session = support.session_of(t)
    t.find("inlay_prompt").setPlainText("a red barn")
    for kind in ("replace", "restyle", "instruct", "background"):
        t.krita.action(f"inlay_{kind}").trigger()
        yield lambda: session.notices
        (notice,) = session.notices
        t.check(f"no model: {kind} says so", f"No installed model can {kind}." in notice.message, notice.message)
        is_told = "inlay models install" in notice.remedy and " GB)" in notice.remedy
        t.check(f"no model: {kind} says what would, and its size", is_told, notice.remedy)
        t.check(f"no model: {kind} leaves the picture alone", len(support.tree(document)) == 1)
        if kind == "replace":
            yield 0.3
            t.screenshot("no_model")
        t.check(f"no model: {kind} offers to show them", notice.action == "Show models", notice.action)
        session.dismiss(notice)
    yield lambda: session.engine.models == []
    is_told = t.find("inlay_show_models_button").isVisibleTo(t.find("inlay_panel"))
    t.check("no model: the button says so", is_told and not t.find("inlay_run_button").isEnabled())
    yield from library(t)
    yield from shut(t, document)


def library(t):
    """What could be installed is listed in the panel, once it is asked for."""
    session = support.session_of(t)
    t.check("no models are asked for before", session.library.models is None)
    t.find("inlay_panel").show_part(t.find("inlay_show_models_button"))
    yield 0.3
    t.click(t.find("inlay_show_models_button"))
    yield lambda: session.library.models
    yield 0.5
    t.screenshot("models")
    shown = t.find("inlay_panel").findChildren(type(t.find("inlay_listed_model")), "inlay_listed_model")
    t.check("every model that can be installed has a row", len(shown) == len(session.library.models) > 10, len(shown))
    t.check("they are large, and say so", all(row.facts.text().count("\N{NO-BREAK SPACE}") for row in shown))
    t.find("inlay_panel").show_page("edit")
    yield 0.2


def installed(t):
    """New models are seen by the next engine, and by the panel when that has answered."""
    session = support.session_of(t)
    (HOME / "later").rename(HOME / "data" / "models")
    (HOME / "kill").touch()
    yield lambda: not (HOME / "kill").exists()
    document = yield from support.new_document(t)
    yield from support.select(t, document, BOX, b"\xff" * 3000)
    yield from support.run_action(t, "inlay_remove")
    yield from shut(t, document)
    session.look()
    yield lambda: session.engine.models
    yield lambda: t.find("inlay_model").findData("tiny-inpaint") > 0


def typed(t):
    """On the real keyboard: letters that are shortcuts of Krita's stay in the prompt."""
    prompt = t.find("inlay_prompt")
    t.find("inlay_panel").show_part(prompt)
    prompt.setPlainText("")
    yield 0.3
    t.click(prompt)
    yield 0.3
    t.type("a big red barn, e b 5 x")
    yield lambda: support.session_of(t).prompt_settings.prompt == "a big red barn, e b 5 x"
    t.check("what was typed is in the prompt alone", True)


def refused(t, document):
    """No words where they are needed."""
    for words in ("", " \n "):
        t.find("inlay_prompt").setPlainText(words)
        said = yield from support.run_action(t, "inlay_replace")
        t.check(f"empty prompt {words!r}: said", len(said) == 1 and "needs words" in said[0], said)
    choose(t, "inlay_model", "tiny-pix2pix")
    t.find("inlay_prompt").setPlainText("a barn")
    said = yield from support.run_action(t, "inlay_replace")
    t.check("a model that does something else: said", len(said) == 1 and "cannot replace" in said[0], said)
    choose(t, "inlay_model", "")
    t.check("refused: nothing was laid in", len(support.tree(document)) == 1 and not support.recipes(t))


def edited(t, document, kind, prompt, mask):
    """One edit by its action, with the prompt of the panel. mask: what may change, byte for byte."""
    t.find("inlay_prompt").setPlainText(prompt)
    yield from one_layer(t, document, kind, f"Inlay: {kind} {prompt}", mask)
    recipe = support.recipes(t)[-1]
    t.check(f"{kind}: the recipe has the prompt", recipe["edit"]["prompt"] == prompt, recipe["edit"])


def one_layer(t, document, kind, name, mask):
    """The contract of every edit of a selection."""
    session = support.session_of(t)
    before, count = support.projection(document), len(support.recipes(t))
    had = document.selection()
    selection = bytes(had.pixelData(0, 0, *SIZE)) if had else None
    said = yield from support.run_action(t, f"inlay_{kind}")
    t.check(f"{kind}: no notice", said == [], said)
    after = support.projection(document)
    layer = document.topLevelNodes()[1]
    t.check(f"{kind}: the layer and its name", layer.name() == name, support.tree(document))
    pasted = bytes(layer.childNodes()[0].pixelData(0, 0, *SIZE))
    t.check(f"{kind}: the mask is what may change", pasted == mask)
    spilled, changed = differences(before, after, pasted)
    t.check(f"{kind}: not a bit outside", spilled == 0, spilled)
    t.check(f"{kind}: something inside", changed > 0)
    now = document.selection()
    t.check(f"{kind}: the selection stays", (bytes(now.pixelData(0, 0, *SIZE)) if now else None) == selection)
    check_recipe(t, kind, support.recipes(t)[count:])
    checks = support.recipes(t)[-1]["checks"]
    t.check(f"{kind}: the checks are kept", checks.get("outside") == 0 and "seam" in checks, checks)
    if kind == "replace":
        yield 0.3
        t.screenshot("replaced")
    undone = yield from support.press_until(t, "edit_undo", lambda: len(support.tree(document)) == 1)
    t.check(f"{kind}: one undo step", undone and support.projection(document) == before)
    t.check(f"{kind}: nothing under way", not session.works and not session.parcels)


def check_recipe(t, kind, new):
    """One recipe more, with all that is needed to run it again."""
    if not t.check(f"{kind}: one recipe more", len(new) == 1, new):
        return
    edit, plan = new[0]["edit"], new[0]["plan"]
    t.check(f"{kind}: kind and seed are kept", edit["kind"] == kind and edit["seed"] > 0, edit)
    is_named = plan["model"].startswith("tiny") and plan["settings"] and plan["checklist"]
    t.check(f"{kind}: model and settings are kept", is_named, plan["model"])


def differences(before, after, mask):
    """(pixels changed where the mask is 0, pixels changed elsewhere); pixels of 4 bytes."""
    changed = [before[4 * i : 4 * i + 4] != after[4 * i : 4 * i + 4] for i in range(len(mask))]
    return (
        sum(is_new for is_new, a in zip(changed, mask, strict=True) if a == 0),
        sum(is_new for is_new, a in zip(changed, mask, strict=True) if a),
    )


def removed(t, document, selection):
    """Remove by a model that the painter chose."""
    choose(t, "inlay_remove_model", "tiny-inpaint")
    yield from one_layer(t, document, "remove", "Inlay: remove 59 x 50 px", selection)
    choose(t, "inlay_remove_model", "")


def whole_picture(t, document):
    """Told without a selection, the whole picture is changed."""
    t.krita.action("deselect").trigger()
    yield lambda: document.selection() is None
    t.find("inlay_prompt").setPlainText("make it winter")
    yield from one_layer(t, document, "instruct", "Inlay: instruct make it winter", b"\xff" * (SIZE[0] * SIZE[1]))


def extended(t):
    """Extend by a model: the old picture stays where the mask is 0."""
    document = yield from support.new_document(t)
    before = support.projection(document)
    session = support.session_of(t)
    choose(t, "inlay_extend_model", "tiny-inpaint")
    session.extend_settings = ExtendSettings(Unit.PIXELS, left=24, right=40, model=session.extend_settings.model)
    said = yield from support.run_action(t, "inlay_extend")
    t.check("extend: no notice", said == [], said)
    t.check("extend: size", (document.width(), document.height()) == (224, 130), (document.width(), document.height()))
    t.check("extend: nothing is left empty", min(support.projection(document)[3::4]) == 255)
    mask = bytes(document.topLevelNodes()[1].childNodes()[0].pixelData(24, 0, *SIZE))
    spilled, _ = differences(before, bytes(document.pixelData(24, 0, *SIZE)), mask)
    t.check("extend: the old picture is bit-identical where the mask is 0", spilled == 0, spilled)
    check_recipe(t, "extend", support.recipes(t))
    for _ in range(2):
        count = (len(support.tree(document)), document.width())
        yield from support.press_until(
            t, "edit_undo", lambda count=count: (len(support.tree(document)), document.width()) != count
        )
    t.check("extend: two undo steps", support.projection(document) == before and document.width() == SIZE[0])
    choose(t, "inlay_extend_model", "")
    yield from shut(t, document)


def cancelled(t):
    """In the middle of a model's steps: nothing is left, and the next edit works."""
    document = yield from support.new_document(t, size=LARGE, flat=True)
    session = support.session_of(t)
    yield from support.select(t, document, (100, 80, 400, 300), b"\xff" * 120000)
    t.find("inlay_prompt").setPlainText("a red barn")
    t.krita.action("inlay_replace").trigger()
    yield lambda: session.works and session.works[0].fraction
    t.check("cancel: before the end", session.works[0].fraction < 1, session.works[0].fraction)
    t.krita.action("inlay_cancel").trigger()
    yield lambda: not session.works
    yield 1.0
    t.check("cancel: no layer", len(support.tree(document)) == 1, support.tree(document))
    t.check("cancel: no notice, no recipe", not session.notices and not support.recipes(t))
    said = yield from support.run_action(t, "inlay_replace")
    t.check("cancel: the next edit works", said == [] and len(support.tree(document)) == 2, said)
    yield 0.3
    t.screenshot("after_cancel")
    yield from shut(t, document)


def kept(t):
    """The settings are in Krita's configuration as soon as an edit begins, and no prompt is."""
    t.find("inlay_strength").setValue(55)
    t.find("inlay_grow").setValue(3)
    t.krita.action("inlay_instruct").trigger()
    text = t.krita.readSetting("inlay", "panel", "")
    told = json.loads(text)
    t.check("strength is kept", told["PromptSettings"]["strength_percent"] == 55, text)
    t.check("grow is kept", told["RemoveSettings"]["grow_px"] == 3, text)
    t.check("the models are kept", "tiny-inpaint" in [model["id"] for model in told["models"]], text)
    t.check("no prompt is kept", "winter" not in text, text)
    t.find("inlay_strength").setValue(0)
    t.find("inlay_grow").setValue(0)
    t.krita.action("inlay_cancel").trigger()
    yield lambda: not support.session_of(t).works


def meant(t):
    """A trained model paints what was said: more red in the selection after "a red circle" than around it."""
    choose(t, "inlay_model", "toy")
    document = yield from support.new_document(t, size=(64, 64), flat=True)
    box = (18, 18, 28, 28)
    yield from support.select(t, document, box, b"\xff" * (28 * 28))
    redness = {}
    for colour in ("red", "blue"):
        t.find("inlay_prompt").setPlainText(f"a {colour} circle")
        said = yield from support.run_action(t, "inlay_replace")
        t.check(f"toy: {colour}: no notice", said == [], said)
        document.waitForDone()
        middle = bytes(document.pixelData(26, 26, 12, 12))
        redness[colour] = (sum(middle[2::4]) - sum(middle[0::4])) / 144  # BGRA
        t.screenshot(f"toy_{colour}")
        yield from support.press_until(t, "edit_undo", lambda: len(support.tree(document)) == 1)
    t.put("toy: red less blue, of 255", redness)
    t.check("toy: the colour that was said", redness["red"] > 30 and redness["blue"] < -30, redness)
    choose(t, "inlay_model", "")
    yield from shut(t, document)
