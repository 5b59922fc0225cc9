"""No engine is installed: the panel says so in plain words, and nothing else happens."""

import socket

import support


def main(t):
    yield from missing(t)
    lost_connection(t)


def lost_connection(t):
    """Writing to a closed connection is an error, and not the end of Krita (SIGPIPE)."""
    ours, theirs = socket.socketpair()
    theirs.close()
    try:
        ours.send(b"anyone there?")
        t.check("a lost connection is an error", False)
    except BrokenPipeError:
        t.check("a lost connection is an error", True)
    ours.close()


def missing(t):
    t.docker("inlay")
    document = yield from support.new_document(t)
    yield from support.select(t, document, (10, 10, 20, 20), b"\xff" * 400)
    session = support.session_of(t)
    t.krita.action("inlay_remove").trigger()
    yield lambda: session.notices and not session.works
    notice = session.notices[0]
    t.check("said what is missing", "not installed" in notice.message, notice.message)
    t.check("said what to do", "installer" in notice.remedy, notice.remedy)
    t.check("no layer", len(support.tree(document)) == 1)
    t.check("no dialog", t.QtWidgets.QApplication.activeModalWidget() is None)
    t.krita.action("deselect").trigger()  # WORKAROUND Krita 5.1: closing crashes it while it outlines a new selection
    yield 0.4
    support.close(document)
    yield 0.2
