"""Krita closes while a job runs, and a later Krita fetches the result.

`begin` starts a job and ends; `again` waits for what the engine kept.
"""

import support

LARGE = (1500, 1100)
BOX = (300, 200, 800, 600)


def main(t):
    t.wait_limit = 60.0
    yield from {"begin": begin, "again": again}[t.args[0]](t)


def begin(t):
    document = yield from support.new_document(t, size=LARGE, flat=True)
    t.docker("inlay")
    yield from support.select(t, document, BOX, b"\xff" * (BOX[2] * BOX[3]))
    session = support.session_of(t)
    t.krita.action("inlay_remove").trigger()
    yield lambda: session.works and session.works[0].fraction
    t.check("Krita closes while the job runs", session.works)


def again(t):
    session = None
    t.docker("inlay")
    yield 1.0
    session = support.session_of(t)
    yield lambda: session.parcels
    t.check("the result was kept", "fetch" in session.parcels[0].reason or session.parcels[0].reason, session.parcels)
    document = yield from support.new_document(t, size=LARGE, flat=True)
    session.arrivals.place(session.parcels[0])
    yield 0.3
    t.check("and is laid in", len(support.tree(document)) == 2, [notice.message for notice in session.notices])
    support.close(document)
    yield 0.2
