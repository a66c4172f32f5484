"""The PostgreSQL behind RDS itself: what is in it, how it is carried, when it starts and that it ends."""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Timer

import psycopg
import pytest

from ssmx.sandbox.control import Running

from .conftest import Client, Connect, endpoint
from .tunnelled import tunnelled


def rows(connection: psycopg.Connection, query: str) -> list[tuple]:
    return connection.execute(query).fetchall()


# what is in it


def test_the_payments_are_there_to_be_read(connect: Connect) -> None:
    with connect() as connection:
        assert rows(connection, "SELECT count(*), min(id), max(id) FROM payments") == [(200, 1, 200)]
        assert rows(connection, "SELECT customer, amount::text, currency FROM payments WHERE id = 7") == [
            ("cus_0433", "332.03", "GBP")
        ]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM payments")


@pytest.mark.parametrize("kind", ["WRITER", "CUSTOM"])
def test_the_orders_are_behind_the_endpoints_of_their_cluster(connect: Connect, rds: Client, kind: str) -> None:
    every = rds.describe_db_cluster_endpoints(DBClusterIdentifier="orders")["DBClusterEndpoints"]
    hosts = {each["EndpointType"]: each["Endpoint"] for each in every}
    with connect(host=hosts[kind], dbname="orders") as connection:
        assert rows(connection, "SELECT count(*) FROM orders") == [(120,)]


def test_nothing_listens_behind_the_mysql_instance(running: Running, ssm: Client, node: str, rds: Client) -> None:
    with (
        tunnelled(running, ssm, node, 3306, endpoint(rds, "catalog-prod")) as port,
        socket.create_connection(("127.0.0.1", port), timeout=10) as connection,
        suppress(ConnectionResetError),
    ):
        assert connection.recv(1) == b""


# how it is carried


def test_parameters_of_the_session_arrive(connect: Connect) -> None:
    with connect(application_name="reports", options="-c statement_timeout=4321") as connection:
        assert rows(connection, "SELECT current_setting('application_name')") == [("reports",)]
        assert rows(connection, "SHOW statement_timeout") == [("4321ms",)]


def test_a_query_is_cancelled(connect: Connect) -> None:
    with connect(autocommit=True) as connection:
        # the first goes in clear, as psql's Ctrl-C; the second as the session does
        for cancel in (connection.cancel, connection.cancel_safe):
            begun = time.monotonic()
            timer = Timer(0.1, cancel)
            timer.start()
            with pytest.raises(psycopg.errors.QueryCanceled):
                connection.execute("SELECT pg_sleep(30)")
            timer.join()
            assert time.monotonic() - begun < 5
        assert rows(connection, "SELECT 1") == [(1,)]


def test_who_does_not_know_the_session_does_not_cancel_it(
    connect: Connect, at: Callable[[str], int], host: str
) -> None:
    with connect() as connection:
        forged = struct.pack("!IIII", 16, 80877102, connection.info.backend_pid, 1)
        with socket.create_connection(("127.0.0.1", at(host)), timeout=10) as stranger:
            stranger.sendall(forged)
            assert stranger.recv(1) == b""
        assert rows(connection, "SELECT pg_sleep(0.1)::text") == [("",)]


def test_much_goes_both_ways_and_stays_whole(connect: Connect, rds: Client) -> None:
    rds.modify_db_instance(DBInstanceIdentifier="payments-prod", MasterUserPassword="master")
    data = os.urandom(3 << 20)
    with connect(user="postgres", password="master") as connection:
        connection.execute("CREATE TEMPORARY TABLE heap (data bytea)")
        connection.execute("INSERT INTO heap VALUES (%b)", [data])
        assert connection.execute("SELECT data FROM heap", binary=True).fetchone() == (data,)


def test_who_does_not_read_does_not_fill_the_sandbox(connect: Connect, running: Running) -> None:
    connection = connect()
    before = resident(running.pid)
    connection.pgconn.send_query(b"SELECT repeat('x', 1000) FROM generate_series(1, 60000)")
    time.sleep(0.5)
    assert resident(running.pid) - before < 16 << 20
    connection.close()


def resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * 4096


def test_fifty_come_at_once(connect: Connect) -> None:
    def ask(number: int) -> int:
        with connect() as connection:
            return int(rows(connection, f"SELECT {number} FROM payments LIMIT 1")[0][0])

    with ThreadPoolExecutor(50) as pool:
        assert list(pool.map(ask, range(50))) == list(range(50))


@pytest.mark.parametrize(
    "said",
    [b"GET / HTTP/1.1\r\n\r\n", b"\0\0\0\4", b"\0\0\0\0", struct.pack("!II", 8, 80877103) + b"GET /\r\n\r\n"],
)
def test_who_speaks_something_else_is_cut_off(at: Callable[[str], int], host: str, said: bytes) -> None:
    with socket.create_connection(("127.0.0.1", at(host)), timeout=10) as connection:
        connection.sendall(said)
        while connection.recv(1 << 10):
            pass


def test_gss_is_declined_and_an_unknown_protocol_refused(at: Callable[[str], int], host: str) -> None:
    with socket.create_connection(("127.0.0.1", at(host)), timeout=10) as connection:
        connection.sendall(struct.pack("!II", 8, 80877104))
        assert connection.recv(1) == b"N"
        connection.sendall(struct.pack("!II", 9, 2 << 16) + b"\0")
        assert b"unsupported frontend protocol 2.0" in connection.recv(1 << 10)
