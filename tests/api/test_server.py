"""The service as it is run: gunicorn, the worker and the command line, over real sockets."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from child_index.store import migrate
from tests.api.doors import DESK, SOCIAL_CARE, batch_of, child_line, opening, search_for
from tests.doors import digest_of

PROGRAM = (sys.executable, "-c", "from api.cli import main; main()")
PATIENCE = 60


@dataclass
class Running:
    """The web service and the worker, as processes of their own."""

    url: str
    port: int
    environment: dict[str, str]
    log: Path

    def command(self, *words):
        return subprocess.run(
            (*PROGRAM, *words),
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def token(self, persona):
        return self.command("demo-token", persona).stdout.strip()

    def raw(self, request, *, then_hang_up_after=None):
        """Send bytes as they are, and read what comes back until the server closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as connection:
            connection.sendall(request[:then_hang_up_after])
            if then_hang_up_after is not None:
                connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65_536), b"")).decode()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A demonstration on a free port of loopback, with social care registered."""
    home, port = tmp_path_factory.mktemp("home"), free_port()
    migrate.upgrade(f"sqlite:///{home / 'child_index.sqlite'}")
    environment = {name: value for name, value in os.environ.items() if "CHILD_INDEX" not in name}
    environment |= {
        "CHILD_INDEX_HOME": str(home),
        "CHILD_INDEX_MODE": "demo",
        "CHILD_INDEX_PORT": str(port),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    log = home / "log"
    made = Running(url=f"http://127.0.0.1:{port}", port=port, environment=environment, log=log)
    name = ("feed", "register", SOCIAL_CARE, "--organisation", DESK["organisation"])
    assert made.command(*name).returncode == 0
    assert made.command("feed", "accredit", SOCIAL_CARE).returncode == 0
    with contextlib.ExitStack() as stack:
        out = stack.enter_context(log.open("wb"))
        for what in ("serve", "worker"):
            process = subprocess.Popen(
                (*PROGRAM, what), env=environment, stdout=out, stderr=out, start_new_session=True
            )
            stack.callback(stop, process)
        wait_for(made)
        yield made


def stop(process):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(made):
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{made.url}/readyz", trust_env=False).status_code == 200:
                return
        time.sleep(0.1)
    pytest.fail("the service did not start")


def test_a_file_is_pushed_with_one_command_and_its_child_is_found(running, tmp_path):
    file = tmp_path / "own.ndjson"
    unborn = child_line("7799", birthDate="2011-02-31", identifiers=[])
    file.write_text("".join(json.dumps(line) + "\n" for line in (child_line(), unborn)))
    pushed = running.command("feed", "push", str(file), "--feed", SOCIAL_CARE)
    assert pushed.returncode == 0, pushed.stdout + pushed.stderr
    assert "2 received, 1 accepted" in pushed.stdout
    assert "\x1b" not in pushed.stdout + pushed.stderr
    receipts = (tmp_path / "own.ndjson.receipts.csv").read_text().splitlines()
    assert receipts[1].startswith("2,7731,accepted")
    assert receipts[2].startswith("3,7799,rejected")
    asked = {"headers": {"Authorization": f"Bearer {running.token('melanie')}"}}
    with httpx.Client(base_url=running.url, trust_env=False, **asked) as melanie:
        found = melanie.post("/api/v1/searches", json=search_for()).json()["results"]
        opened = melanie.post("/api/v1/children/open", json=opening(found[0]["handle"]))
    assert opened.status_code == 200
    assert [row["organisation"] for row in opened.json()["involvements"]] == [DESK["organisation"]]
    log = running.log.read_text()
    assert "Hannah" not in log
    assert found[0]["handle"] not in log


def test_a_refused_push_says_why_and_ends_with_one(running, tmp_path):
    file = tmp_path / "bad.csv"
    file.write_text("given_names\nHannah\n")
    pushed = running.command("feed", "push", str(file), "--feed", SOCIAL_CARE)
    assert pushed.returncode == 1
    assert "source_record_id" in pushed.stderr
    assert "Traceback" not in pushed.stderr
    unknown = running.command("feed", "push", str(file), "--feed", "nobody")
    assert unknown.returncode == 1
    assert "Nothing can be shown here" in unknown.stderr


def headers_of(running, body, *more):
    lines = [
        f"POST /api/v1/feeds/{SOCIAL_CARE}/batches HTTP/1.1",
        f"Host: 127.0.0.1:{running.port}",
        f"Authorization: Bearer {running.token(f'feed:{SOCIAL_CARE}')}",
        "Content-Type: application/x-ndjson",
        f"Content-Digest: {digest_of(body)}",
        "Connection: close",
        *more,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def chunked(body):
    middle = len(body) // 2
    parts = (body[:middle], body[middle:], b"")
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)


def test_a_sender_who_hangs_up_half_way_is_refused_and_may_send_again(running):
    body = batch_of(child_line("8801"), sequence=90)
    whole = headers_of(running, body, f"Content-Length: {len(body)}") + body
    for missing in (1, len(body) // 2, len(body)):
        answer = running.raw(whole, then_hang_up_after=len(whole) - missing)
        assert answer.startswith("HTTP/1.1 400"), answer[:200]
        assert "application/problem+json" in answer
    head = headers_of(running, body, "Transfer-Encoding: chunked")
    sent = head + chunked(body)
    for missing in (6, len(body) // 3, len(body)):
        answer = running.raw(sent, then_hang_up_after=len(sent) - missing)
        assert answer.startswith("HTTP/1.1 400"), answer[:200]
    # Whole, it is read to its end, and only then refused for what it says.
    assert running.raw(whole).startswith("HTTP/1.1 409")
    assert running.raw(sent).startswith("HTTP/1.1 409")


@pytest.mark.parametrize(
    "request_line",
    [b"GET /Quillfeather?born=2012 HTTP/9\r\n\r\n", b"Quillfeather\r\n\r\n", b"\x00\r\n\r\n"],
)
def test_what_is_no_http_is_refused_and_not_repeated_in_the_log(running, request_line):
    running.raw(request_line)
    assert "Quillfeather" not in running.log.read_text()


def test_each_answer_keeps_to_the_quantum(running):
    headers = {"Authorization": f"Bearer {running.token('melanie')}"}
    with httpx.Client(base_url=running.url, trust_env=False, headers=headers) as melanie:
        for message in (search_for(), search_for({"family": "Marsh"}), opening("nobody")):
            path = "/api/v1/children/open" if "handle" in message else "/api/v1/searches"
            started = time.monotonic()
            melanie.post(path, json=message)
            assert time.monotonic() - started >= 0.025
