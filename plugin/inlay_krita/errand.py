"""One edit's way to the engine and back. Runs in a worker thread; survives an engine that dies on the way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from .client import UNAUTHORIZED, Engine, EngineError, EngineLostError, Image
from .contract import Capture
from .engines import Engines
from .launcher import EngineVersionError
from .listening import Event, LeftError, Listening
from .notes import Note, Notes
from .remote import RemoteError
from .sentences import translated
from .thumbnails import fetched
from .translation import numeral, tr, trn
from .wire import Box, CanvasInfo, Job, Plan, Result, edit_request

OUT_OF_REACH = (EngineLostError, EngineVersionError, RemoteError)  # whatever the engine still has
ATTEMPTS = 3  # the first, and two more after the engine was lost
LEFT_THERE = "left_there"  # the code of an error after which nothing need be done again


class CancelledError(Exception):
    """The edit was cancelled."""


@dataclass(frozen=True)
class Order:
    """What is to be done: a planned request, and its images either as pixels or by name."""

    request: dict[str, Any]
    canvas: CanvasInfo
    document_name: str
    label: str
    read_box: Box
    pixels: Any = None
    mask: Any = None
    image_digest: str = ""
    mask_digest: str | None = None
    control: Capture | None = None  # what is to be kept, as it is drawn; of the size of `read_box`
    references: tuple[Capture, ...] = ()  # other pictures to be looked at
    sending: threading.Lock = field(default_factory=threading.Lock)  # one of several orders sends what all of them need


@dataclass(frozen=True)
class Progress:
    """How far an edit is; `fraction` is None where nobody can say."""

    stage: str
    fraction: float | None = None
    preview: Image | None = None
    ahead: int = 0  # how many are done before it begins


@dataclass(frozen=True)
class Delivery:
    """A finished job with its images."""

    job_id: str
    plan: Plan
    result: Result
    pixels: bytes
    mask: bytes
    was_run_again: bool
    thumbnail: bytes = b""  # encoded; empty where there is none
    again_of: str = ""  # the run that is laid in once more
    remark: str = ""  # what the painter should know of it


class Errand:
    """`carry` an order, or `fetch` what an earlier Krita ordered. `cancel` and `leave` may come from any thread.

    It ends at the engine that was used when it was made.
    """

    def __init__(self, engines: Engines, notes: Notes, tell: Callable[[Progress], None]) -> None:
        self._engines, self._way = engines, engines.way
        self._notes = notes
        self._tell = tell
        self._listening = Listening()
        self._is_cancelled = False
        self._engine: Engine | None = None
        self.job_id = ""  # once the engine has taken it
        self._was_run_again = False

    def carry(self, order: Order) -> Delivery:
        """Send, follow, fetch. Raises CancelledError, LeftError, or EngineError with the reason."""
        note = Note("", order.document_name, order.label, order.canvas, self._way.address)
        return self._persist(note, lambda engine: self._send(engine, order))

    def fetch(self, note: Note) -> Delivery:
        """Follow and fetch a job that was sent before."""
        self.job_id = note.job_id

        def is_unknown(_: Engine) -> Job:
            raise EngineError(
                tr("The engine does not keep this result any more."), tr("Run the edit again."), code="job_unknown"
            )

        return self._persist(note, is_unknown)

    def cancel(self) -> None:
        """End the job, too. Blocks for one short request: not for the UI thread."""
        self._is_cancelled = True
        try:
            if self._engine and self.job_id:
                self._engine.cancel(self.job_id)
        finally:
            self._listening.stop()

    def hurry(self) -> None:
        """Let it be the next one. Blocks for one short request: not for the UI thread."""
        if self._engine and self.job_id:
            self._engine.hurry(self.job_id)

    def leave(self) -> None:
        """Stop waiting and let the job go on; its note stays for the next Krita."""
        self._listening.stop()

    def _persist(self, note: Note, send: Callable[[Engine], Job]) -> Delivery:
        for attempt in range(ATTEMPTS):
            try:
                return self._try(note, send)
            except LeftError:
                if not self._is_cancelled:
                    raise
                self._drop_note()
                raise CancelledError from None
            except EngineError as error:
                # unauthorized: a new engine at the old one's port
                is_lost = isinstance(error, EngineLostError) or error.status == UNAUTHORIZED
                if not is_lost or attempt == ATTEMPTS - 1:
                    self._give_up(error)
                    raise
                self._tell(Progress(self._way.stage_again))
        raise AssertionError("the last attempt returns or raises")

    def _try(self, note: Note, send: Callable[[Engine], Job]) -> Delivery:
        self._listening.check()
        self._engine = engine = self._engines.connect(self._way)
        job = self._found_again(engine) or send(engine)
        while True:
            self._remember(job, note)
            ended = self._follow(engine, job)
            if ended.state != "interrupted":
                return self._bring(engine, ended)
            job = engine.rerun(ended.id)
            self._was_run_again = True

    def _found_again(self, engine: Engine) -> Job | None:
        """The job that was sent before the engine was lost, or before Krita was closed."""
        if not self.job_id:
            return None
        try:
            job = engine.job(self.job_id)
            if job.state != "interrupted":
                return job
            self._was_run_again = True
            return engine.rerun(job.id)
        except EngineError as error:
            if error.status != 404:
                raise
            return None

    def _send(self, engine: Engine, order: Order) -> Job:
        image, mask = order.image_digest, order.mask_digest
        width, height = order.read_box.width, order.read_box.height
        if order.pixels is not None:
            size = numeral(memoryview(order.pixels).nbytes / 1e6, 1)
            self._tell(Progress(tr("Sending {size} MB…").format(size=size)))
            with order.sending:
                image = engine.upload(order.canvas.model, order.canvas.depth, width, height, order.pixels)
                if order.mask is not None:
                    mask = engine.upload("MASK", "U8", width, height, order.mask)
        request = {**order.request, **_beside(engine, order)}
        self._listening.check()
        return engine.start(edit_request(request, image, mask, order.label))

    def _remember(self, job: Job, note: Note) -> None:
        if self.job_id and self.job_id != job.id:
            self._notes.drop(self.job_id)
        self.job_id = job.id
        self._notes.keep(replace(note, job_id=job.id))
        if self._is_cancelled:
            self.cancel()

    def _give_up(self, error: EngineError) -> None:
        """An engine elsewhere goes on without us: what it was given is fetched when it can be reached again."""
        is_out_of_reach = isinstance(error, OUT_OF_REACH) or error.status == UNAUTHORIZED
        if is_out_of_reach and self._way.address and self.job_id:
            self._notes.let_go(self.job_id)
            fetched_later = tr("What it was given is fetched when it can be reached again.")
            raise EngineLostError(error.message, f"{error.remedy} {fetched_later}", code=LEFT_THERE) from error
        self._drop_note()

    def _drop_note(self) -> None:
        if self.job_id:
            self._notes.drop(self.job_id)

    def _follow(self, engine: Engine, job: Job) -> Job:
        """The job when it has ended; says how far it is meanwhile."""
        stage = tr("Waiting…")
        for event in engine.events(job.id, self._listening):
            if event.name in ("done", "failed", "cancelled", "interrupted"):
                return Job.from_json(event.data)
            stage = self._tell_of(engine, event, stage)
        return engine.job(job.id)

    def _tell_of(self, engine: Engine, event: Event, stage: str) -> str:
        if event.name == "queued":
            ahead = int(event.data.get("position", 1)) - 1
            stage = tr("Waiting…")
            if ahead > 0:
                stage = trn("Waiting: {count} before this one", "Waiting: {count} before this one", ahead).format(
                    count=numeral(ahead)
                )
            self._tell(Progress(stage, ahead=max(0, ahead)))
        elif event.name == "running":
            stage = tr("Working…")
            self._tell(Progress(stage))
        elif event.name == "progress":
            stage = translated(sentence(str(event.data.get("message") or "Working…")))
            left = event.data.get("seconds_left")
            stage = stage if left is None else tr("{stage}, {time}").format(stage=stage, time=time_left(float(left)))
            self._tell(Progress(stage, float(event.data.get("fraction") or 0.0)))
        elif event.name == "preview":
            try:
                self._tell(Progress(stage, preview=engine.download(event.data["image"])))
            except EngineError as error:  # an old preview may be gone; the next one comes
                if error.status != 404:
                    raise
        return stage

    def _bring(self, engine: Engine, job: Job) -> Delivery:
        if job.state == "cancelled":
            self._drop_note()
            raise CancelledError
        if job.state == "failed" or job.result is None or job.plan is None:
            raise EngineError.from_json(job.error or {})
        self._tell(Progress(tr("Fetching the result…"), 1.0))
        pixels = engine.download(job.result.pixels).raw
        mask = engine.download(job.result.mask).raw
        return Delivery(job.id, job.plan, job.result, pixels, mask, self._was_run_again, fetched(engine, job.result))


def _beside(engine: Engine, order: Order) -> dict[str, Any]:
    """What a request says of the pictures beside the edit's own; they are handed over."""

    def sent(shown: Capture) -> str:
        box = shown.box
        return engine.upload(order.canvas.model, order.canvas.depth, box.width, box.height, shown.pixels)

    told: dict[str, Any] = {"control_image": sent(order.control)} if order.control else {}
    if order.references:
        told["references"] = [{"image": sent(each), "box": asdict(each.box)} for each in order.references]
    return told


def time_left(seconds: float) -> str:
    """About how long it still takes, no more exactly than anybody can know."""
    if seconds < 10:
        return tr("a few seconds left")
    if seconds < 60:
        return tr("about {seconds} s left").format(seconds=numeral(round(seconds / 5) * 5))
    if seconds < 570:
        return tr("about {minutes} min left").format(minutes=numeral(max(1, round(seconds / 60))))
    return tr("about {minutes} min left").format(minutes=numeral(round(seconds / 300) * 5))


def sentence(message: str) -> str:
    """The engine's progress message with a capital first letter."""
    return message[:1].upper() + message[1:]
