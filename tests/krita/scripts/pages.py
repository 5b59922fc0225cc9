"""The docker's pages by mouse and keys, the queue over two pictures, tabs, a closed picture, both themes, 240 px."""

import subprocess

import support
from inlay_krita.panel.turn_row import TurnRow

NAMES = ["edit", "history", "queue", "models", "settings"]
LARGE = (2400, 1800)
BOX = (300, 200, 1200, 900)
NARROW_PX = 240


def main(t):
    t.wait_limit = 60.0
    docker = t.docker("inlay")
    document = yield from support.new_document(t, size=LARGE, flat=True)
    document.setName("first")
    yield lambda: t.find("inlay_run_button").isVisible()
    yield from by_mouse_and_keys(t)
    yield from narrow(t, docker)
    yield from queue(t, document)
    yield from behind_a_tab(t, docker)
    yield from closed_meanwhile(t)


def seen(t):
    """The page that is seen."""
    return t.find("inlay_panel").pages.current


def by_mouse_and_keys(t):
    for name in NAMES:
        t.click(t.find(f"inlay_page_{name}_button"))
        yield lambda name=name: seen(t) == name
        yield 0.3
        t.screenshot(f"page_{name}")
    t.click(t.find("inlay_page_edit_button"))
    yield 0.2
    for name in ("history", "queue"):
        t.key("Right")
        yield lambda name=name: seen(t) == name
    t.key("Left")
    yield lambda: seen(t) == "history"
    t.check("arrow keys go from page to page", True)
    t.find("inlay_panel").show_page("edit")


def narrow(t, docker):
    """Floating, 240 px wide, in a dark and in a bright theme."""
    panel = t.find("inlay_panel")
    docker.setFloating(True)
    for theme in ("Krita dark", "Krita bright"):
        yield from support.choose_theme(t, theme)
        docker.setGeometry(80, 60, NARROW_PX, 900)
        yield 0.5
        t.check(f"{theme}: as narrow as asked", docker.width() == NARROW_PX, docker.width())
        for name in NAMES:
            panel.show_page(name)
            yield 0.6
            t.screenshot(f"{theme.split()[1]}_{name}", docker)
    yield from support.choose_theme(t, "Krita dark")
    panel.show_page("edit")
    docker.setFloating(False)
    yield 0.5


def rows(t):
    """The queue's rows, the first one first."""
    page = t.find("inlay_queue")
    return sorted((row for row in page.findChildren(TurnRow) if row.isVisible()), key=lambda row: row.y())


def order(t):
    return [row.title.text() for row in rows(t)]


def drag(row, other):
    """With the real mouse, from a row's title to the lower half of another one."""
    start = row.title.mapToGlobal(row.title.rect().center())
    end = other.mapToGlobal(other.rect().center())
    moves = [("mousemove", start.x(), start.y()), ("mousedown", 1)]
    way = end.y() + other.height() // 4 - start.y()
    moves += [("mousemove", start.x(), start.y() + way * step // 4) for step in range(1, 5)]
    for move in [*moves, ("mouseup", 1)]:
        subprocess.run(["xdotool", *map(str, move)], timeout=10, check=True)
        yield 0.1


def queue(t, document):
    """Four edits of two pictures: listed, counted, moved by button, key and mouse, cancelled."""
    session = support.session_of(t)
    t.find("inlay_panel").show_page("queue")
    docker = t.docker("inlay")
    docker.setFloating(True)
    docker.setGeometry(80, 60, 320, 800)
    for left in (0, 10, 20):
        yield from support.select(t, document, (left, 0, 2200, 1700), b"\xff" * 2200 * 1700)
        session.remove()
        yield lambda: session.works[-1].errand is not None and session.works[-1].errand.job_id
    other = yield from support.new_document(t, size=LARGE, flat=True)
    other.setName("second")
    yield from support.select(t, other, (0, 0, 600, 500), b"\xff" * 300_000)
    session.remove()
    yield lambda: len([item for item in session.waitlist.items if item.is_waiting]) == 3
    yield lambda: len(rows(t)) == 4
    last = "Remove 600 \u00d7 500 px"
    t.check("all pictures' edits are listed", order(t)[-1] == last, order(t))
    t.check("counted", t.find("inlay_page_queue_button").accessibleName() == "Queue: 4")
    yield 0.3
    t.screenshot("queue")
    t.click(rows(t)[3].up)
    yield lambda: order(t)[2] == last
    rows(t)[2].setFocus()
    t.key("alt+Up")
    yield lambda: order(t)[1] == last
    yield 0.3
    yield from drag(rows(t)[1], rows(t)[3])
    yield lambda: order(t)[3] == last
    t.check("moved by button, key and mouse", True)
    rows(t)[3].setFocus()
    yield 0.2
    before = len(support.tree(other))
    t.key("Delete")
    yield lambda: len(rows(t)) == 3
    t.check("Delete cancels, and empties no layer", len(support.tree(other)) == before)
    t.find("inlay_queue_cancel_button").click()
    yield lambda: not session.works
    yield 0.3
    t.check("nothing is left", not rows(t) and not session.notices, order(t))
    docker.setFloating(False)
    support.close(other)
    yield 0.5


def behind_a_tab(t, docker):
    """The tab tells what the panel would, until that is seen."""
    session = support.session_of(t)
    document = t.krita.activeDocument()
    window = t.krita.activeWindow().qwindow()
    layers = next(each for each in t.krita.dockers() if each.objectName() == "KisLayerBox")
    layers.setVisible(True)
    window.tabifyDockWidget(docker, layers)
    layers.raise_()
    yield 0.5
    yield from support.select(t, document, BOX, b"\xff" * (BOX[2] * BOX[3]))
    t.krita.action("inlay_remove").trigger()
    yield lambda: session.works
    t.check("under way", docker.windowTitle() == "Inlay (1)", docker.windowTitle())
    yield 0.3
    t.screenshot("tab_under_way")
    yield lambda: not session.works
    yield 0.5
    shown = [widget for widget in t.QtWidgets.QApplication.allWidgets() if widget.isVisible()]
    messages = [widget for widget in shown if widget.metaObject().className() == "KisFloatingMessage"]
    t.check("said over the picture, too", messages)
    t.check("done", docker.windowTitle() == "Inlay: 1 done", docker.windowTitle())
    t.screenshot("tab_done")
    docker.raise_()
    yield 0.3
    t.check("seen", docker.windowTitle() == "Inlay", docker.windowTitle())


def closed_meanwhile(t):
    """A result whose picture was closed waits, and knows it when it is open again."""
    session = support.session_of(t)
    document = t.krita.activeDocument()
    path = f"{t.out}/closed.kra"
    document.saveAs(path)
    yield from support.select(t, document, BOX, b"\xff" * (BOX[2] * BOX[3]))
    session.remove()
    yield lambda: session.works and session.works[0].fraction
    t.krita.action("deselect").trigger()
    yield 0.4
    support.close(document)
    yield lambda: session.parcels
    t.find("inlay_panel").show_page("queue")
    yield 0.4
    t.screenshot("parcel")
    document = t.krita.openDocument(path)
    document.setBatchmode(True)
    t.krita.activeWindow().addView(document)
    yield lambda: session.homecoming.is_here(session.parcels[0])
    yield 0.5
    t.screenshot("parcel_at_home")
    count = len(support.tree(document))
    t.click(t.find("inlay_place_button"))
    yield lambda: not session.parcels and len(support.tree(document)) == count + 1
    t.check("laid in", True)
    t.krita.action("deselect").trigger()
    yield 0.4
    support.close(document)
    yield 0.3
