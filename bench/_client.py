"""A client that costs next to nothing: bytes to a socket on loopback, bytes back, a stopwatch."""

import json
import socket
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

HOST = "127.0.0.1"
_SECONDS = 60


@dataclass(slots=True, kw_only=True)
class Answers:
    """What came back: milliseconds and bodies, in the order of arrival."""

    milliseconds: list[float] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def get(path: str) -> bytes:
    """The bytes of a GET."""
    return f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()


def post(path: str, token: str, message: object) -> bytes:
    """The bytes of a POST of JSON with a bearer token."""
    body = json.dumps(message).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def ask(
    port: int, requests: Sequence[bytes], *, clients: int = 1, is_kept_alive: bool = True
) -> Answers:
    """Send every request once, each client its share, one after the other; time each.

    A client keeps its connection, or makes a new one for each request, and then that is timed too.

    Raises:
        AssertionError: an answer was not 200.
    """
    shares = [requests[n::clients] for n in range(clients)]
    together = Answers()
    with ThreadPoolExecutor(max_workers=clients) as pool:
        for answers in pool.map(partial(_one_client, port, is_kept_alive), shares):
            together.milliseconds += answers.milliseconds
            together.bodies += answers.bodies
    return together


def _one_client(port: int, is_kept_alive: bool, requests: Sequence[bytes]) -> Answers:
    answers = Answers()
    held = _connect(port) if is_kept_alive else None
    for request in requests:
        started = time.perf_counter()
        connection = held or _connect(port)
        connection.sendall(request)
        body = _answer(connection)
        if held is None:
            connection.close()
        answers.milliseconds.append((time.perf_counter() - started) * 1000)
        answers.bodies.append(body)
    if held is not None:
        held.close()
    return answers


def _connect(port: int) -> socket.socket:
    connection = socket.create_connection((HOST, port), timeout=_SECONDS)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _answer(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        received += _more(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    assert lines[0].split()[1] == b"200", lines[0].decode()
    length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
    while len(body) < length:
        body += _more(connection)
    return body


def _more(connection: socket.socket) -> bytes:
    chunk = connection.recv(1 << 16)
    assert chunk, "the server hung up"
    return chunk
