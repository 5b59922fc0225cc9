"""The styles that there are, the one that is chosen, and which picture had which."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .qt import QtCore, Signal
from .settings import PromptSettings
from .state import Notice
from .styles import (
    LARGEST_BYTES,
    MOST,
    NO_STYLE,
    Reading,
    Style,
    StylesError,
    clean_name,
    free_name,
    read_styles,
    styles_text,
)
from .translation import numeral, tr, trn
from .whole_file import read_whole, reason_of, write_whole

if TYPE_CHECKING:
    from .session import Session

log = logging.getLogger(__name__)
ANNOTATION, ABOUT = "inlay-style", "Inlay: the style that was chosen last"
LONGEST_NOTE = 400  # bytes
MOST_REMARKS = 5  # of a file, told one by one


class StyleShelf(QtCore.QObject):
    """Lives on the UI thread. `changed` when the list, the choice or what is missing did; `applied` when a style, or
    another picture's settings (`own_settings.py`), have been written into `session.prompt_settings`.

    The file is read whenever it is written: another Krita may have put something there.
    """

    changed = Signal()
    applied = Signal()

    def __init__(self, session: Session, path: Path) -> None:
        super().__init__()
        self._session, self._path = session, path
        self._document: Any = None
        self._unknown = ""  # the style that the active picture had, where there is none of that name
        self._styles = {style.name: style for style in self._first_reading().styles}
        self._take_up()
        session.engine.changed.connect(self.changed)

    def crashed(self, error: Exception) -> None:
        self._session.crashed(error)

    @property
    def listed(self) -> list[Style]:
        """All of them, the starred ones first."""
        return sorted(self._styles.values(), key=lambda style: (not style.is_starred, style.name.casefold()))

    @property
    def chosen(self) -> Style:
        """The one that was chosen last; `NO_STYLE` where none is."""
        return self._styles.get(self._session.prompt_settings.style, NO_STYLE)

    @property
    def is_changed(self) -> bool:
        """Whether something is set otherwise than the chosen style says. What is not installed does not count."""
        settings, style = self._session.prompt_settings, self.chosen
        wanted = style.applied(settings)
        if self._is_missing_model(style):
            wanted = dataclasses.replace(wanted, model=settings.model, family=settings.family)
        return style is not NO_STYLE and wanted != settings

    @property
    def remark(self) -> str:
        """What of the choice cannot be had, in a sentence; empty where nothing is missing."""
        style, engine = self.chosen, self._session.engine
        if self._unknown:
            return tr("This picture had the style “{unknown}”, which is not here.").format(unknown=self._unknown)
        if self._is_missing_model(style):
            return tr("“{name}” is for the model {model}, which is not installed.").format(
                name=style.name, model=style.model
            )
        here = {adapter.name for adapter in engine.adapters if adapter.kind == "lora"}
        missing = [name for name, _ in style.loras if name not in here] if engine.models is not None else []
        if not missing:
            return ""
        needs = tr("“{name}” needs LoRAs that are not installed: {loras}.")
        return needs.format(name=style.name, loras=", ".join(missing))

    def choose(self, name: str) -> None:
        """Set everything as a style says; an empty name sets it back."""
        self._unknown = ""
        self._write(self._styles.get(name, NO_STYLE).applied(self._session.prompt_settings))
        self._note_down(self.chosen.name)

    def save(self, name: str) -> None:
        """Keep what is set now under a name; a style of that name is replaced, and keeps its star."""
        old = self._styles.get(name, NO_STYLE)
        style = dataclasses.replace(Style.of(name, self._session.prompt_settings), is_starred=old.is_starred)
        if self._change(
            lambda styles: {**styles, name: style}, tr("The style “{name}” could not be kept").format(name=name)
        ):
            self.choose(name)

    def star(self, name: str, is_starred: bool) -> None:
        """List a style before others, or no longer."""

        def starred(styles: dict[str, Style]) -> dict[str, Style]:
            return {**styles, name: dataclasses.replace(styles.get(name, self._styles[name]), is_starred=is_starred)}

        self._change(starred, tr("The star could not be kept"))

    def delete(self, name: str) -> None:
        """Take a style away; it can be put back."""
        style, is_chosen = self._styles[name], self.chosen.name == name

        def without(styles: dict[str, Style]) -> dict[str, Style]:
            return {other: styles[other] for other in styles if other != name}

        if self._change(without, tr("The style “{name}” could not be deleted").format(name=name)):
            if is_chosen:
                self.choose("")
            undo = partial(self._put_back, style)
            self._tell(tr("The style “{name}” was deleted.").format(name=name), action=tr("Undo"), act=undo)

    def bring_in(self, path: Path) -> None:
        """Add the styles of a file. None that is here is replaced: what comes is renamed."""
        try:
            reading = read_styles(read_whole(path, LARGEST_BYTES))
        except (OSError, ValueError, StylesError) as error:
            return self._tell(
                tr("{name} was not imported. {reason}").format(name=path.name, reason=_reason(error)), is_error=True
            )
        remarks: list[str] = []
        came: list[str] = []

        def added(styles: dict[str, Style]) -> dict[str, Style]:
            for style in reading.styles[: max(0, MOST - len(styles))]:
                name = free_name(style.name, styles)
                came.append(name)
                if name != style.name:
                    remarks.append(
                        tr("“{name}” was there already: the new one is “{new}”.").format(name=style.name, new=name)
                    )
                styles = {**styles, name: dataclasses.replace(style, name=name, is_starred=False)}
            return styles

        if self._change(added, tr("{name} was not imported").format(name=path.name)):
            lost = len(reading.styles) - len(came)
            no_room = trn("There is no room for {count} of them.", "There is no room for {count} of them.", lost)
            remarks += [no_room.format(count=numeral(lost))] if lost else []
            imported = trn("{count} style imported from {file}.", "{count} styles imported from {file}.", len(came))
            told = imported.format(count=numeral(len(came)), file=path.name)
            self._tell(told, _listed([*remarks, *reading.remarks]))

    def bring_out(self, path: Path, name: str = "") -> None:
        """Write a style, or all of them, into a file for somebody else."""
        styles = [style for style in self.listed if name in ("", style.name)]
        try:
            write_whole(path, styles_text(dataclasses.replace(style, is_starred=False) for style in styles))
        except OSError as error:
            return self._tell(
                tr("{name} was not written. {reason}").format(name=path.name, reason=_reason(error)), is_error=True
            )
        exported = trn("{count} style exported to {file}.", "{count} styles exported to {file}.", len(styles))
        self._tell(exported.format(count=numeral(len(styles)), file=path.name))

    def meet(self, document: Any, is_known: bool) -> None:
        """Another picture is active, or None. One that was not seen before brings its style."""
        self._document, self._unknown = document, ""
        if document is not None and not is_known:
            self._take_over(self._noted())

    def _noted(self) -> str:
        """The style that the active picture's file names: anybody's text."""
        noted = self._session.canvas.annotation(self._document, ANNOTATION)
        return clean_name(bytes(noted).decode("utf-8", "replace")) if len(noted) <= LONGEST_NOTE else ""

    def _note_down(self, name: str) -> None:
        """Let the picture's file name the style: it is found again wherever the file goes."""
        if self._document is not None and name != self._noted():
            self._session.canvas.annotate(self._document, ANNOTATION, ABOUT, name.encode("utf-8"))

    def _take_over(self, name: str) -> None:
        """A picture that was not seen before: its style, where it had one; else all stays as it is."""
        if name in self._styles and name != self.chosen.name:
            self._write(self._styles[name].applied(self._session.prompt_settings))
        elif name and name not in self._styles:
            self._unknown = name
            self.changed.emit()

    def _take_up(self) -> None:
        """An earlier start's choice: its words were not kept with the settings, and stand here."""
        settings, style = self._session.prompt_settings, self.chosen
        words = style.applied(settings)
        self._session.prompt_settings = dataclasses.replace(
            settings, style=style.name, template=words.template, negative_prompt=words.negative_prompt
        )

    def _write(self, settings: PromptSettings) -> None:
        """Set this."""
        self._session.prompt_settings = settings
        self.applied.emit()
        self.changed.emit()

    def _put_back(self, style: Style) -> None:
        def back(styles: dict[str, Style]) -> dict[str, Style]:
            name = free_name(style.name, styles)
            return {**styles, name: dataclasses.replace(style, name=name)}

        self._change(back, tr("The style “{name}” could not be put back").format(name=style.name))

    def _is_missing_model(self, style: Style) -> bool:
        models = self._session.engine.models
        return bool(style.model) and models is not None and style.model not in [model.id for model in models]

    # The file

    def _first_reading(self) -> Reading:
        try:
            reading = self._read()
        except (OSError, ValueError, StylesError) as error:
            self._tell(
                tr("Your styles could not be read. {reason}").format(reason=_reason(error)),
                tr("They are in {path}.").format(path=self._path),
                is_error=True,
            )
            return Reading(())
        for remark in reading.remarks:
            log.warning("%s: %s", self._path.name, remark)
        return reading

    def _read(self) -> Reading:
        """What is in the file; nothing where there is none. Raises OSError, ValueError, StylesError."""
        try:
            return read_styles(read_whole(self._path, LARGEST_BYTES))
        except FileNotFoundError:
            return Reading(())

    def _change(self, change: Callable[[dict[str, Style]], dict[str, Style]], trouble: str) -> bool:
        """Change what is in the file, whole or not at all. False, and told, where that cannot be."""
        try:
            styles = change({style.name: style for style in self._read().styles})
            write_whole(self._path, styles_text(styles.values()))
        except (OSError, ValueError, StylesError) as error:
            self._tell(
                f"{trouble}. {_reason(error)}", tr("Styles are kept in {path}.").format(path=self._path), is_error=True
            )
            return False
        self._styles = styles
        self.changed.emit()
        return True

    def _tell(
        self,
        message: str,
        more: str = "",
        is_error: bool = False,
        action: str = "",
        act: Callable[[], None] | None = None,
    ) -> None:
        self._session.tell(Notice(message, more, is_error=is_error, action=action, act=act))


def _reason(error: Exception) -> str:
    """Why, as a sentence."""
    if isinstance(error, UnicodeError):
        return tr("It is no file of styles.")
    return reason_of(error) if isinstance(error, OSError) else f"{str(error).rstrip('.')}."


def _listed(remarks: list[str]) -> str:
    """What there is to tell of a file, at no great length."""
    more = len(remarks) - MOST_REMARKS
    and_more = [trn("And {count} more.", "And {count} more.", more).format(count=numeral(more))] if more > 0 else []
    return " ".join([*remarks[:MOST_REMARKS], *and_more])
