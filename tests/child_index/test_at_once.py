"""Many at once: the same record, the same child, the same batch; and a worker that is killed."""

import json
import threading
import time
from contextlib import contextmanager

import pytest

from child_index import intake
from child_index.errors import Refused, Unavailable
from child_index.store import engine, links
from tests import processes
from tests.factories import system
from tests.feeding import Agency, child, rows, unlike

PUSHERS = 8
NAMES = ("Ann", "Bela", "Chidi", "Dora", "Emeka", "Farah", "Gita", "Hugo", "Ines", "Jakub")


def at_once(doings):
    """Do each in a thread of its own, all let go at one instant; what each gave or raised."""
    barrier = threading.Barrier(len(doings))
    found = [None] * len(doings)

    def run(place, doing):
        barrier.wait()
        try:
            found[place] = doing()
        except Refused as refusal:
            found[place] = refusal

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(doings)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_eight_processes_that_put_one_record_at_once_make_one_record(index):
    Agency(index)
    arguments = ("social-care", "7731", json.dumps(child()).encode())
    pushers = [
        processes.start(processes.put_when_told, index.settings, *arguments) for _ in range(PUSHERS)
    ]
    for _, pusher in pushers:
        assert pusher.recv() == "ready"
    for _, pusher in pushers:
        pusher.send("go")
    outcomes = [pusher.recv() for _, pusher in pushers]
    assert sorted(outcomes) == ["accepted"] + ["unchanged"] * (PUSHERS - 1)
    assert rows(index, "SELECT count(*) FROM source_record") == [(1,)]
    assert rows(index, "SELECT count(*) FROM child") == [(1,)]
    assert rows(index, "SELECT count(*) FROM involvement") == [(1,)]
    assert rows(index, "SELECT count(*) FROM audit_event WHERE action = 'record:put'") == [(8,)]


@pytest.fixture
def eight(index):
    return [Agency(index, f"feed-{n}") for n in range(PUSHERS)]


def put_by_all(eight, number):
    line = child(
        str(number),
        names=[{"given": [NAMES[number]], "family": NAMES[-number - 1]}],
        birthDate=f"2011-05-{number + 1:02}",
        address={"lines": [f"{number} Elm Road"], "postcode": f"XN{number} 6AE"},
        carers=[],
    )
    return at_once([lambda agency=agency: agency.put(line) for agency in eight])


def test_eight_agencies_that_send_one_unknown_child_at_once_make_one_child(index, eight):
    for number in range(3):
        found = put_by_all(eight, number)
        assert [each.receipt.outcome for each in found] == ["accepted"] * PUSHERS
    assert rows(index, "SELECT count(*) FROM source_record") == [(3 * PUSHERS,)]
    assert rows(index, "SELECT count(*) FROM child") == [(3,)]


def went_wrong(index, eight):
    """Whether records sent at once, a few times, end in a refusal or in a second child."""
    for number in range(len(NAMES)):
        found = put_by_all(eight, number)
        children = rows(index, "SELECT count(*) FROM child")[0][0]
        if any(isinstance(each, Unavailable) for each in found) or children > number + 1:
            return True
    return False


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_with_a_deferred_begin_and_no_lock_it_would_be_noticed(index, eight, monkeypatch):
    @contextmanager
    def deferred(of):
        with of.connect().execution_options(reading=True) as conn, conn.begin():
            yield conn

    monkeypatch.setattr(engine, "transaction", deferred)
    assert went_wrong(index, eight)


@pytest.mark.parametrize("store_url", ["postgres"], indirect=True)
def test_without_the_matching_lane_it_would_be_noticed(index, eight, monkeypatch):
    monkeypatch.setattr(links, "queue_up", lambda _conn: None)
    assert went_wrong(index, eight)


def test_four_workers_that_apply_one_batch_at_once_apply_each_row_once(index):
    agency = Agency(index)
    state = agency.receive(*(unlike(n) for n in range(450)))
    at_once([lambda: intake.apply(index, system(), state.batch_id)] * 4)
    done = intake.apply(index, system(), state.batch_id)
    assert (done.state, done.accepted, done.percent) == ("loaded", 450, 100)
    assert rows(index, "SELECT count(*), count(DISTINCT line) FROM receipt") == [(450, 450)]
    assert rows(index, "SELECT count(*) FROM source_record") == [(450,)]


def test_a_chunk_that_fails_leaves_no_trace_and_the_next_call_goes_on_from_there(
    index, monkeypatch
):
    agency = Agency(index)
    state = agency.receive(*(unlike(n) for n in range(450)))
    applied, left = links.queue_up, iter([True, True, False])

    def fail_at_the_third(conn):
        applied(conn)
        if not next(left, True):
            raise Unavailable

    monkeypatch.setattr(links, "queue_up", fail_at_the_third)
    with pytest.raises(Unavailable):
        intake.apply(index, system(), state.batch_id)
    part = intake.batch_state(index, agency.caller, "social-care", state.batch_id)
    assert (part.state, part.accepted, part.percent) == ("running", 400, 88)
    assert rows(index, "SELECT count(*) FROM source_record") == [(400,)]
    done = intake.apply(index, system(), state.batch_id)
    assert (done.state, done.accepted) == ("loaded", 450)


def test_a_worker_killed_in_the_middle_is_taken_up_where_it_was(index):
    agency = Agency(index)
    many = 1_200
    state = agency.receive(*(unlike(number) for number in range(many)))
    for _ in range(3):
        kill_in_the_middle(index)
        applied = rows(index, "SELECT applied FROM batch")[0][0]
        assert rows(index, "SELECT count(*) FROM source_record") == [(applied,)]
        assert rows(index, "SELECT count(*) FROM receipt") == [(applied,)]
    intake.apply_pending(index, system())
    done = intake.batch_state(index, agency.caller, "social-care", state.batch_id)
    assert (done.state, done.accepted) == ("loaded", many)
    for distinct in ("source_record_id) FROM source_record", "line) FROM receipt"):
        assert rows(index, f"SELECT count(*), count(DISTINCT {distinct}") == [(many, many)]


def kill_in_the_middle(index):
    """Let a worker apply a chunk or two of what waits, and kill it."""
    worker, told = processes.start(processes.work, index.settings)
    assert told.recv() == "ready"
    before = rows(index, "SELECT applied FROM batch")
    while rows(index, "SELECT applied FROM batch") == before and worker.is_alive():
        time.sleep(0.002)
    worker.kill()
    worker.join()


def test_a_batch_pushed_eight_times_at_once_is_stored_once(index):
    Agency(index)

    def push():
        return Agency(index, registered=True).receive(child())

    found = at_once([push] * PUSHERS)
    assert len({each.batch_id for each in found}) == 1
    assert sorted(each.is_repeat for each in found) == [False] + [True] * (PUSHERS - 1)
