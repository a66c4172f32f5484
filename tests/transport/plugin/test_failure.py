"""The Go errors behind `Cannot perform start session:`, in the words of several versions."""

import pytest

from ssmx.errors import AccessDenied, LocalFault, NoPlugin, ProtocolError, SessionLost, SignInExpired, TryLater
from ssmx.model.plan import plan_shell
from ssmx.model.plugin import judge
from ssmx.model.target import Target
from ssmx.transport.plugin.chatter import LastWords, Said
from ssmx.transport.plugin.failure import failure

PLAN = plan_shell(Target("i-0123456789abcdef0", "eu-west-1", name="api"))


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("dial tcp 10.0.0.1:443: i/o timeout", TryLater),
        ("dial tcp 10.0.0.1:443: connect: connection refused", TryLater),
        ("tls: failed to verify certificate: x509: certificate signed by unknown authority", TryLater),
        ("proxyconnect tcp: EOF", TryLater),
        ("AccessDeniedException: User: x is not authorized to perform: ssm:ResumeSession", AccessDenied),
        ("websocket: bad handshake", AccessDenied),
        (
            "operation error KMS: GenerateDataKey, https response error StatusCode: 400, AccessDeniedException",
            AccessDenied,
        ),
        ("failed to refresh cached credentials, no EC2 IMDS role found", SignInExpired),
        ("NoCredentialProviders: no valid providers in chain", SignInExpired),
        ("ExpiredTokenException: The security token included in the request is expired", SignInExpired),
        ("invalid StreamUrl: not a Session Manager endpoint", NoPlugin),
        ("listen tcp 127.0.0.1:5432: bind: address already in use", LocalFault),
        ("listen unix /x/session_manager_plugin_mux.sock: bind: invalid argument", LocalFault),
        ("dial tcp: lookup ssmmessages.x: no such host", TryLater),
        ("unable to determine SessionType", ProtocolError),
        ("a thing of tomorrow", SessionLost),
    ],
)
def test_a_reason_becomes_the_error_of_its_kind(reason, kind):
    error = failure(LastWords(Said.FAILED, reason), PLAN, judge("/p", "1.2.896.0"), heard=False, how="ended")
    assert type(error) is kind
    assert reason in error.message
    assert error.hint


@pytest.mark.parametrize(
    ("reason", "status", "shown"),
    [
        ("bind: address already in use", 73, "port is taken"),
        ("bind: invalid argument", 73, "TMPDIR=/tmp"),
        ("no such host", 75, "cannot open the data channel"),
        ("websocket: bad handshake", 77, "ssmmessages:OpenDataChannel"),
        ("NoCredentialProviders", 77, "sign in"),
        ("invalid StreamUrl", 73, "--transport native"),
        ("unable to determine SessionType", 76, "kind of session"),
    ],
)
def test_it_says_what_happened_and_what_to_do(reason, status, shown):
    error = failure(LastWords(Said.FAILED, reason), PLAN, judge("/p", "1.2.896.0"), heard=False, how="ended")
    assert error.exit == status
    assert shown in f"{error.message}\n{error.hint}"
