"""Other processes on the same store: started quickly, let go at one instant, killed at will."""

import multiprocessing
from pathlib import Path

from child_index import intake
from child_index.config import Settings
from child_index.gate import open_index
from child_index.jobs import run_worker
from tests.factories import system
from tests.feeding import feed_caller

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.processes"])


def start(doing, settings, *arguments):
    """Start ``doing(index, told, *arguments)`` in a process of its own, on an index of its own.

    Returns the process and our end of a pipe whose other end is ``told``.
    """
    ours, theirs = _context.Pipe()
    place = (str(settings.home), settings.url)
    process = _context.Process(target=_run, args=(doing, place, theirs, arguments), daemon=True)
    process.start()
    theirs.close()
    return process, ours


def _run(doing, place, told, arguments):
    home, url = place
    index = open_index(Settings(home=Path(home), database_url=url))
    told.send("ready")
    told.send(doing(index, told, *arguments))
    index.close()


def put_when_told(index, told, feed, source_record_id, body):
    """Wait for word, then put one record; answers with the outcome."""
    told.recv()
    put = intake.put_record(index, feed_caller(feed), feed, source_record_id, body)
    return put.receipt.outcome


def work(index, _told):
    """Apply what is waiting."""
    return len(intake.apply_pending(index, system()))


def run_a_worker(index, _told):
    """Be the worker until stopped."""
    index.close()
    run_worker(index.settings)
