"""Takes the README's picture of Krita: the demo's photograph without its tower, in four variants. One of them was kept,
and another one is pointed at.

    tests/krita/run_in_krita.py --script docs/images/krita_picture.py --plugin plugin --size 1400x1040 \
        --out out/readme --env INLAY_HOME="$PWD/out/readme/home" --env INLAY_ENGINE="$PWD/.venv/bin/inlay" \
        PHOTO "$PWD/installer/demo_mask.png"
"""

from inlay_krita.qt import QtCore, QtGui, QtWidgets
from krita import Selection


def main(t):
    photo, mask = t.args
    docker = t.docker("inlay")
    layers = next(other for other in t.krita.dockers() if other.objectName() == "KisLayerBox")
    for other in t.krita.dockers():
        if other.objectName() not in ("inlay", "KisLayerBox"):
            other.close()
    document = t.krita.openDocument(photo)
    document.setBatchmode(True)
    t.krita.activeWindow().addView(document)
    yield 1.0
    docker.show()
    docker.raise_()
    window = t.krita.activeWindow().qwindow()
    window.resizeDocks([docker], [340], QtCore.Qt.Orientation.Horizontal)
    window.resizeDocks([layers, docker], [200, 740], QtCore.Qt.Orientation.Vertical)
    t.krita.action("KisToolSelectRectangular").trigger()
    t.krita.activeWindow().activeView().canvas().setZoomLevel(1.45)
    document.waitForDone()
    document.setSelection(selection_of(mask))
    yield lambda: document.selection() is not None
    session = t.find("inlay_panel").session
    session.variants.choose_count(4)
    t.krita.action("inlay_remove").trigger()
    yield lambda: session.works or session.notices
    yield lambda: not session.works
    yield 0.5
    t.krita.action("deselect").trigger()
    yield 0.5
    (made,) = session.variants.of_active()
    session.variants.keep(made, made.variants[0])
    yield 3.0
    for notice in [notice for notice in session.notices if not notice.is_error]:
        session.dismiss(notice)  # such as the offer of a shadow
    session.variants.choose_count(4)
    t.find("inlay_panel").show_part(t.find("inlay_variants"))
    cells = t.find("inlay_variants").findChildren(QtWidgets.QAbstractButton, "inlay_variant")
    cells[2].setFocus(QtCore.Qt.FocusReason.TabFocusReason)
    yield lambda: session.variants.showing.shown
    yield 1.0
    t.check("a result, and nothing to complain of", len(document.topLevelNodes()) == 2 and not session.notices)
    t.screenshot("krita")


def selection_of(path):
    """The mask file as a selection."""
    image = QtGui.QImage(path).convertToFormat(QtGui.QImage.Format.Format_Grayscale8)
    rows = [bytes(image.constScanLine(y).asarray(image.width())) for y in range(image.height())]
    selection = Selection()
    selection.setPixelData(b"".join(rows), 0, 0, image.width(), image.height())
    return selection
