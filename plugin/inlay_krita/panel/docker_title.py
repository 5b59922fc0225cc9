"""A docker's title tells what its panel would, where it stands behind another one's tab."""

from __future__ import annotations

from ..guard import guarded
from ..qt import QtCore, QtWidgets
from ..session import Session
from ..translation import numeral, tr, trn

NAME = "Inlay"


class DockerTitle(QtCore.QObject):
    """Names a docker "Inlay (2)" while two edits are under way or wait for their picture, and tells those that ended
    while it was not seen until it is seen again."""

    def __init__(self, docker: QtWidgets.QDockWidget, session: Session) -> None:
        super().__init__(docker)
        self._docker, self._session = docker, session
        self._works = tuple(session.works)
        self._is_seen = False
        self._ended = 0  # since it was seen last
        session.changed.connect(self._follow)
        docker.visibilityChanged.connect(self._seen)
        self._say()

    def crashed(self, error: Exception) -> None:
        self._session.crashed(error)

    @guarded
    def _follow(self) -> None:
        gone = [work for work in self._works if work not in self._session.works and not work.is_cancelled]
        self._works = tuple(self._session.works)
        if not self._is_seen:
            self._ended += len(gone)
        self._say()

    @guarded
    def _seen(self, is_seen: bool) -> None:
        # A floating one is said to be behind a tab where its frame begins left of or above its screen.
        self._is_seen = is_seen or (self._docker.isFloating() and self._docker.isVisible())
        if self._is_seen:
            self._ended = 0
        self._say()

    def _say(self) -> None:
        title = docker_title(len(self._session.works) + len(self._session.parcels), self._ended)
        if self._docker.windowTitle() != title:
            self._docker.setWindowTitle(title)


def docker_title(under_way: int, ended: int) -> str:
    """under_way: edits that run or wait, and results that wait; ended: those that nobody has seen yet."""
    title = tr("{name} ({count})").format(name=NAME, count=numeral(under_way)) if under_way else NAME
    if not ended:
        return title
    return trn("{title}: {count} done", "{title}: {count} done", ended).format(title=title, count=numeral(ended))
