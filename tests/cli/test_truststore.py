"""The certificates of RDS: fetched once over HTTPS, kept, and never taken from anywhere else."""

import os
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.transport.node import certificate
from tests.transport.proxy import proxy

HOST = "truststore.pki.rds.amazonaws.com"
CERT = [sys.executable, "-c", "import os; print(os.environ['PGSSLROOTCERT'])"]


class Truststore(BaseHTTPRequestHandler):
    """What AWS publishes the certificates with; `answers` are bodies, None for a 500."""

    def do_GET(self):
        self.asked.append(self.path)
        body = self.answers.pop(0) if self.answers else None
        self.send_response(200 if body else 500)
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_):
        pass


@contextmanager
def truststore(folder, *answers):
    """It, behind a proxy; gives the variables that lead there, and what was asked of it."""
    context, ca = certificate(folder, HOST)
    Truststore.answers, Truststore.asked = list(answers), []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Truststore)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        with proxy(server.server_port) as (url, _):
            yield (
                {
                    "HTTPS_PROXY": url,
                    "AWS_CA_BUNDLE": str(ca),
                    "SSMX_CA_BUNDLE": "",
                    "XDG_CACHE_HOME": str(folder / "cache"),
                },
                Truststore.asked,
            )
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def bundle(tmp_path):
    """A file of certificates, as AWS publishes one."""
    (tmp_path / "other").mkdir()
    return certificate(tmp_path / "other", "db")[1].read_bytes()


def test_it_is_fetched_once_and_kept_for_its_user_alone(ssmx, tmp_path, bundle):
    with truststore(tmp_path, bundle, b"never asked") as (env, asked):
        first = ssmx("tunnel", "rds", "payments-prod", "--", *CERT, **env)
        path = Path(first.out.strip())
        assert path.read_bytes() == bundle, first.err
        assert ssmx("tunnel", "rds", "payments-prod", "--", *CERT, **env).out == first.out
        assert asked == ["/global/global-bundle.pem"]
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [each.name for each in path.parent.iterdir() if each.is_file()] == [path.name]


def test_an_old_one_is_fetched_again_and_good_enough_where_that_fails(ssmx, tmp_path, bundle):
    with truststore(tmp_path, bundle, None, bundle + b"\n") as (env, asked):
        path = Path(ssmx("tunnel", "rds", "payments-prod", "--", *CERT, **env).out.strip())
        for expected in (bundle, bundle + b"\n"):
            long_ago = time.time() - 40 * 86400
            os.utime(path, (long_ago, long_ago))
            assert ssmx("tunnel", "rds", "payments-prod", "--", "true", **env).status == 0
            assert path.read_bytes() == expected
        assert len(asked) == 3


@pytest.mark.parametrize("answer", [None, b"<html>log in here</html>", b"-----BEGIN CERTIFICATE-----\nx\n"])
def test_what_is_no_certificate_is_not_kept(ssmx, levers, tmp_path, answer):
    with truststore(tmp_path, answer) as (env, _):
        result = ssmx("tunnel", "rds", "payments-prod", "--", "true", **env)
    assert result.status == 75
    assert "`ca_bundle` in the config" in result.err
    assert not list((tmp_path / "cache").rglob("*.pem"))
    assert levers.open_sessions() == []


def test_a_server_that_is_not_verified_is_not_believed(ssmx, tmp_path, bundle):
    with truststore(tmp_path, bundle) as (env, asked):
        other = str(tmp_path / "other" / "ca.pem")
        result = ssmx("tunnel", "rds", "payments-prod", "--", "true", **{**env, "AWS_CA_BUNDLE": other})
    assert result.status == 75
    assert asked == []


def test_a_file_that_is_named_is_taken_and_has_to_be_there(ssmx, tmp_path):
    named = tmp_path / "mine.pem"
    named.write_text("mine")
    result = ssmx("tunnel", "rds", "payments-prod", "--", *CERT, SSMX_CA_BUNDLE=str(named))
    assert result.out == f"{named}\n"
    result = ssmx("tunnel", "rds", "payments-prod", "--", "true", SSMX_CA_BUNDLE="/nowhere.pem")
    assert result.status == 78
    assert "/nowhere.pem (SSMX_CA_BUNDLE)" in result.err
