"""The panel in the language that is chosen in Krita: its words, Krita's actions, which way it reads, both themes.

Argument: the language, de or ar.
"""

import support

SPOKEN = {  # what the button says, and the action that does the same
    "de": ("Entfernen", "Inlay: Auswahl entfernen"),
    "ar": ("إزالة", "\u200fInlay: إزالة التحديد"),
}
WIDTH_PX, HEIGHT_PX = 240, 960


def main(t):
    (language,) = t.args
    document = yield from support.new_document(t)
    yield from support.select(t, document, (20, 20, 60, 50), bytes([255]) * 3000)
    docker = t.docker("inlay")
    docker.setFloating(True)
    docker.resize(WIDTH_PX, HEIGHT_PX)
    yield lambda: t.find("inlay_run_button").isVisible()
    yield lambda: t.find("inlay_run_button").text() == SPOKEN[language][0]
    panel, button = t.find("inlay_panel"), SPOKEN[language]
    t.check("the button", t.find("inlay_run_button").text() == button[0], t.find("inlay_run_button").text())
    action = t.krita.action("inlay_remove")
    t.check("the action", action.text() == button[1], action.text())
    t.check("its tooltip, after a view has come", not action.toolTip().isascii(), action.toolTip())
    t.check("which way it reads", panel.isRightToLeft() == (language == "ar"))
    left, right = t.find("inlay_left"), t.find("inlay_right")
    t.check("left is left", left.mapToGlobal(left.pos()).x() < right.mapToGlobal(right.pos()).x())
    t.check("no wider than its docker", docker.width() == WIDTH_PX, docker.width())
    for theme in ("Krita dark", "Krita bright"):
        yield from support.choose_theme(t, theme)
        for page in panel.pages.buttons:
            panel.show_page(page)
            yield 0.6
            t.screenshot(f"{page} {theme.split()[1]}", docker)
    support.close(document)
    yield 0.3
