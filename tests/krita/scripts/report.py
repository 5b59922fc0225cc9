"""Report a problem, with the real mouse: shown whole, copied, and nothing of the painter's in it."""

from support import close, new_document, session_of

TITLE = "canary-title"


def main(t):
    document = yield from new_document(t)
    document.setName(TITLE)
    t.docker("inlay")
    session = session_of(t)
    session.prompt_settings = type(session.prompt_settings)(prompt="canary-prompt")
    yield lambda: t.find("inlay_report_button") is not None and t.find("inlay_report_button").isVisible()
    yield 0.3
    t.click(t.find("inlay_report_button"))
    yield lambda: t.find("inlay_report") is not None
    t.check("Krita can be used meanwhile", t.QtWidgets.QApplication.activeModalWidget() is None)
    yield lambda: session.reporting.is_whole
    text = t.find("inlay_report_text").toPlainText()
    t.screenshot("report", t.find("inlay_report"))
    t.check("it names this Krita", f"Krita {t.krita.version()}" in text, text[:80])
    t.check("it names the binding", t.QtCore.__name__.split(".")[0] in text)
    t.check("the engine told its part", "built-in fill" in text and "[Engine's log]" in text, text[-400:])
    t.check("no title, no prompt", "canary" not in text, text)
    yield 0.3
    t.click(t.find("inlay_report_copy_button"))
    yield lambda: t.QtWidgets.QApplication.clipboard().text() == text
    t.find("inlay_report").close()
    yield 0.3
    close(document)
    yield 0.3
