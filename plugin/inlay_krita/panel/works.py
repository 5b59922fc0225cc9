"""Edits under way: what, how far, a look at it, and Cancel."""

from __future__ import annotations

from ..guard import guarded
from ..qt import QtGui, QtWidgets, image_from_bgra
from ..recipes import reasons
from ..sentences import translated
from ..session import Session
from ..state import Work
from ..translation import tr
from .fitting import draw_fitted
from .part import Card, ElidedLabel, IconButton, Words, show_if
from .why import Why

MAX_PREVIEW_PX = 120


class WorkCard(Card):
    """One edit. Its widgets stay as long as the edit runs."""

    def __init__(self, session: Session, work: Work) -> None:
        super().__init__()
        self.session = session
        self.work = work
        self._shown_preview: object = None
        self.setObjectName("inlay_work")
        self.title = ElidedLabel(translated(work.title))
        self.setToolTip(f"{translated(work.title)}, {work.document_name}")
        self.stage = Words(is_small=True)
        self.bar = QtWidgets.QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.preview = Preview()
        self.why = Why(session)
        self.hurry = IconButton("hurry", tr("Do this one next"))
        self.hurry.setObjectName("inlay_hurry_button")
        self.hurry.clicked.connect(self._hurry)
        self.cancel = IconButton("cancel", tr("Cancel this edit"))
        self.cancel.setObjectName("inlay_cancel_button")
        self.cancel.clicked.connect(self._cancel)
        first = QtWidgets.QHBoxLayout()
        first.setSpacing(4)
        first.addWidget(self.title, 1)
        first.addWidget(self.hurry)
        first.addWidget(self.cancel)
        self.box.addLayout(first)
        for widget in (self.bar, self.stage, self.preview, self.why):
            self.box.addWidget(widget)
        self.refresh()

    def crashed(self, error: Exception) -> None:
        self.session.crashed(error)

    def refresh(self) -> None:
        """Show how far the edit is."""
        work = self.work
        self.stage.say(work.stage)
        self.bar.setRange(0, 0 if work.fraction is None else 1000)
        if work.fraction is not None:
            self.bar.setValue(round(1000 * work.fraction))
        self.cancel.setEnabled(not work.is_cancelled)
        show_if(self.hurry, work.ahead > 0 and not work.is_cancelled)
        self.why.say(reasons(work.plan.why, work.plan.checklist) if work.plan else ())
        if work.preview is not self._shown_preview and work.preview:
            self._shown_preview = work.preview
            self.preview.show_image(image_from_bgra(work.preview.raw, work.preview.width, work.preview.height))

    @guarded
    def _cancel(self) -> None:
        if self.work.variant:
            self.session.variants.stop(self.work.variant[0])
        else:
            self.session.cancel(self.work)

    @guarded
    def _hurry(self) -> None:
        self.session.hurry(self.work)


class Preview(QtWidgets.QWidget):
    """The picture as far as it is, in the middle, never larger than it is."""

    def __init__(self) -> None:
        super().__init__()
        self._image = QtGui.QImage()
        self.setVisible(False)
        self.setAccessibleName(tr("Preview of the result"))
        policy = QtWidgets.QSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Fixed)
        self.setSizePolicy(policy)

    def show_image(self, image: QtGui.QImage) -> None:
        self._image = image
        self.setFixedHeight(min(MAX_PREVIEW_PX, max(image.height(), 24)))
        show_if(self, True)
        self.update()

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: N802 - Qt's name
        if not self._image.isNull():
            draw_fitted(QtGui.QPainter(self), self._image, self.rect(), may_grow=False)
