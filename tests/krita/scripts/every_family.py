"""Every family of models and every edit that it does, by the panel's fields and Krita's actions, on tiny models.

Of each: one layer, not a bit changed outside the selection, something inside, and one undo step (two where the canvas
grew).
"""

import time

import support
from inlay_krita.settings import ExtendSettings, Unit

SIZE = (160, 130)
BOX = (50, 40, 60, 50)
STEPS = 2
GROWN = (SIZE[0] + 24, SIZE[1] + 16)


def main(t):
    t.wait_limit = 120  # a busy machine loads torch for a while, and some families want a million pixels
    t.docker("inlay")
    session = support.session_of(t)
    document = yield from support.new_document(t)
    yield from support.select(t, document, BOX, b"\xff" * (BOX[2] * BOX[3]))
    yield from support.run_action(t, "inlay_remove")  # the engine is there now
    yield from support.press_until(t, "edit_undo", lambda: len(support.tree(document)) == 1)
    yield lambda: session.engine.models
    t.find("inlay_prompt").setPlainText("a red barn")
    t.find("inlay_source_prompt").setPlainText("a barn")
    t.find("inlay_steps").setValue(STEPS)
    seconds = {}
    for model in session.engine.models:
        for use in model.uses:
            for kind in use.edits:
                if (use.family, kind) not in seconds:
                    began = time.monotonic()
                    yield from way(t, document, model.id, use, kind)
                    seconds[use.family, kind] = time.monotonic() - began
    t.put("ways", list(seconds))
    t.put("seconds", {" ".join(way): round(told, 1) for way, told in seconds.items()})


def way(t, document, model, use, kind):
    """One way in which a model does an edit."""
    choose_for(t, kind, model, use)
    steps = extended if kind == "extend" else edited
    recipe = yield from steps(t, document, f"{use.family} {kind}", f"inlay_{kind}")
    t.check(f"{use.family} {kind}: by this family", recipe.get("family") == use.family, recipe.get("family"))
    is_its_own = use.controls or recipe.get("model") == model
    t.check(f"{use.family} {kind}: by this model", is_its_own, recipe.get("model"))


def choose_for(t, kind, model, use):
    """Set the panel as a painter would. A ControlNet fits some models only: the plan finds one."""
    if kind in ("remove", "extend"):
        return choose(t, f"inlay_{kind}_model", model)
    choose(t, "inlay_model", "" if use.controls else model)
    choose(t, "inlay_family", "" if use.controls else use.family)
    choose(t, "inlay_control", "depth" if use.controls else "")


def choose(t, name, wanted):
    chooser = t.find(name)
    row = chooser.findData(wanted)
    t.check(f"{name} offers {wanted or 'what it begins with'}", row >= 0)
    chooser.setCurrentIndex(max(row, 0))


def edited(t, document, name, action):
    """One edit of the selection; gives its recipe."""
    before = support.projection(document)
    said = yield from support.run_action(t, action)
    t.check(f"{name}: no notice", said == [], said)
    if said:
        return {}
    after = support.projection(document)
    t.check(f"{name}: not a bit outside", around(before) == around(after))
    t.check(f"{name}: something inside", before != after)
    recipe = newest(t, name)
    undone = yield from support.press_until(t, "edit_undo", lambda: len(support.tree(document)) == 1)
    t.check(f"{name}: one undo step", undone and support.projection(document) == before)
    return recipe


def extended(t, document, name, action):
    """The canvas grows; gives the recipe."""
    session = support.session_of(t)
    before, model = support.projection(document), session.extend_settings.model
    session.extend_settings = ExtendSettings(
        Unit.PIXELS, right=GROWN[0] - SIZE[0], bottom=GROWN[1] - SIZE[1], model=model
    )
    said = yield from support.run_action(t, action)
    t.check(f"{name}: no notice", said == [], said)
    if said:
        return {}
    t.check(f"{name}: size", (document.width(), document.height()) == GROWN, (document.width(), document.height()))
    t.check(f"{name}: nothing is left empty", min(support.projection(document)[3::4]) == 255)
    recipe = newest(t, name)

    def is_as_before():
        return document.width() == SIZE[0] and len(support.tree(document)) == 1

    undone = yield from support.press_until(t, "edit_undo", is_as_before)
    t.check(f"{name}: undone", undone and support.projection(document) == before)
    return recipe


def newest(t, name):
    """The recipe of the newest result."""
    recipe = support.recipes(t)[-1]
    t.check(f"{name}: measured, and nothing outside", recipe["checks"]["outside"] == 0, recipe["checks"])
    return recipe


def around(raw):
    """All pixels outside the box, of a document of that size with 4 bytes a pixel."""
    x, y, width, height = BOX
    row = 4 * SIZE[0]
    rows = [raw[i * row : (i + 1) * row] for i in range(SIZE[1])]
    return [line if not y <= i < y + height else line[: 4 * x] + line[4 * (x + width) :] for i, line in enumerate(rows)]
