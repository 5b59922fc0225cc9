"""Inlay inside Krita: the docker, the actions, and one session for all of Krita's windows."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

import krita  # type: ignore[import-not-found]

from . import surface
from .canvas import KritaCanvas
from .canvas_mode import CanvasMode
from .canvas_preview import CanvasPreview
from .guard import guarded, keep_log
from .launcher import Launcher
from .panel import Panel
from .panel.docker_title import DockerTitle
from .panel.part import themed_icon
from .qt import QtCore, QtGui, QtWidgets
from .session import Session
from .translation import tr

log = logging.getLogger(__name__)
MESSAGE_MS = 4000
STEP_MS = 150
WATCHED = "inlay_watched"
MESSAGE_PRIORITY = 1  # Krita's "medium"


class ConfigurationKeeper:
    """Implements `kept.Keeper` over Krita's configuration, kritarc."""

    def read(self) -> str:
        return str(krita.Krita.instance().readSetting("inlay", "panel", ""))

    def write(self, text: str) -> None:
        krita.Krita.instance().writeSetting("inlay", "panel", text)


class InlayDocker(krita.DockWidget):  # type: ignore[misc]
    """The panel in Krita's frame; each of Krita's windows has one."""

    def __init__(self, session: Session, canvas_mode: CanvasMode) -> None:
        super().__init__()
        self._session = session
        self.title = DockerTitle(self, session)
        panel = Panel(session)
        panel.select.offer_canvas(canvas_mode.toggle)
        self.setWidget(panel)

    def crashed(self, error: Exception) -> None:
        self._session.crashed(error)

    @guarded
    def canvasChanged(self, canvas: Any) -> None:  # noqa: N802 - Krita's name
        """Another document came to the front."""
        self._session.refresh()


class InlayExtension(krita.Extension):  # type: ignore[misc]
    """The actions of all windows; lives as long as Krita."""

    def __init__(self, parent: Any) -> None:
        super().__init__(parent)
        launcher = Launcher()
        self.session = Session(KritaCanvas(), launcher, keep_log(launcher.folders.log), ConfigurationKeeper())
        self.canvas_mode = CanvasMode(self.session, surface.surface)
        self.canvas_preview = CanvasPreview(self.session, surface.surface)
        self._actions: list[Any] = []
        self.session.announced.connect(self._announce)
        self.session.selecting.wanted.connect(self._show_docker)

    def crashed(self, error: Exception) -> None:
        self.session.crashed(error)

    def setup(self) -> None:
        """Krita calls this once, before there is a window."""
        notifier = krita.Krita.instance().notifier()
        notifier.setActive(True)
        notifier.applicationClosing.connect(self._close)
        notifier.imageClosed.connect(self._refresh)
        application = QtWidgets.QApplication.instance()
        if application:
            application.aboutToQuit.connect(self._close)

    def createActions(self, window: Any) -> None:  # noqa: N802 - Krita's name
        """Krita calls this for every window. Names and tooltips: inlay_krita.action."""
        window.themeChanged.connect(self._dress)
        for name, slot in (
            ("inlay_select", self._select),
            ("inlay_select_on_canvas", self._select_on_canvas),
            ("inlay_remove", self._remove),
            ("inlay_replace", partial(self._ask, "replace")),
            ("inlay_restyle", partial(self._ask, "restyle")),
            ("inlay_instruct", partial(self._ask, "instruct")),
            ("inlay_background", self._replace_background),
            ("inlay_remove_background", self._remove_background),
            ("inlay_select_background", self._select_background),
            ("inlay_select_subject", self._select_subject),
            ("inlay_extend", self._extend),
            ("inlay_cancel", self._cancel),
        ):
            action = window.createAction(name, "", "tools/scripts")  # the file has its words
            self._speak(action)
            action.changed.connect(partial(self._speak, action))
            action.triggered.connect(slot)
            self._actions.append(action)
        self._dress()
        QtCore.QTimer.singleShot(0, self._watch_steps)  # the window's own actions are there then

    @guarded
    def _watch_steps(self) -> None:
        """Hear of undo and redo in the newest window."""
        for name in ("edit_undo", "edit_redo"):
            action = krita.Krita.instance().action(name)
            if action is not None and not action.property(WATCHED):
                action.setProperty(WATCHED, True)
                action.triggered.connect(self._stepped)

    @guarded
    def _stepped(self) -> None:
        """Krita takes the step in the background."""
        QtCore.QTimer.singleShot(STEP_MS, self.session.variants.stepped)

    @guarded
    def _speak(self, action: Any) -> None:
        """Put the painter's words in the place of the file's own, which Krita sets again for every new view."""
        for said, say in ((action.text(), action.setText), (action.toolTip(), action.setToolTip)):
            if tr(said) != said:  # also ends what `say` begins
                say(tr(said))

    @guarded
    def _dress(self) -> None:
        """Give the actions the icons of the theme that Krita has now."""
        palette = QtWidgets.QApplication.palette()
        for action in tuple(self._actions):
            try:
                action.setIcon(themed_icon(action.objectName().removeprefix("inlay_"), palette))
            except RuntimeError:  # its window was closed
                self._actions.remove(action)

    @guarded
    def _select(self) -> None:
        self.session.select()

    @guarded
    def _select_on_canvas(self) -> None:
        self.canvas_mode.toggle()

    @guarded
    def _show_docker(self) -> None:
        """The picture is to be clicked into: bring the panel that shows it to the front."""
        for docker in krita.Krita.instance().dockers():  # of the active window
            if docker.objectName() == "inlay":
                docker.setVisible(True)
                docker.raise_()

    @guarded
    def _remove(self) -> None:
        self.session.remove()

    @guarded
    def _ask(self, kind: str, _is_checked: bool = False) -> None:
        self.session.ask(kind)

    @guarded
    def _replace_background(self) -> None:
        self.session.backgrounds.replace()

    @guarded
    def _remove_background(self) -> None:
        self.session.backgrounds.remove()

    @guarded
    def _select_background(self) -> None:
        self.session.backgrounds.select_background()

    @guarded
    def _select_subject(self) -> None:
        self.session.backgrounds.select_subject()

    @guarded
    def _extend(self) -> None:
        self.session.extend()

    @guarded
    def _cancel(self) -> None:
        self.session.cancel_active()

    @guarded
    def _refresh(self) -> None:
        self.session.refresh()

    @guarded
    def _close(self) -> None:
        if not self.session.close():
            log.warning("a thread did not stop in time")

    @guarded
    def _announce(self, message: str) -> None:
        """Say it over the picture where the docker, which says it too, is not to be seen."""
        window = krita.Krita.instance().activeWindow()
        if window is None or self.session.canvas.document() is None:
            return  # a view whose document is being closed takes Krita down with what it should show
        panels = window.qwindow().findChildren(QtWidgets.QWidget, "inlay_panel")
        view = window.activeView()
        is_seen = any(panel.isVisible() and not panel.visibleRegion().isEmpty() for panel in panels)  # no tab before it
        if view is not None and not is_seen:
            view.showFloatingMessage(message, QtGui.QIcon(), MESSAGE_MS, MESSAGE_PRIORITY)


def register() -> None:
    """Make the docker and the actions known to Krita."""
    application = krita.Krita.instance()
    extension = InlayExtension(application)
    application.addExtension(extension)
    # A plain enum in Krita 5, a scoped one in Krita 6.
    position = getattr(krita.DockWidgetFactoryBase, "DockPosition", krita.DockWidgetFactoryBase).DockRight
    factory = krita.DockWidgetFactory("inlay", position, lambda: InlayDocker(extension.session, extension.canvas_mode))
    application.addDockWidgetFactory(factory)
