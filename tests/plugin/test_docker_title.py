"""What a docker is called while there is something to tell: in tabs, floating, and seen again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from inlay_krita.panel import Panel
from inlay_krita.panel.docker_title import DockerTitle, docker_title
from inlay_krita.qt import QtCore, QtWidgets
from inlay_krita.session import Session
from inlay_krita.state import Work


@dataclass
class Dockers:
    """Two in tabs, as Krita has them; ours is behind the other one."""

    window: QtWidgets.QMainWindow
    ours: QtWidgets.QDockWidget
    other: QtWidgets.QDockWidget

    def show(self, docker: QtWidgets.QDockWidget) -> None:
        docker.raise_()
        QtWidgets.QApplication.processEvents()


@pytest.fixture
def dockers(session: Session, application: QtWidgets.QApplication) -> Iterator[Dockers]:
    window = QtWidgets.QMainWindow()
    ours, other = QtWidgets.QDockWidget("", window), QtWidgets.QDockWidget("Layers", window)
    ours.setWidget(Panel(session))
    DockerTitle(ours, session)
    for docker in (ours, other):
        window.addDockWidget(QtCore.Qt.DockWidgetArea.RightDockWidgetArea, docker)
    window.tabifyDockWidget(ours, other)
    window.resize(700, 600)
    window.show()
    made = Dockers(window, ours, other)
    made.show(other)
    yield made
    window.close()
    window.deleteLater()


def tab(dockers: Dockers) -> str:
    """What our tab says."""
    (bar,) = [bar for bar in dockers.window.findChildren(QtWidgets.QTabBar) if bar.count() == 2]
    return next(bar.tabText(index) for index in range(2) if bar.tabText(index) != "Layers")


def test_what_is_under_way_is_counted(dockers: Dockers, session: Session) -> None:
    assert (dockers.ours.windowTitle(), tab(dockers)) == ("Inlay", "Inlay")
    for _ in range(2):
        session.new_work(Work("Remove", "photo.kra"))
    assert tab(dockers) == "Inlay (2)"


def test_what_ended_behind_a_tab_is_told_until_it_is_seen(dockers: Dockers, session: Session) -> None:
    first, second = (session.new_work(Work("Remove", "photo.kra")) for _ in range(2))
    session.end(first)
    assert tab(dockers) == "Inlay (1): 1 done"
    session.end(second)
    assert tab(dockers) == "Inlay: 2 done"
    dockers.show(dockers.ours)
    assert tab(dockers) == "Inlay"
    dockers.show(dockers.other)
    assert tab(dockers) == "Inlay"


def test_what_ends_while_it_is_seen_is_told_by_the_panel_alone(dockers: Dockers, session: Session) -> None:
    dockers.show(dockers.ours)
    session.end(session.new_work(Work("Remove", "photo.kra")))
    dockers.show(dockers.other)
    assert tab(dockers) == "Inlay"


def test_what_was_cancelled_is_not_done(dockers: Dockers, session: Session) -> None:
    work = session.new_work(Work("Remove", "photo.kra"))
    session.cancel(work)
    session.end(work)
    assert tab(dockers) == "Inlay"


def test_a_floating_docker_and_one_that_comes_back(dockers: Dockers, session: Session) -> None:
    dockers.ours.setFloating(True)
    dockers.ours.close()
    session.end(session.new_work(Work("Remove", "photo.kra")))
    assert dockers.ours.windowTitle() == "Inlay: 1 done"
    dockers.ours.show()
    QtWidgets.QApplication.processEvents()
    assert dockers.ours.windowTitle() == "Inlay"


@pytest.mark.parametrize(
    ("under_way", "ended", "told"),
    [(0, 0, "Inlay"), (3, 0, "Inlay (3)"), (0, 1, "Inlay: 1 done"), (1, 2, "Inlay (1): 2 done")],
)
def test_words(under_way: int, ended: int, told: str) -> None:
    assert docker_title(under_way, ended) == told
