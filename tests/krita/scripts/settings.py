"""The pages of settings and models, 240 px wide in both themes; an engine elsewhere, by mouse and keys, over TLS."""

import support

NARROW_PX = 240
BOX = (300, 200, 300, 200)


def main(t):
    t.wait_limit = 60.0
    address, token, fingerprint = t.args
    docker = t.docker("inlay")
    document = yield from support.new_document(t, size=(1200, 900), flat=True)
    docker.setFloating(True)
    for theme in ("Krita dark", "Krita bright"):
        yield from support.choose_theme(t, theme)
        docker.setGeometry(80, 40, NARROW_PX, 960)
        yield 0.5
        yield from pages(t, docker, theme.split()[1])
    yield from refused(t, docker, address, fingerprint)
    yield from elsewhere(t, docker, document, address, token)
    yield from back(t, docker)
    support.close(document)
    yield 0.3


def pages(t, docker, theme):
    session = support.session_of(t)
    panel = t.find("inlay_panel")
    panel.show_page("settings")
    yield lambda: session.engine_setup.setup is not None
    yield 0.5
    t.screenshot(f"{theme}_settings", docker)
    t.check(f"{theme}: the engine's devices are told", t.find("inlay_device").count() > 1)
    panel.show_page("models")
    yield lambda: session.library.models is not None
    yield 0.5
    row = next(row for name, row in panel.models._rows.items() if name == "flux-fill")
    row.install.click()
    yield 0.3
    panel.pages.show_part(row.card.leave)
    yield 0.3
    t.screenshot(f"{theme}_models", docker)
    t.check(f"{theme}: nothing is begun before the licence is accepted", session.library.install_of(row._model) is None)
    t.click(row.card.leave)
    yield lambda: not row.card.isVisible()


def fill(t, name, text):
    """By the real mouse and keyboard."""
    field = t.find(f"inlay_remote_{name}")
    t.find("inlay_panel").pages.show_part(field)
    yield 0.2
    t.click(field)
    yield lambda: field.hasFocus()
    t.key("ctrl+a")
    t.type(text)
    yield lambda: field.text() == text


def refused(t, docker, address, fingerprint):
    panel, session = t.find("inlay_panel"), support.session_of(t)
    panel.show_page("settings")
    yield 0.3
    t.click(t.find("inlay_engine_elsewhere"))
    yield lambda: t.find("inlay_remote_address").isVisible()
    yield from fill(t, "address", address)
    yield from fill(t, "token", "wrong")
    yield from fill(t, "fingerprint", fingerprint)
    t.key("Return")
    said = t.find("inlay_remote_problem")
    yield lambda: "does not take this token" in said.text()
    yield 0.3
    t.screenshot("wrong_token", docker)
    t.check("a wrong token changes nothing", not session.engine_choice.is_remote)


def elsewhere(t, docker, document, address, token):
    session = support.session_of(t)
    yield from fill(t, "token", token)
    t.click(t.find("inlay_use_remote_button"))
    yield lambda: session.engine_choice.is_remote
    yield lambda: session.engine_setup.setup is not None
    yield 0.5
    t.screenshot("elsewhere", docker)
    place = address.partition("//")[2]
    t.check("the last line names it", place in t.find("inlay_engine").words.text(), t.find("inlay_engine").words.text())
    before = len(support.tree(document))
    yield from support.select(t, document, BOX, b"\xff" * BOX[2] * BOX[3])
    session.remove()
    yield lambda: len(support.tree(document)) > before
    t.check("an edit comes back from there", True)
    t.find("inlay_panel").show_page("models")
    yield lambda: session.library.models is not None
    yield 0.3
    t.check("its models are left alone", not t.find("inlay_add_folder_button").isVisible())
    t.screenshot("models_elsewhere", docker)


def back(t, docker):
    session = support.session_of(t)
    t.find("inlay_panel").show_page("settings")
    yield 0.3
    t.click(t.find("inlay_engine_here"))
    yield lambda: not session.engine_choice.is_remote
    yield lambda: session.engine_setup.setup is not None and t.find("inlay_device").isEnabled()
    t.check("this machine's engine works again", session.engine_choice.place == "")
