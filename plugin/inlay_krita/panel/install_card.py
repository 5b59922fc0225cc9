"""What must be known before a model is downloaded: its licence, an account that it needs, and room for it."""

from __future__ import annotations

from ..library import bytes_text
from ..qt import QtWidgets, Signal
from ..translation import tr
from ..wire import ListedModel
from .part import Card, Words, show_if

# By their SPDX names: they ask nothing of who paints with a model.
FREE_LICENCES = frozenset({"Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "ISC", "CC0-1.0"})
NOT_FREE = tr(
    "This model has no free licence ({licence}): what may be done with it or with its pictures is limited. "
    "Read the licence first."
)
GATED = tr(
    "It wants an account at the hub that has accepted the licence. Open the licence, accept it there, then go on."
)
FITS = tr("{size} will be downloaded; {free} are free.")
TOO_LARGE = tr("It needs {size}, and {free} are free where models are kept. Free some space there first.")


def needs_asking(model: ListedModel, free_bytes: int | None) -> bool:
    """Whether a painter must know something before the first byte of a model is downloaded."""
    is_new = not model.begun_bytes  # what was begun was agreed to
    return (is_new and (is_restricted(model) or model.is_gated)) or not fits(model, free_bytes)


def is_restricted(model: ListedModel) -> bool:
    """Whether its licence asks something of who uses it, or nobody knows."""
    return model.licence not in FREE_LICENCES


def fits(model: ListedModel, free_bytes: int | None) -> bool:
    """Whether there is room for what is still missing; where nobody knows the engine finds out."""
    return free_bytes is None or model.size_bytes - model.begun_bytes <= free_bytes


class InstallCard(Card):
    """The question below a model; `agreed` when its answer is yes."""

    agreed = Signal()

    def __init__(self, model: ListedModel) -> None:
        super().__init__()
        self.setObjectName("inlay_install_card")
        self._model = model
        self.licence = Words(NOT_FREE.format(licence=model.licence or "?") if is_restricted(model) else "")
        self.gated = Words(GATED if model.is_gated else "")
        self.space = Words("", is_small=True)
        self.go = QtWidgets.QPushButton(tr("Accept and install") if is_restricted(model) else tr("Install"))
        self.go.setObjectName("inlay_accept_install_button")
        self.leave = QtWidgets.QPushButton(tr("Not now"))
        buttons = QtWidgets.QHBoxLayout()
        buttons.setSpacing(4)
        buttons.addWidget(self.go, 1)
        buttons.addWidget(self.leave, 0)
        for widget in (self.licence, self.gated, self.space):
            self.box.addWidget(widget)
        self.box.addLayout(buttons)
        self.go.clicked.connect(self.agreed)
        self.leave.clicked.connect(self.hide)
        show_if(self, False)

    def ask(self, free_bytes: int | None) -> None:
        """Show what there is to know now."""
        missing = bytes_text(max(0, self._model.size_bytes - self._model.begun_bytes))
        is_room = fits(self._model, free_bytes)
        words = FITS if is_room else TOO_LARGE
        self.space.say("" if free_bytes is None else words.format(size=missing, free=bytes_text(free_bytes)))
        show_if(self.go, is_room)
        self.show()
        (self.go if is_room else self.leave).setFocus()
