"""History: what a document remembers of its runs, after saving and opening, too, and what can be done with each."""

import json
import os
import pathlib
import shlex
import subprocess
import time

import support
from inlay_krita import layers
from inlay_krita.history import FILLED, KEPT_AGAIN, LAYER_GONE, RUN_AGAIN
from inlay_krita.logbook import MOST_BYTES, RECIPES, THUMBNAILS
from inlay_krita.panel.history_section import RunRow, Thumbnail
from inlay_krita.qt import QtCore

FIRST, SECOND = (20, 20, 40, 30), (90, 60, 50, 40)


def main(t):
    t.docker("inlay")
    document = yield from support.new_document(t)
    yield lambda: t.find("inlay_run_button").isVisible()
    yield from two_runs(t, document)
    yield from kept_again(t, document)
    path = f"{t.out}/history.kra"
    document.saveAs(path)
    support.close(document)
    yield 0.3
    document = t.krita.openDocument(path)
    document.setBatchmode(True)
    t.krita.activeWindow().addView(document)
    yield lambda: len(rows(t)) == 2
    yield from reopened(t, document)
    yield from by_the_layer(t, document)
    yield from run_again_by_seed(t, document)
    yield from copied(t)
    support.close(document)
    yield 0.3
    t.check("no document, no history", rows(t) == [], len(rows(t)))
    yield from unreadable(t)
    yield from costs(t)


def rows(t):
    """What is listed, newest first."""
    section = t.find("inlay_history")
    found = [row for row in section.findChildren(RunRow) if row.isVisibleTo(section)]
    return sorted(found, key=lambda row: row.y())


def choose(t, row, name):
    """Choose from a row's menu, and wait for the end of it."""
    next(action for action in row.menu.actions() if action.objectName() == f"inlay_history_{name}").trigger()
    yield 0.1
    yield lambda: not support.session_of(t).works
    yield 0.3


def settled(t, said=""):
    """Nothing went wrong; and what the section says."""
    session = support.session_of(t)
    told = [notice.message for notice in session.notices if notice.is_error]
    return told == [] and session.history.said == said, (told, session.history.said)


def remove(t, document, box):
    yield from support.select(t, document, box, b"\xff" * (box[2] * box[3]))
    said = yield from support.run_action(t, "inlay_remove")
    t.check("removed", said == [], said)
    yield 0.3


def two_runs(t, document):
    """Each is listed with a picture of what came; the history is no part of undo."""
    yield from remove(t, document, FIRST)
    yield from remove(t, document, SECOND)
    listed = rows(t)
    t.check("two runs are listed", len(listed) == 2, len(listed))
    t.check("each with its picture", all(row.findChild(Thumbnail).has_picture for row in listed))
    layers = [past.layers[0] for past in support.session_of(t).history.runs()]
    nodes = [node.uniqueId().toString() for node in document.topLevelNodes() if node.name().startswith("Inlay: ")]
    t.check("each knows its layer", sorted(layers) == sorted(nodes), (layers, nodes))
    t.put("annotations", [len(document.annotation(name)) for name in (RECIPES, THUMBNAILS)])


def kept_again(t, document):
    """A run that was undone: its layer is gone, and it is laid in once more from what the engine has."""
    after = support.projection(document)
    undone = yield from support.press_until(t, "edit_undo", lambda: len(support.tree(document)) == 2)
    t.check("the history adds no undo step", undone, support.tree(document))
    before = support.projection(document)
    t.check("and stays after undo", len(rows(t)) == 2)
    yield from choose(t, rows(t)[0], "show")
    t.check("its layer is gone", *settled(t, LAYER_GONE))
    yield from choose(t, rows(t)[0], "keep")
    t.check("kept again by what the engine had", *settled(t, KEPT_AGAIN))
    t.check("the same picture", support.projection(document) == after)
    t.check("no further run is listed", len(rows(t)) == 2)
    undone = yield from support.press_until(t, "edit_undo", lambda: len(support.tree(document)) == 2)
    t.check("one undo step takes it away", undone and support.projection(document) == before)
    yield from support.press_until(t, "edit_redo", lambda: len(support.tree(document)) == 3)


def reopened(t, document):
    """The file remembers; a layer is found again by its id."""
    listed = rows(t)
    t.check("opened: two runs with pictures", all(row.findChild(Thumbnail).has_picture for row in listed), len(listed))
    document.setActiveNode(support.find(document, "Background"))
    yield 1.3
    t.check("another layer has no run", not t.find("inlay_layer_card").isVisible())
    yield from choose(t, listed[1], "show")
    name = document.activeNode().name()
    t.check("opened: the layer is shown", name == "Inlay: remove 40 x 30 px", name)
    yield from choose(t, listed[0], "keep")
    t.check("opened: kept again", *settled(t, KEPT_AGAIN))
    t.check("opened: one layer more", len(support.tree(document)) == 4, len(support.tree(document)))


def by_the_layer(t, document):
    """The active layer's run comes first, and is run again or changed by the mouse."""
    panel, card = t.find("inlay_panel"), t.find("inlay_layer_card")
    layer = support.find(document, "Inlay: remove 40 x 30 px")
    document.setActiveNode(layer.childNodes()[0])
    yield lambda: card.isVisible()
    panel.show_part(t.find("inlay_layer_again_button"))
    yield 0.3
    t.screenshot("layer")
    t.click(t.find("inlay_layer_again_button"))
    yield lambda: support.session_of(t).works
    yield lambda: not support.session_of(t).works
    yield 0.3
    t.check("again: no notice", *settled(t))
    seeds = [past.recipe["edit"]["seed"] for past in support.session_of(t).history.runs()]
    t.check("again: a third run, another seed", len(set(seeds)) == 3, seeds)
    t.krita.action("deselect").trigger()
    t.find("inlay_grow").setValue(7)
    document.setActiveNode(layer)
    yield 1.3
    panel.show_part(t.find("inlay_layer_change_button"))
    yield 0.3
    t.click(t.find("inlay_layer_change_button"))
    yield lambda: document.selection() is not None
    yield 0.3
    selected = document.selection()
    t.check(
        "change: the selection is back",
        (selected.x(), selected.y(), selected.width(), selected.height()) == FIRST,
        (selected.x(), selected.y(), selected.width(), selected.height()),
    )
    t.check("change: the settings are back", t.find("inlay_grow").value() == 0)
    t.check("change: said", *settled(t, FILLED))


def run_again_by_seed(t, document):
    """What the engine no longer has is made again."""
    past = support.session_of(t).history.runs()[-1]
    images = pathlib.Path(os.environ["INLAY_HOME"]) / "data" / "journal" / "images"
    for path in images.glob(f"{past.recipe['result']['pixels']}.*"):
        path.unlink()
    count = len(support.tree(document))
    old = bytes(support.find(document, "Inlay: remove 40 x 30 px").pixelData(*FIRST))
    yield from choose(t, rows(t)[-1], "keep")
    t.check("kept again by its seed", *settled(t, RUN_AGAIN))
    t.check("one layer more", len(support.tree(document)) == count + 1)
    newest = support.session_of(t).history.runs()[0]
    made = layers.by_id(document.rootNode(), newest.layers[0])
    t.check("the same pixels", bytes(made.pixelData(*FIRST)) == old)


def copied(t):
    """From the menu by the mouse, into the clipboard."""
    row = rows(t)[0]
    button = next(each for each in row.findChildren(t.QtWidgets.QToolButton) if each.menu() is not None)
    t.find("inlay_panel").show_part(row)
    yield 0.3
    t.click(button)
    yield lambda: row.menu.isVisible()
    yield 0.2
    t.screenshot("menu")
    action = next(each for each in row.menu.actions() if each.objectName() == "inlay_history_copy")
    point = row.menu.mapToGlobal(row.menu.actionGeometry(action).center())
    subprocess.run(["xdotool", "mousemove", str(point.x()), str(point.y()), "click", "1"], timeout=10, check=True)
    yield lambda: support.session_of(t).history.said.startswith("Copied.")
    words = shlex.split(t.QtWidgets.QApplication.clipboard().text())
    t.check("copied: a command", words[:2] == ["inlay", "remove"] and "--seed" in words, words)


def unreadable(t):
    """Annotations of a later version, and damaged ones, stay as they are; new runs are kept beside them."""
    for text in (b'{"version": 7, "runs": []}', b"[{", b" " * (MOST_BYTES + 1)):
        document = yield from support.new_document(t)
        document.setAnnotation(RECIPES, "", QtCore.QByteArray(text))
        yield from remove(t, document, FIRST)
        t.check("unreadable: the run is listed", len(rows(t)) == 1)
        t.check("unreadable: nothing is touched", bytes(document.annotation(RECIPES)) == text)
        said = t.find("inlay_history_problem")
        t.check("unreadable: said", said.isVisibleTo(t.find("inlay_history")) and "stays as it is" in said.text())
        support.close(document)
        yield 0.2


def costs(t):
    """A full history: how long it holds Krita's window."""
    document = yield from support.new_document(t)
    session = support.session_of(t)
    yield from remove(t, document, FIRST)
    recipe = json.loads(bytes(document.annotation(RECIPES)))[0]
    many = json.dumps([recipe] * ((MOST_BYTES - 4) // (len(json.dumps(recipe)) + 2))).encode()
    document.setAnnotation(RECIPES, "", QtCore.QByteArray(many))
    taken = {}
    history = session.history
    for name, act, times in (("first", history.runs, 1), ("next", history.runs, 5), ("glance", history.glance, 5)):
        taken[name] = min(milliseconds(act) for _ in range(times))
    past, book = history.runs()[0], history._book(session.canvas.document())
    for name in ("the first more", "the next more"):
        taken[name] = milliseconds(lambda: book.add(past.recipe, b"x" * 4000))
    t.put("milliseconds", {"runs": len(history.runs()), **taken})
    kept = len(document.annotation(RECIPES))
    t.check("bounded", 0.87 * MOST_BYTES < kept <= MOST_BYTES, kept)  # an eighth may have gone
    support.close(document)
    yield 0.2


def milliseconds(act):
    begun = time.perf_counter()
    act()
    return round(1000 * (time.perf_counter() - begun), 2)
