"""References: layers that a model looks at beside the picture; a face, a material, a style."""

from __future__ import annotations

from functools import partial

from ..contract import CanvasError
from ..guard import guarded
from ..inputs import MOST_REFERENCES
from ..qt import QtWidgets
from ..session import Session
from ..translation import tr, trn
from .layer_row import LayerRow
from .part import IconButton, MutedWords, Part, PushButton, clear_layout, show_if

ADD_TIP = tr(
    "Show the active layer to the model, beside the picture, when it replaces or edits: a face, a material, a style. "
    "The layer may be hidden. Say in the prompt what to take from it."
)
GONE = tr("That layer is gone: take it off.")
KINDS = ("replace", "instruct")  # that look at references


class ReferenceRows(Part):
    """Writes `references` of `session.inputs`, in the order in which they are shown to the model."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.add = PushButton(tr("Add active layer as reference"), "add", ADD_TIP)
        self.add.setObjectName("inlay_reference_add_button")
        self.said = MutedWords()
        self.said.setObjectName("inlay_reference_said")
        self._rows = QtWidgets.QVBoxLayout()
        self._rows.setSpacing(2)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(self._rows)
        layout.addWidget(self.add)
        layout.addWidget(self.said)
        self.add.clicked.connect(self._add)
        self.refresh()
        session.inputs.changed.connect(self.refresh)
        session.refreshed.connect(self.refresh)
        for told in (session.changed, session.choosing.changed):
            told.connect(self._tell)

    @guarded
    def refresh(self) -> None:
        """List the active document's references, with pictures of what they are now."""
        clear_layout(self._rows)
        references = self.session.inputs.now.references
        for place, layer in enumerate(references):
            row = LayerRow(self.session, layer, GONE)
            row.setParent(self)
            earlier = row.add(IconButton("up", tr("Show it earlier")))
            later = row.add(IconButton("down", tr("Show it later")))
            away = row.add(IconButton("dismiss", tr("Take it off the references")))
            _show_in_place(earlier, place > 0)
            _show_in_place(later, place + 1 < len(references))
            for button, name, slot in (
                (earlier, "earlier", partial(self._swap, place - 1)),
                (later, "later", partial(self._swap, place)),
                (away, "remove", partial(self._remove, layer)),
            ):
                button.setObjectName(f"inlay_reference_{name}_button")
                button.clicked.connect(slot)
            self._rows.addWidget(row)
            row.show()
        self._tell()

    @guarded
    def _tell(self) -> None:
        """Say plainly where the model takes fewer, or none."""
        count, most = len(self.session.inputs.now.references), self._most()
        self.add.setEnabled(count < MOST_REFERENCES and (most is None or most > 0 or count > 0))
        self.said.say(self._words(count, most))
        show_if(self, self.session.canvas.has_layers)

    def _words(self, count: int, most: int | None) -> str:
        if most is None or (count <= most and most > 0):
            return ""
        model = self._chosen()
        if most == 0 and model:
            return tr("{model} takes no references: choose another model, or Automatic.").format(model=model)
        if most == 0:
            return tr("No model that is installed takes references. FLUX.2 klein does: see Models.")
        told = trn("At most {count} reference is taken here.", "At most {count} references are taken here.", most)
        return told.format(count=most)

    def _most(self) -> int | None:
        """How many the chosen model takes, or the one of all that takes the most; None where nobody knows."""
        settings, models = self.session.prompt_settings, self.session.engine.models
        if models is None:
            return None
        uses = [use for model in models if settings.model in ("", model.id) for use in model.uses]
        fitting = [use for use in uses if set(KINDS) & set(use.edits) and settings.family in ("", use.family)]
        return max((use.references for use in fitting), default=0)

    def _chosen(self) -> str:
        """The title of the model that was chosen; empty for the plan's choice."""
        wanted = self.session.prompt_settings.model
        return next(
            (model.title for model in self.session.engine.models or () if wanted and model.id == wanted), wanted
        )

    @guarded
    def _add(self) -> None:
        session = self.session
        with session.telling():
            document = session.active(tr("Open a picture first."))
            layer, references = session.canvas.active_layer(document), session.inputs.now.references
            if not layer:
                raise CanvasError(tr("No layer is active: choose the one that is to be a reference."))
            if layer not in references:
                session.inputs.choose(references=(*references, layer))

    @guarded
    def _swap(self, place: int, _is_checked: bool = False) -> None:
        """The one at this place and the next one."""
        references = list(self.session.inputs.now.references)
        references[place : place + 2] = reversed(references[place : place + 2])
        self.session.inputs.choose(references=tuple(references))

    @guarded
    def _remove(self, layer: str, _is_checked: bool = False) -> None:
        references = self.session.inputs.now.references
        self.session.inputs.choose(references=tuple(each for each in references if each != layer))


def _show_in_place(button: IconButton, is_shown: bool) -> None:
    """Hidden, it keeps its room: those beside it stay below each other."""
    policy = button.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    button.setSizePolicy(policy)
    show_if(button, is_shown)
