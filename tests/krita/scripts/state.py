"""What was set is there in the next Krita: the page, folds, each picture's own settings, and where the docker was.

Arguments: `begin` sets everything, `again` looks, in a Krita with the same configuration; a folder for the picture.
"""

import support

PLACE = (90, 70, 300, 700)
BOX = (20, 20, 40, 30)


def main(t):
    step, folder = t.args
    yield from {"begin": begin, "again": again}[step](t, f"{folder}/state.kra")


def docker_of(t, window=None):
    """Krita's docker, as it is; of a window, or of the active one."""
    window = window or t.krita.activeWindow()
    return window.qwindow().findChild(t.QtWidgets.QDockWidget, "inlay")


def begin(t, path):
    docker = t.docker("inlay")
    document = yield from support.new_document(t)
    yield lambda: t.find("inlay_run_button").isVisible()
    panel, session = t.find("inlay_panel"), support.session_of(t)
    t.check("the first start begins with the first page", panel.pages.current == "edit", panel.pages.current)
    t.find("inlay_grow").setValue(9)
    t.find("inlay_ratio").setCurrentText("16:9")
    t.find("inlay_prompt").setPlainText("canary-prompt")
    t.find("inlay_extend_fold").setChecked(True)
    yield from support.select(t, document, BOX, b"\xff" * (BOX[2] * BOX[3]))
    session.remove()
    yield lambda: not session.works
    yield 0.5
    kept = bytes(document.annotation("inlay-settings"))
    t.check("the picture's file knows its settings", b'"grow_px":9' in kept and b"16:9" in kept, kept)
    t.check("and no words", b"canary" not in kept, kept)
    document.saveAs(path)
    yield from another_picture(t, document)
    yield from windows(t)
    yield from comes_and_goes(t, docker)
    panel.show_page("queue")
    docker.setFloating(True)
    docker.setGeometry(*PLACE)
    t.krita.action("deselect").trigger()
    yield 0.5
    support.close(document)
    yield 0.5


def another_picture(t, document):
    """It takes numbers over and no words, and the first one has its own again."""
    other = yield from support.new_document(t)
    yield lambda: t.find("inlay_prompt").toPlainText() == ""
    t.check("a new picture takes numbers over", t.find("inlay_grow").value() == 9, t.find("inlay_grow").value())
    t.find("inlay_grow").setValue(2)
    support.close(other)
    yield 0.3
    yield lambda: t.krita.activeDocument() == document and t.find("inlay_grow").value() == 9
    t.check("its words are back", t.find("inlay_prompt").toPlainText() == "canary-prompt")


def windows(t):
    """Another window has a panel of its own, that begins where the first one is."""
    t.find("inlay_panel").show_page("history")
    window = t.krita.openWindow()
    yield 1.5
    panel = docker_of(t, window).widget()
    t.check("another window begins with the same page", panel.pages.current == "history", panel.pages.current)
    t.check("and the same folds", panel.extend.fold.isChecked())
    panel.show_page("models")
    first = t.krita.windows()[0]
    still = docker_of(t, first).widget().pages.current
    t.check("its page is its own", still == "history", still)
    window.qwindow().close()
    yield 1.0
    t.check("one window is left", len(t.krita.windows()) == 1, len(t.krita.windows()))
    first.activate()
    yield 0.3


def comes_and_goes(t, docker):
    """Floating, closed and back, it shows what it did."""
    panel = docker.widget()
    panel.show_page("settings")
    for is_floating in (True, False):
        docker.setFloating(is_floating)
        yield 0.3
        docker.setVisible(False)
        yield 0.3
        docker.setVisible(True)
        yield 0.3
        t.check(f"back, floating: {is_floating}", panel.isVisible() and panel.pages.current == "settings")


def again(t, path):
    docker = docker_of(t)
    yield 0.5
    document = t.krita.openDocument(path)
    document.setBatchmode(True)
    t.krita.activeWindow().addView(document)
    yield 1.5
    panel = t.find("inlay_panel")
    place = docker.geometry().getRect()
    t.check("the docker is where it was", docker.isFloating() and docker.isVisible() and place == PLACE, place)
    t.screenshot("again")
    t.check("the page is the same", panel.pages.current == "queue", panel.pages.current)
    t.check("folds are as they were", panel.extend.fold.isChecked() and not panel.select.fold.isChecked())
    grow, ratio = t.find("inlay_grow").value(), t.find("inlay_ratio").currentText()
    t.check("the picture's settings are its own", (grow, ratio) == (9, "16:9"), (grow, ratio))
    t.check("what was typed alone is gone", t.find("inlay_prompt").toPlainText() == "")
    t.check("its run is listed", len(support.session_of(t).history.runs()) == 1)
    panel.show_page("models")
    yield lambda: support.session_of(t).library.models
    t.check("the models are listed again", t.find("inlay_listed_model") is not None)
    other = yield from support.new_document(t)
    t.find("inlay_grow").setValue(0)
    support.close(other)
    yield 0.3
    support.close(document)
    yield 0.3
