"""Which engine works: this machine's, or one elsewhere with its address, token and certificate."""

from __future__ import annotations

from ..guard import guarded
from ..qt import QtWidgets
from ..remote import PORT, RemoteSettings
from ..session import Session
from ..translation import numeral, tr, trn
from .numbers import Choice
from .part import Fields, MutedWords, Part, Section, Words, show_if

LEAVES = tr("The part of the picture that an edit reads, its mask and its prompt go to that machine.")
WORKS = tr("{place} works for this panel.")
ASKING = tr("Asking {address}…")
ADDRESS_TIP = tr('Where that engine is, as "inlay serve --listen" printed it there.')
TOKEN_TIP = tr('From the file that "inlay serve --listen" named there. It is kept where you alone can read it.')
CERTIFICATE_TIP = tr("How the certificate of that machine is checked, before anything is sent to it.")
FINGERPRINT_TIP = tr('The SHA-256 fingerprint that "inlay serve --listen" printed there: 64 digits.')
AUTHORITY_TIP = tr("A PEM file with the certificate of whoever vouches for that machine.")
SYSTEM, FINGERPRINT, AUTHORITY = range(3)  # lines of the choice


class EngineSection(Part):
    """Shows `session.engine_choice`, and asks it for another one."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.here = QtWidgets.QRadioButton(tr("On this machine"))
        self.here.setObjectName("inlay_engine_here")
        self.elsewhere = QtWidgets.QRadioButton(tr("On another machine"))
        self.elsewhere.setObjectName("inlay_engine_elsewhere")
        self.works = MutedWords()
        self.left = MutedWords()
        self.form = RemoteForm(session)
        section = Section(tr("Engine"))
        for widget in (self.here, self.elsewhere, self.works, self.left, self.form):
            section.body.addWidget(widget)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(section)
        self.here.clicked.connect(self._use_local)
        self.elsewhere.clicked.connect(self._show_form)
        session.engine_choice.changed.connect(self.refresh)
        (self.elsewhere if session.engine_choice.is_remote else self.here).setChecked(True)
        self.refresh()

    @guarded
    def refresh(self) -> None:
        """Show which one is used. A form that is being filled in stays."""
        choice = self.session.engine_choice
        if choice.is_remote:
            self.elsewhere.setChecked(True)
        self.works.say(WORKS.format(place=choice.place) if choice.place else "")
        left = choice.left_elsewhere()
        self.left.say(_waits(left) if left else "")
        show_if(self.form, self.elsewhere.isChecked() or choice.problem is not None)
        self.form.refresh()

    @guarded
    def _use_local(self) -> None:
        if self.session.engine_choice.is_remote:
            self.session.engine_choice.use_local()
        self.refresh()

    @guarded
    def _show_form(self) -> None:
        self.refresh()
        self.form.address.setFocus()


class RemoteForm(Part):
    """What must be known of an engine elsewhere."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.address = line("inlay_remote_address", tr("Address"), ADDRESS_TIP)
        self.address.setPlaceholderText(f"https://studio:{PORT}")
        self.token = line("inlay_remote_token", tr("Token"), TOKEN_TIP)
        self.token.setEchoMode(QtWidgets.QLineEdit.EchoMode.Password)
        self.check = Choice()
        self.check.setObjectName("inlay_remote_check")
        self.check.setAccessibleName(tr("Certificate"))
        self.check.setToolTip(CERTIFICATE_TIP)
        self.check.addItems([tr("Trusted by the system"), tr("By its fingerprint"), tr("By an authority's file")])
        self.check.setSizeAdjustPolicy(QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.fingerprint = line("inlay_remote_fingerprint", tr("Fingerprint"), FINGERPRINT_TIP)
        self.authority = line("inlay_remote_authority", tr("File"), AUTHORITY_TIP)
        self.browse = QtWidgets.QPushButton(tr("Choose…"))
        self.browse.setObjectName("inlay_remote_browse_button")
        self.use = QtWidgets.QPushButton(tr("Use this engine"))
        self.use.setObjectName("inlay_use_remote_button")
        self.said = Words()
        self.said.setObjectName("inlay_remote_problem")
        self.remedy = MutedWords()
        self._lay_out()
        self._fill(session.engine_choice.settings)
        self.check.currentIndexChanged.connect(self.refresh)
        self.browse.clicked.connect(self._browse)
        self.use.clicked.connect(self._use)
        for field in (self.address, self.token, self.fingerprint, self.authority):
            field.returnPressed.connect(self._use)

    @guarded
    def refresh(self) -> None:
        """Show the fields that the check needs, and what became of the last question."""
        choice = self.session.engine_choice
        self.fields.show_row(self.fingerprint, self.check.currentIndex() == FINGERPRINT)
        self.fields.show_row(self.authority, self.check.currentIndex() == AUTHORITY)
        show_if(self.browse, self.check.currentIndex() == AUTHORITY)
        self.use.setEnabled(not choice.is_asking)
        if choice.is_asking:
            self.said.say(ASKING.format(address=self.address.text()))
        else:
            self.said.say(choice.problem.message if choice.problem else "")
        self.remedy.say(choice.problem.remedy if choice.problem and not choice.is_asking else "")

    def _lay_out(self) -> None:
        self.fields = Fields()
        self.fields.add(tr("Address"), self.address)
        self.fields.add(tr("Token"), self.token)
        self.fields.add(tr("Certificate"), self.check)
        self.fields.add(tr("Fingerprint"), self.fingerprint)
        self.fields.add(tr("File"), self.authority)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        layout.addLayout(self.fields)
        for widget in (self.browse, MutedWords(LEAVES), self.use, self.said, self.remedy):
            layout.addWidget(widget)

    def _fill(self, settings: RemoteSettings) -> None:
        self.address.setText(settings.address)
        self.token.setText(settings.token)
        self.fingerprint.setText(settings.fingerprint)
        self.authority.setText(settings.authority)
        is_new = not settings.address  # most engines elsewhere are a studio's own, with a certificate of its making
        self.check.setCurrentIndex(
            FINGERPRINT if settings.fingerprint or is_new else AUTHORITY if settings.authority else SYSTEM
        )

    @guarded
    def _use(self) -> None:
        if not self.use.isEnabled():
            return
        check = self.check.currentIndex()
        self.session.engine_choice.use_remote(
            self.address.text(),
            self.token.text(),
            self.fingerprint.text() if check == FINGERPRINT else "",
            self.authority.text() if check == AUTHORITY else "",
        )

    @guarded
    def _browse(self) -> None:
        name, _ = QtWidgets.QFileDialog.getOpenFileName(
            self.window(), tr("The certificate of an authority"), "", tr("Certificates (*.pem *.crt *.cer)")
        )
        if name:
            self.authority.setText(name)


def line(name: str, title: str, tip: str) -> QtWidgets.QLineEdit:
    """A field for one line, as narrow as the docker."""
    field = QtWidgets.QLineEdit()
    field.setObjectName(name)
    field.setAccessibleName(title)
    field.setToolTip(tip)
    field.setMinimumWidth(20)
    return field


def _waits(count: int) -> str:
    return trn(
        "{count} result waits at an engine that was used before. Use that one again to fetch it.",
        "{count} results wait at an engine that was used before. Use that one again to fetch them.",
        count,
    ).format(count=numeral(count))
