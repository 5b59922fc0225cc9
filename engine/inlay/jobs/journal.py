"""The jobs on disk: what an engine that was killed still knows when it starts again.

SQLite in WAL mode with full syncs: a commit that returned outlives SIGKILL and power cuts, and a torn one never shows.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from pathlib import Path

from inlay.jobs.records import decoded, encoded
from inlay.jobs.states import Job, JobError

SCHEMA_VERSION = 1
_log = logging.getLogger(__name__)


class Journal:
    """One table of jobs. Safe to use from several threads; raises JobError where the disk does not take it."""

    def __init__(self, path: Path) -> None:
        """Opens the journal; one that cannot be read is put aside as `<name>.broken` and a new one begun."""
        self.path = path
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self._database = _opened(path)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise self._refusal(error) from error
            _log.exception("The journal cannot be read and is put aside: %s", path)
            path.replace(path.with_name(f"{path.name}.broken"))
            self._database = _opened(path)

    def jobs(self) -> list[Job]:
        """Every job, oldest first. Rows that another version wrote and this one cannot read are left alone."""
        with self._lock:
            rows = self._database.execute("SELECT id, record FROM jobs ORDER BY created").fetchall()
        jobs = []
        for job_id, record in rows:
            try:
                jobs.append(decoded(record))
            except (KeyError, TypeError, ValueError):
                _log.warning("Job %s in the journal is of another version and is left alone", job_id)
        return jobs

    def save(self, job: Job) -> None:
        """Write a job, or write it anew."""
        row = (job.id, job.created, encoded(job))
        self._commit("INSERT OR REPLACE INTO jobs (id, created, record) VALUES (?, ?, ?)", row)

    def delete(self, job_id: str) -> None:
        """Forget a job."""
        self._commit("DELETE FROM jobs WHERE id = ?", (job_id,))

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def _commit(self, statement: str, values: tuple[object, ...]) -> None:
        with self._lock:
            try:
                with self._database:
                    self._database.execute(statement, values)
            except sqlite3.Error as error:
                raise self._refusal(error) from error

    def _refusal(self, error: sqlite3.Error) -> JobError:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            return JobError(
                "disk_full",
                f"The disk with {self.path.parent} is full, and the job could not be written down.",
                remedy="Free some space there, or let INLAY_HOME name a folder on another disk, and try again.",
            )
        return JobError(
            "disk_error",
            f"The journal {self.path} cannot be written: {error}.",
            remedy="Check the folder's permissions, or let INLAY_HOME name another folder.",
        )


def _opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, check_same_thread=False)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if version not in (0, SCHEMA_VERSION):
            raise sqlite3.DatabaseError(f"journal of schema {version}")
        with database:
            database.execute("CREATE TABLE IF NOT EXISTS jobs (id TEXT PRIMARY KEY, created REAL, record TEXT)")
            database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    except BaseException:
        database.close()
        raise
    return database
