"""The processes to measure: the real web and worker, and an empty Flask under the same gunicorn."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

from bench._client import HOST, free_port
from child_index.config import Settings
from fixtures.demonstration.services import environment

_SECONDS_TO_START = 60
_SECONDS_TO_STOP = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """A web that answers: its port, and the process at the head of its workers."""

    port: int
    pid: int

    def processor_ms(self) -> float:
        """Milliseconds that its processes have been on a processor so far (Linux), else 0.

        Other than the time on the clock, this does not grow when others use the machine.
        """
        tasks = [
            task
            for pid in (self.pid, *_children_of(self.pid))
            for task in Path(f"/proc/{pid}/task").glob("*/schedstat")
        ]
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e6


def _children_of(pid: int) -> tuple[int, ...]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return tuple(map(int, listed.read_text().split())) if listed.exists() else ()


@contextmanager
def web(settings: Settings) -> Iterator[Web]:
    """Run ``child-index serve`` on a free port of loopback."""
    placed = replace(settings, port=free_port())
    with _running([sys.executable, "-m", "bench._command", "serve"], placed) as process:
        _wait_for(placed.port, process)
        yield Web(port=placed.port, pid=process.pid)


@contextmanager
def worker(settings: Settings) -> Iterator[None]:
    """Run ``child-index worker`` beside the web."""
    with _running([sys.executable, "-m", "bench._command", "worker"], settings):
        yield


@contextmanager
def empty_web(settings: Settings) -> Iterator[Web]:
    """Run the empty Flask with the workers, threads and server of ``child-index serve``."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--bind", f"{HOST}:{port}"]
    command += ["--worker-class", "gthread", "--workers", str(settings.web_workers)]
    command += ["--threads", str(settings.web_threads), "--keep-alive", "15"]
    command += ["--no-control-socket", "--log-level", "warning", "bench._empty:application()"]
    with _running(command, settings) as process:
        _wait_for(port, process)
        yield Web(port=port, pid=process.pid)


@contextmanager
def _running(command: Sequence[str], settings: Settings) -> Iterator["subprocess.Popen[bytes]"]:
    signal.signal(signal.SIGTERM, _leave)  # a bench that is ended ends what it started
    log = settings.home / "bench.log"
    with log.open("ab") as out:
        process = subprocess.Popen(
            command,
            env=environment(settings)
            | {"CHILD_INDEX_ANSWER_QUANTUM_MS": str(settings.answer_quantum_ms)},
            cwd=Path(__file__).parents[1],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=_SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(1)


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("A process did not start; its log is bench.log in the home of the index.")
