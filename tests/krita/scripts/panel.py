"""The docker and the actions over a real engine: INLAY_HOME names its folder, or INLAY_ENGINE its command."""

import subprocess
import time

from inlay_krita.wire import InstalledAdapter
from support import close, new_document, select

LARGE = (1500, 1100)


def session_of(t):
    """The one session of this Krita."""
    return t.find("inlay_panel").session


def layers(document):
    """Names of the top layers, the lowest first, without the selection."""
    return [node.name() for node in document.topLevelNodes() if not node.type().endswith("mask")]


def outside(document, box):
    """The projection's rows above and below a box, and its columns beside it."""
    x, y, width, height = box
    whole = document.width(), document.height()
    parts = (
        (0, 0, whole[0], y),
        (0, y + height, whole[0], whole[1] - y - height),
        (0, y, x, height),
        (x + width, y, whole[0] - x - width, height),
    )
    document.waitForDone()
    return [bytes(document.pixelData(*part)) for part in parts]


def press(t, name):
    """Scroll to a button and click it with the mouse."""
    button = t.find(name)
    t.find("inlay_panel").show_part(button)
    yield 0.2
    t.click(button)


def shut(t, document):
    """Close a document as a painter would. WORKAROUND Krita 5.1: it crashes while it still outlines a new selection."""
    t.krita.action("deselect").trigger()
    yield 0.4
    close(document)
    yield 0.3


def main(t):
    yield from actions(t)
    yield from remove(t)
    yield from nothing_selected(t)
    yield from by_keyboard(t)
    yield from styles(t)
    yield from extend(t)
    yield from drawing(t)
    yield from hidden(t)
    yield from second_window(t)
    yield from closed_meanwhile(t)
    yield from cancel(t)


def actions(t):
    """Registered for shortcuts, and useless without a picture."""
    for name in ("inlay_remove", "inlay_extend", "inlay_cancel"):
        action = t.krita.action(name)
        t.check(f"{name} is an action", action is not None and action.text().startswith("Inlay: "))
        t.check(f"{name} has its .action file", action.toolTip() not in ("", action.text()), action.toolTip())
        t.check(f"{name} has an icon", not action.icon().pixmap(16, 16).isNull())
    t.check("remove needs a picture", not t.krita.action("inlay_remove").isEnabled())
    yield 0


def remove(t):
    """With the mouse: one layer, one undo step, nothing else."""
    document = yield from new_document(t)
    box = (40, 30, 50, 40)
    yield from select(t, document, box, b"\xff" * (50 * 40))
    t.check("the docker is there", t.docker("inlay") is not None)
    yield lambda: t.find("inlay_run_button").isEnabled()
    t.check("the button says what it will do", t.find("inlay_run_button").text() == "Remove")
    t.check("the engine line is there", t.find("inlay_engine").isVisible())
    before, names = outside(document, box), layers(document)
    session = session_of(t)
    yield from press(t, "inlay_run_button")
    yield lambda: session.works or session.notices
    yield lambda: not session.works
    t.check("no notice", session.notices == [], [notice.message for notice in session.notices])
    t.check("one layer more", layers(document) == [*names, "Inlay: remove 50 x 40 px"], layers(document))
    t.check("not a bit has changed outside", outside(document, box) == before)
    selection = document.selection()
    kept = selection is not None and (selection.x(), selection.y(), selection.width(), selection.height()) == box
    t.check("the selection stays", kept)
    yield lambda: t.find("inlay_result") is not None
    t.krita.action("edit_undo").trigger()
    yield lambda: layers(document) == names
    t.check("one undo step takes it away", True)
    yield from shut(t, document)


def nothing_selected(t):
    """The button says so as soon as it is; the action says it in the panel, and no dialog opens."""
    document = yield from new_document(t)
    session = session_of(t)
    button, why = t.find("inlay_run_button"), t.find("inlay_obstacle")
    yield lambda: not button.isEnabled()
    t.check("why not stands below", why.isVisible() and why.words.text().startswith("Nothing is selected"))
    yield from select(t, document, (40, 30, 20, 20), b"\xff" * 400)
    yield lambda: button.isEnabled() and not why.isVisible()
    t.krita.action("deselect").trigger()
    yield lambda: not button.isEnabled()
    t.krita.action("inlay_remove").trigger()
    yield lambda: session.notices
    t.check("said in the panel", session.notices[0].message.startswith("Nothing is selected"))
    t.check("no dialog", t.QtWidgets.QApplication.activeModalWidget() is None)
    yield 0.3
    t.click(t.find("inlay_dismiss_button"))
    yield lambda: not session.notices
    yield from shut(t, document)


def by_keyboard(t):
    """Ctrl+Enter in the prompt runs what the button says, Escape cancels, arrows recall, letters stay letters."""
    document = yield from new_document(t, size=LARGE)
    session, prompt, button = session_of(t), t.find("inlay_prompt"), t.find("inlay_run_button")
    yield from select(t, document, (300, 200, 800, 600), b"\xff" * 480000)
    yield lambda: button.isEnabled()
    names = layers(document)
    t.find("inlay_panel").show_part(prompt)
    yield 0.2
    t.click(prompt)
    yield 0.3
    t.type("a barn e b")
    yield lambda: prompt.toPlainText() == "a barn e b"
    yield lambda: button.text() == "Replace"
    prompt.clear()
    yield lambda: button.text() == "Remove"
    t.key("ctrl+Return")
    yield lambda: session.works and session.works[0].fraction
    t.screenshot("running")
    t.key("Escape")
    yield lambda: not session.works
    yield 0.5
    t.check("Escape cancels", layers(document) == names and session.notices == [], layers(document))
    session.prompts.add("a boat on a lake")
    t.key("Up")
    yield lambda: prompt.toPlainText() == "a boat on a lake"
    t.key("Down")
    yield lambda: prompt.toPlainText() == ""
    t.check("arrow keys recall prompts", True)
    yield from completed(t, session, prompt)
    t.key("Tab")
    yield lambda: not prompt.hasFocus()
    t.check("Tab goes on in the panel", t.docker("inlay").isVisible() and button.isVisible())
    yield from shut(t, document)


def completed(t, session, prompt):
    """A LoRA's name is offered while it is typed, and Enter takes it."""
    session.engine.adapters = [InstalledAdapter("gouache", "lora", "sdxl"), InstalledAdapter("grain", "lora")]
    t.type("fog <lora:go")
    yield lambda: prompt.completing.is_open
    yield 0.3
    t.screenshot("completing")
    t.key("Return")
    yield lambda: prompt.toPlainText() == "fog <lora:gouache:1>"
    t.check("a LoRA is completed", not prompt.completing.is_open)
    t.type(", dusk")
    yield lambda: prompt.toPlainText() == "fog <lora:gouache:1>, dusk"
    prompt.clear()


def styles(t):
    """A style is kept by name, chosen per picture, and found again in the picture's file."""
    document = yield from new_document(t)
    session, row = session_of(t), t.find("inlay_panel").prompt.styles
    t.find("inlay_steps").setValue(12)
    t.find("inlay_template").setPlainText("{prompt}, in ink")
    t.find("inlay_panel").show_part(row)
    row.menu.keep.trigger()
    yield 0.3
    t.type("Ink")
    t.key("Return")
    yield lambda: row.choice.currentText() == "Ink"
    yield 0.3
    t.screenshot("style")
    kept = bytes(document.annotation("inlay-style")).decode("utf-8")
    t.check("the picture knows its style", kept == "Ink", kept)
    other = yield from new_document(t)
    yield lambda: session.canvas.document() is not None and session.active_info() is not None
    t.find("inlay_style").setCurrentIndex(0)
    yield lambda: session.prompt_settings.template == "" and t.find("inlay_steps").value() == 0
    yield from shut(t, other)
    yield lambda: row.choice.currentText() == "Ink"
    t.check("each picture has its own", t.find("inlay_steps").value() == 12, t.find("inlay_steps").value())
    row.choice.setCurrentIndex(0)
    yield from shut(t, document)


def extend(t):
    """The document grows by what the panel says it will."""
    document = yield from new_document(t)
    session = session_of(t)
    t.find("inlay_ratio").setCurrentText("16:9")
    yield 0.2
    told = t.find("inlay_new_size").text()
    yield from press(t, "inlay_extend_button")
    yield lambda: session.works or session.notices
    yield lambda: not session.works
    t.check("no notice", session.notices == [], [notice.message for notice in session.notices])
    t.check("as large as was told", f"{document.width()} \u00d7 {document.height()}" in told, told)
    t.find("inlay_ratio").setCurrentText("Free")
    yield from shut(t, document)


def drawing(t):
    """A result that arrives while the painter draws waits for the end of the stroke."""
    document = yield from new_document(t)
    session = session_of(t)
    yield from select(t, document, (40, 30, 20, 20), b"\xff" * 400)
    names = layers(document)
    canvas = t.krita.activeWindow().qwindow().centralWidget()
    middle = canvas.mapToGlobal(canvas.rect().center())
    subprocess.run(["xdotool", "mousemove", str(middle.x()), str(middle.y())], timeout=10, check=True)
    yield 0.2
    session.remove()
    subprocess.run(["xdotool", "mousedown", "1"], timeout=10, check=True)
    yield lambda: session.arrivals._arrived
    yield 0.5
    t.check("nothing is laid in during a stroke", layers(document) == names, layers(document))
    subprocess.run(["xdotool", "mouseup", "1"], timeout=10, check=True)
    yield lambda: not session.works
    t.check("laid in after the stroke", layers(document) == [*names, "Inlay: remove 20 x 20 px"], layers(document))
    yield from shut(t, document)


def hidden(t):
    """The action works while the docker is hidden."""
    document = yield from new_document(t)
    session = session_of(t)
    t.docker("inlay").setVisible(False)
    yield from select(t, document, (40, 30, 20, 20), b"\xff" * 400)
    count = len(layers(document))
    t.krita.action("inlay_remove").trigger()
    yield lambda: len(layers(document)) == count + 1
    t.check("done with a hidden docker", session.notices == [])
    t.docker("inlay")
    yield from shut(t, document)


def second_window(t):
    """Two windows share the session; an action runs once."""
    document = yield from new_document(t)
    session = session_of(t)
    yield from select(t, document, (40, 30, 20, 20), b"\xff" * 400)
    window = t.krita.openWindow()
    yield 2.0
    panels = [widget for widget in t.QtWidgets.QApplication.allWidgets() if widget.objectName() == "inlay_panel"]
    t.check("a docker in each window", len(panels) == 2, str(len(panels)))
    t.check("one session", {id(panel.session) for panel in panels} == {id(session)})
    window.qwindow().close()
    yield 1.0
    count = len(layers(document))
    t.krita.action("inlay_remove").trigger()
    yield lambda: len(layers(document)) > count
    yield 1.0
    t.check("done once, after the other window was closed", len(layers(document)) == count + 1, layers(document))
    yield from shut(t, document)


def closed_meanwhile(t):
    """The result is kept, and laid into a document of the same kind."""
    document = yield from new_document(t, size=LARGE)
    session = session_of(t)
    yield from select(t, document, (300, 200, 800, 600), b"\xff" * 480000)
    t.krita.action("inlay_remove").trigger()
    yield lambda: session.works and session.works[0].errand
    yield from shut(t, document)
    yield lambda: session.parcels
    t.check("kept", "was closed" in session.parcels[0].reason, session.parcels[0].reason)
    other = yield from new_document(t, size=LARGE)
    yield lambda: t.find("inlay_place_button") is not None
    t.find("inlay_place_button").click()
    yield lambda: len(layers(other)) == 2 or session.notices
    told = [notice.message for notice in session.notices]
    t.check("placed", not session.parcels and not told, told)
    yield from shut(t, other)


def cancel(t):
    """The card goes, and no layer comes."""
    document = yield from new_document(t, size=LARGE)
    session = session_of(t)
    yield from select(t, document, (300, 200, 800, 600), b"\xff" * 480000)
    count = len(layers(document))
    t.krita.action("inlay_remove").trigger()
    yield lambda: session.works and session.works[0].fraction
    begun = time.monotonic()
    t.krita.action("inlay_cancel").trigger()
    yield lambda: not session.works
    t.put("cancel_ms", round(1000 * (time.monotonic() - begun)))
    yield 1.0
    t.check("no layer, no notice", len(layers(document)) == count and not session.notices)
    yield from shut(t, document)
