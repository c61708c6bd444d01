"""The tests' own ground: no network, a clock that stands still, a fresh store for each test."""

import socket
from datetime import UTC, datetime, timedelta

import pytest
from pytest_socket import SocketConnectBlockedError
from sqlalchemy import text

from child_index.store import engine


def test_no_test_reaches_the_network():
    with (
        socket.socket() as outside,
        pytest.warns(match=r"192\.0\.2\.1"),
        pytest.raises(SocketConnectBlockedError),
    ):
        outside.connect(("192.0.2.1", 80))


def test_a_server_on_this_machine_can_be_reached():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        socket.create_connection(server.getsockname()).close()


def test_the_clock_stands_at_nine_on_a_monday_morning_until_it_is_moved(clock):
    assert clock() == clock() == datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    clock.move_to(2027, 6, 1)
    assert clock() == datetime(2027, 6, 1, 8, 0, tzinfo=UTC)
    clock.move_on(timedelta(minutes=16))
    assert clock() == datetime(2027, 6, 1, 8, 16, tzinfo=UTC)
    assert clock().tzinfo is UTC


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_a_store_of_its_own(store_url, turn):
    opened = engine.connect(store_url)
    with engine.transaction(opened) as conn:
        assert conn.execute(text("SELECT count(*) FROM child")).scalar_one() == 0
        conn.execute(
            text(
                "INSERT INTO child (id, index_number, version, created_at)"
                " VALUES (1, 'C1', 1, '2026-11-23 09:00:00')"
            )
        )
    opened.dispose()
    assert opened.dialect.name in store_url


def test_an_index_opens_on_each_store(index):
    assert index.is_ready()
