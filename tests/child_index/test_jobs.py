"""The worker: applies what it is nudged about, and finds by itself what it is not."""

import logging
import time

import pytest

from child_index import intake
from child_index.jobs import open_jobs, system_caller
from tests import processes
from tests.factories import AT, system
from tests.feeding import Agency, child, rows, unlike

PATIENCE_SECONDS = 30


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


@pytest.fixture
def worker(index):
    """A worker in a process of its own; killed at the end if it is still there."""
    started = []

    def start():
        process, told = processes.start(processes.run_a_worker, index.settings)
        assert told.recv() == "ready"
        started.append((process, told))
        return process

    yield start
    for process, _ in started:
        process.kill()
        process.join()


def states(index):
    return [state for (state,) in rows(index, "SELECT state FROM batch ORDER BY sequence")]


def test_a_worker_applies_what_waited_before_it_started_and_what_it_is_nudged_about(index, worker):
    agency = Agency(index)
    agency.receive(child("1"))
    worker()
    wait_for(lambda: states(index) == ["loaded"])
    jobs = open_jobs(index.settings)
    jobs.nudge(agency.receive(child("2")).batch_id)
    jobs.close()
    wait_for(lambda: states(index) == ["loaded", "loaded"])


def test_a_batch_whose_worker_was_killed_is_applied_by_the_next_one(index, worker):
    agency = Agency(index)
    state = agency.receive(*(unlike(number) for number in range(600)))
    first = worker()
    wait_for(lambda: rows(index, "SELECT applied FROM batch") != [(0,)])
    first.kill()
    first.join()
    worker()
    wait_for(lambda: states(index) == ["loaded"])
    done = intake.batch_state(index, agency.caller, "social-care", state.batch_id)
    assert (done.accepted, done.received) == (600, 600)
    assert rows(index, "SELECT count(*), count(DISTINCT line) FROM receipt") == [(600, 600)]


def test_a_worker_stops_when_it_is_asked_to(index, worker):
    Agency(index).receive(child("1"))
    process = worker()
    wait_for(lambda: states(index) == ["loaded"])
    process.terminate()
    process.join(PATIENCE_SECONDS)
    assert process.exitcode == 0


def test_a_job_is_an_id_and_its_queue_is_signed_and_holds_no_name(index):
    state = Agency(index).receive(child(names=[{"given": ["Zqxcanary"], "family": "Marsh"}]))
    jobs = open_jobs(index.settings)
    jobs.nudge(state.batch_id)
    (queued,) = jobs._huey.pending()
    assert queued.args == (state.batch_id,)
    (stored,) = jobs._huey.storage.enqueued_items()
    assert b"Zqxcanary" not in bytes(stored)
    forged = bytes(stored).replace(state.batch_id.encode(), b"0" * len(state.batch_id))
    with pytest.raises(ValueError, match="mismatch"):
        jobs._huey.deserialize_task(forged)
    jobs.close()
    assert (index.settings.home / "keys" / "jobs.key").stat().st_mode & 0o777 == 0o600


def test_jobs_are_run_by_the_worker_only(index):
    jobs = open_jobs(index.settings)
    with pytest.raises(RuntimeError, match="worker only"):
        jobs._apply_batch.call_local("a batch")
    jobs.close()


def test_the_jobs_of_a_worker_do_what_they_say(index, caplog):
    agency = Agency(index)
    jobs = open_jobs(index.settings, index)
    caplog.set_level(logging.INFO)
    state = agency.receive(child("1"))
    jobs._apply_batch.call_local(state.batch_id)
    agency.receive(child("2"))
    jobs._sweep.call_local()
    assert states(index) == ["loaded", "loaded"]
    assert "batch applied" in caplog.messages
    jobs.close()


def test_the_worker_acts_as_the_system_with_the_time_it_is_told():
    assert system_caller(AT).at == AT
    assert system_caller(AT).roles == system().roles
