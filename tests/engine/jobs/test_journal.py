"""The journal: what was saved is read again, whole; what cannot be read is put aside and not lost."""

import shutil
import sqlite3
from dataclasses import replace

import pytest
from inlay.errors import Fault
from inlay.jobs.journal import Journal
from inlay.jobs.records import decoded, encoded
from inlay.jobs.states import JobError, State


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal" / "jobs.sqlite3"


@pytest.fixture
def journal(path):
    journal = Journal(path)
    yield journal
    journal.close()


def test_jobs_come_back_as_they_were_oldest_first(path, make_job):
    journal = Journal(path)
    later = make_job(State.DONE, created=2.0, ended=3.0, result=("c", "d"), fetched=frozenset("c"), progress=1.0)
    earlier = make_job(State.FAILED, mask=None, created=1.0, error=Fault("bug", "it broke", "mask", "mend it"))
    for job in (later, earlier):
        journal.save(job)
    journal.close()
    journal = Journal(path)
    assert journal.jobs() == [earlier, later]
    journal.close()


def test_records_hold_pairs(make_job):
    job = make_job(State.QUEUED)
    edit = replace(job.request.edit, variations=((3, 0.25), (4, 1.0)))
    job = replace(job, request=replace(job.request, edit=edit))
    assert decoded(encoded(job)) == job


@pytest.mark.parametrize("state", list(State))
def test_records_hold_every_state(make_job, state):
    job = make_job(state)
    assert decoded(encoded(job)) == job


def test_saving_again_replaces(journal, make_job):
    job = make_job()
    journal.save(job)
    journal.save(replace(job, state=State.CANCELLED))
    assert [saved.state for saved in journal.jobs()] == [State.CANCELLED]
    journal.delete(job.id)
    assert journal.jobs() == []


def test_a_job_of_another_version_is_left_alone(journal, path, make_job):
    job = make_job()
    journal.save(job)
    with sqlite3.connect(path) as database:
        database.execute("INSERT INTO jobs VALUES ('x', 0, '{\"edit\": \"of tomorrow\"}')")
        database.execute("INSERT INTO jobs VALUES ('y', 0, 'no json')")
    database.close()
    assert journal.jobs() == [job]


@pytest.mark.parametrize("content", [b"this is no database, and it is long enough to be looked at" * 50])
def test_a_broken_journal_is_put_aside(path, make_job, content):
    path.parent.mkdir()
    path.write_bytes(content)
    journal = Journal(path)
    journal.save(make_job())
    assert len(journal.jobs()) == 1
    journal.close()
    assert path.with_name("jobs.sqlite3.broken").read_bytes() == content


def test_a_torn_journal_is_mended_from_its_log(journal, path, tmp_path, make_job):
    """As a killed engine leaves it: the file itself is broken, and what was committed is in SQLite's log."""
    job = make_job()
    journal.save(job)
    torn = tmp_path / "copy" / path.name
    shutil.copytree(path.parent, torn.parent)
    torn.write_bytes(b"x" * 4096)
    again = Journal(torn)
    assert again.jobs() == [job]
    again.close()


def test_a_journal_of_another_schema_is_put_aside(path, make_job):
    Journal(path).close()
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    journal = Journal(path)
    assert journal.jobs() == []
    journal.close()
    assert path.with_name("jobs.sqlite3.broken").exists()


def test_a_full_disk_is_named_and_the_journal_stays_whole(journal, make_job):
    """SQLite's own error for a full disk, brought about by its own limit on pages."""
    job = make_job()
    journal.save(job)
    (pages,) = journal._database.execute("PRAGMA page_count").fetchone()
    journal._database.execute(f"PRAGMA max_page_count = {pages}")

    def save_many():
        for _ in range(100):
            journal.save(make_job())

    with pytest.raises(JobError, match="is full") as refusal:
        save_many()
    assert refusal.value.fault.code == "disk_full"
    assert "INLAY_HOME" in refusal.value.fault.remedy
    kept = journal.jobs()
    assert job in kept
    journal._database.execute("PRAGMA max_page_count = 1000000")
    another = make_job(created=9.0)
    journal.save(another)
    assert journal.jobs() == [*kept, another]


def test_a_journal_that_cannot_be_opened_is_named(tmp_path):
    (tmp_path / "jobs.sqlite3").mkdir()
    with pytest.raises(JobError, match=r"jobs\.sqlite3"):
        Journal(tmp_path / "jobs.sqlite3")
