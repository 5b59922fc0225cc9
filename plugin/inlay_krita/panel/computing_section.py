"""What models run on, and how much memory they may take."""

from __future__ import annotations

from ..engine_setup import Device, Setup
from ..guard import guarded
from ..library import GB, bytes_text
from ..qt import QtCore, QtWidgets
from ..session import Session
from ..translation import tr
from .model_choice import AUTOMATIC, Offering
from .numbers import DecimalBox
from .part import Fields, MutedWords, Part, PushButton, Section, Words

DEVICE_TIP = tr("Device: what models run on. Automatic takes the best that is here.")
MEMORY_TIP = tr("Memory: what all loaded models together may take, in GB. Automatic is most of what is free.")
FREE_TIP = tr("Take all models out of the memory now. The next edit loads what it needs again.")
LOADED = tr("Models in memory take {size}.")
NONE_LOADED = tr("No model is in memory.")
FIXED = tr("What is grey is set by the variable {names} where the engine was started.")
ELSEWHERE = tr("Whoever runs that engine sets this there.")
SETTLE_MS = 500  # after the last step of a number
UNKNOWN_GB = 4096.0  # the most that can be typed where nobody knows the device's memory
VARIABLES = {"device": "INLAY_DEVICE", "memory_bytes": "INLAY_MEMORY_BYTES"}


class ComputingSection(Part):
    """Shows and changes `session.engine_setup`."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.device = Offering(session, "inlay_device", tr("Device"), DEVICE_TIP)
        self.memory = DecimalBox("inlay_memory", UNKNOWN_GB, MEMORY_TIP)
        self.memory.setSuffix("\N{NO-BREAK SPACE}GB")
        self.memory.setSingleStep(1.0)
        self.memory.setSpecialValueText(AUTOMATIC)
        self.loaded = MutedWords()
        self.free = PushButton(tr("Free memory"), "cancel", FREE_TIP)
        self.free.setObjectName("inlay_free_memory_button")
        self.note = MutedWords()
        self.problem = Words()
        self.problem.setObjectName("inlay_setup_problem")
        self._settling = QtCore.QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(SETTLE_MS)
        section, fields = Section(tr("Device and memory")), Fields()
        fields.add(tr("Device"), self.device)
        fields.add(tr("Memory"), self.memory)
        section.body.addLayout(fields)
        for widget in (self.loaded, self.free, self.note, self.problem):
            section.body.addWidget(widget)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(section)
        self.device.chosen.connect(self._device_chosen)
        self.memory.valueChanged.connect(self._settling.start)
        self._settling.timeout.connect(self._memory_chosen)
        self.free.clicked.connect(self._free)
        session.engine_setup.changed.connect(self.refresh)
        self.refresh()

    @guarded
    def refresh(self) -> None:
        """Show how the engine is set up; grey while nobody knows, or where it cannot be changed."""
        setup, problem = self.session.engine_setup.setup, self.session.engine_setup.problem
        is_ours = setup is not None and not self.session.engine_choice.is_remote
        fixed = setup.fixed if setup else frozenset()
        self.device.setEnabled(is_ours and "device" not in fixed)
        self.memory.setEnabled(is_ours and "memory_bytes" not in fixed)
        self.free.setEnabled(is_ours and setup is not None and setup.held_bytes > 0)
        if setup:
            self._show(setup)
        self.loaded.say(_loaded(setup) if setup else "")
        self.note.say(_note(fixed, self.session.engine_choice.is_remote))
        self.problem.say(f"{problem.message} {problem.remedy}" if problem else "")

    def _show(self, setup: Setup) -> None:
        wanted = setup.settings.device
        known = {device.id for device in setup.devices}
        if wanted and wanted not in known:
            wanted = f"{wanted}:0" if f"{wanted}:0" in known else wanted  # "cuda" is the first of them
        offered = [(_title(device, setup.devices), device.id) for device in setup.devices]
        gone = [] if not wanted or wanted in known else [(wanted, wanted)]
        self.device.fill([*offered, *gone], wanted)
        if not self._settling.isActive():
            used = next((device for device in setup.devices if wanted in ("", device.id)), None)
            self.memory.blockSignals(True)
            self.memory.setMaximum(used.memory_bytes / GB if used and used.memory_bytes else UNKNOWN_GB)
            self.memory.setValue(setup.settings.memory_bytes / GB)
            self.memory.blockSignals(False)

    @guarded
    def _device_chosen(self, device: str) -> None:
        self.session.engine_setup.change(device=device)

    @guarded
    def _memory_chosen(self) -> None:
        self.session.engine_setup.change(memory_bytes=round(self.memory.value() * GB))

    @guarded
    def _free(self) -> None:
        self.session.engine_setup.free_memory()


def _title(device: Device, devices: tuple[Device, ...]) -> str:
    """With its memory, and its number where there are several of that name."""
    title = tr("Processor") if device.id == "cpu" else device.title
    is_one = sum(other.title == device.title for other in devices) == 1
    named = title if is_one else f"{title} ({device.id})"
    return f"{named} \N{MIDDLE DOT} {bytes_text(device.memory_bytes)}" if device.memory_bytes else named


def _loaded(setup: Setup) -> str:
    return LOADED.format(size=bytes_text(setup.held_bytes)) if setup.held_bytes else NONE_LOADED


def _note(fixed: frozenset[str], is_remote: bool) -> str:
    if is_remote:
        return ELSEWHERE
    names = ", ".join(VARIABLES[name] for name in sorted(fixed & set(VARIABLES)))
    return FIXED.format(names=names) if names else ""
